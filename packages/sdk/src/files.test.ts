import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { limits } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { mediaType, mostAttached, safeName } from "./files.ts";
import { executeAction } from "./host.ts";
import { ActionFailed, defineAction, z, type Attach } from "./index.ts";
import { runAction, type Attachment } from "./testing.ts";

const count = defineAction({
  description: "Count lines",
  output: z.array(z.object({ name: z.string(), type: z.string(), bytes: z.number(), lines: z.number(), path: z.string() })),
  run: ({ files }) => files.map((file) => ({ ...file, lines: readFileSync(file.path, "utf8").split("\n").length - 1 })),
});

/** An action that does nothing but attach. */
const giving = (give: (attach: Attach) => void) => defineAction({ description: "Give", run: ({ attach }) => give(attach) });

test("an action reads what came with the command, and nothing of it is left", async () => {
  const [csv, notes] = await runAction(count, {}, { files: { "a.csv": "x;y\n1;2\n", "../../notes": new Uint8Array([10]) } });
  expect(csv).toMatchObject({ name: "a.csv", type: "text/csv", bytes: 8, lines: 2 });
  expect(notes).toMatchObject({ name: "notes", type: "application/octet-stream", bytes: 1, lines: 1 });
  expect(basename(csv?.path ?? "")).toBe("a.csv");
  expect(existsSync(dirname(csv?.path ?? ""))).toBe(false);
  expect(await runAction(count, {})).toEqual([]);
});

test("what an action attaches is collected, in order, also where it fails later", async () => {
  const attached: Attachment[] = [];
  const failing = giving((attach) => {
    attach("log.txt", "grüße");
    attach("log.txt", new Uint8Array([0xff, 0]), { type: "application/x-core" });
    throw new ActionFailed("No more.");
  });
  await expect(runAction(failing, {}, { attached })).rejects.toThrow("No more.");
  expect(attached).toEqual([
    { name: "log.txt", type: "text/plain", content: new TextEncoder().encode("grüße"), text: "grüße" },
    { name: "log-2.txt", type: "application/x-core", content: new Uint8Array([0xff, 0]), text: "\ufffd\0" },
  ]);
});

describe("attach refuses", () => {
  test.each([
    ["more files than are taken", (attach: Attach) => Array.from({ length: mostAttached + 1 }, () => attach("a", "")), "10 files already"],
    ["a file that is too large", (attach: Attach) => attach("a", new Uint8Array(limits.file + 1)), "26214401 bytes"],
    ["what is no media type", (attach: Attach) => attach("a", "", { type: "text" }), "text is no media type"],
  ])("%s", async (_, give, why) => {
    await expect(runAction(giving(give), {}, { attached: [] })).rejects.toMatchObject({ code: "attachment_refused" });
    await expect(runAction(giving(give), {}, { attached: [] })).rejects.toThrow(why);
  });

  test("when the action is over", async () => {
    let late: Attach = () => {};
    await runAction(
      giving((attach) => (late = attach)),
      {},
    );
    expect(() => late("a", "")).toThrow("the action is over");
  });

  test("where nobody takes files", async () => {
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const call = { action: "test.give", input: {}, log, signal: new AbortController().signal };
    expect(
      await executeAction(
        giving((attach) => attach("a.txt", "")),
        call,
      ),
    ).toMatchObject({
      kind: "failed",
      problem: { code: "attachment_refused", message: "test.give can't give a.txt back: nobody takes files here." },
    });
  });
});

test.each([
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "passwd"],
  ["C:\\temp\\x.txt", "x.txt"],
  [".ssh", "ssh"],
  ["..", "file"],
  ["", "file"],
  ["/", "file"],
  [" . ", "file"],
  ["a\0b\u202Egnp.exe", "abgnp.exe"],
  ["a b — c.tar.gz", "a b — c.tar.gz"],
  ["x".repeat(300) + ".txt", "x".repeat(160) + ".txt"],
  ["🙂".repeat(100), "🙂".repeat(40)],
])("the name %j is safe as %j", (given, safe) => {
  expect(safeName(given, new Set())).toBe(safe);
});

test("no two names are the same, however they are written", () => {
  const taken = new Set<string>();
  expect(["a.txt", "A.TXT", "b/a.txt", "a-2.txt"].map((name) => safeName(name, taken))).toEqual([
    "a.txt",
    "A-2.TXT",
    "a-3.txt",
    "a-2-2.txt",
  ]);
});

test("a media type follows from the extension", () => {
  expect(["a.JPG", "a.tar.gz", "a", "a.unknown", ".md"].map(mediaType)).toEqual([
    "image/jpeg",
    "application/gzip",
    "application/octet-stream",
    "application/octet-stream",
    "text/markdown",
  ]);
});
