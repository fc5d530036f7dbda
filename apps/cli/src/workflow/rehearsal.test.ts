import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileWorkflow } from "@bellhop/core";
import { expect, test } from "vitest";
import { datastoreGiven } from "../kv/given.ts";
import { UsageError } from "../report.ts";
import { rehearsed } from "./rehearsal.ts";

const workflow = compileWorkflow({
  version: 1,
  output: [{ room: "<% ctx(room) %>" }],
  tasks: {
    one: {
      action: "a.step",
      input: { to: "<% st2kv('system.ops.room') %>", key: "Bearer <% st2kv('system.token', decrypt => true) %>" },
      next: [{ publish: [{ room: "<% st2kv('system.ops.room') %>" }] }],
    },
  },
});
const folder = mkdtempSync(join(tmpdir(), "given-"));
const fileOf = (text: string) => {
  const file = join(folder, "kv.yaml");
  writeFileSync(file, text);
  return file;
};
const listed = "- { name: ops.room, value: slack:T1/C9 }\n- { name: token, scope: st2kv.system, value: t0ken, secret: true }\n";

test("a rehearsal finds in the datastore what a file gives, or it itself, and shows no secret", () => {
  const ended = rehearsed(workflow, { name: "r" }, datastoreGiven(fileOf(listed)));
  expect(ended).toMatchObject({ status: "succeeded", output: { room: "slack:T1/C9" }, missed: [] });
  expect(ended.calls.map(({ input }) => input)).toEqual([{ to: "slack:T1/C9", key: "[secret]" }]);
  const own = rehearsed(workflow, { name: "r", kv: { "system.ops.room": "here", "system.token": "open" } }, datastoreGiven(fileOf(listed)));
  expect(own.calls.map(({ input }) => input)).toEqual([{ to: "here", key: "Bearer open" }]);
});

test("what breaks in a rehearsal is a fault of its script only where the script says something wrong", () => {
  const asked = { name: "r", asks: [{ after: 0, answer: "one", response: {} }] };
  expect(() => rehearsed(workflow, asked)).toThrow(UsageError);
  const broken = {
    ...workflow,
    get tasks(): never {
      throw new TypeError("ours");
    },
  };
  expect(() => rehearsed(broken, { name: "r" })).toThrow(TypeError);
});

test("what nobody gives is named with what is near", () => {
  const given = datastoreGiven(fileOf("system.ops.rom: x\nsystem.token: y\n"));
  const ended = rehearsed(workflow, { name: "r" }, given);
  expect(ended.status).toBe("failed");
  expect(ended.missed).toEqual([expect.stringMatching(/There is no system\.ops\.room in .*kv\.yaml\. Did you mean system\.ops\.rom\?/)]);
  expect(rehearsed(workflow, { name: "r" }).missed).toEqual(["There is no system.ops.room in what --kv FILE gives."]);
});

test.each([
  ["sytem.ops.room: x", "Did you mean system.ops.room?"],
  ["room: x", "Did you mean system.room?"],
  ["- 1", "has no values by their names"],
  ["a: [", "is neither JSON nor YAML"],
])("a file that gives no values is told: %s", (text, expected) => {
  expect(() => datastoreGiven(fileOf(text))).toThrow(expected);
});
