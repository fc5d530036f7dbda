import { expect, test, vi } from "vitest";
import { refusal } from "./named-file.ts";
import { reportFailure } from "./report.ts";

test.each([
  ["ENOENT", 1, "not_there"],
  ["ENOTDIR", 1, "not_there"],
  ["EACCES", 1, "not_allowed"],
  ["EPERM", 1, "not_allowed"],
  ["EROFS", 1, "not_allowed"],
  ["EISDIR", 2, "usage"],
])("a file that can't be read for %s ends with %i: %s", (code, exit, told) => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    expect(reportFailure(refusal(Object.assign(new Error("no"), { code }), "a.yaml"), { json: true })).toBe(exit);
  } finally {
    write.mockRestore();
  }
  expect(JSON.parse(lines.join(""))).toMatchObject({ error: { code: told, message: expect.stringContaining("a.yaml") } });
});
