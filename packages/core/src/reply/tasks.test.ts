import type { Run } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { conduct } from "../workflow/conduct.ts";
import { compileWorkflow } from "../workflow/definition.ts";
import type { WorkflowState } from "../workflow/state.ts";
import { taskLines, tasksEnded } from "./tasks.ts";
import { tasksSend } from "./workflow-card.ts";

const second = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

/** A workflow after its first tasks ended as told, a second apart. */
function after(definition: unknown, ends: readonly ("succeeded" | "failed")[]): WorkflowState {
  const workflow = compileWorkflow(definition);
  let { state, commands } = conduct(workflow, undefined, { kind: "begin", at: second(0), input: {}, context: {} });
  const waiting = commands.flatMap((command) => (command.kind === "run" ? [command] : []));
  for (const [index, status] of ends.entries()) {
    const next = waiting.shift();
    if (next === undefined) throw new Error("nothing waits");
    const result = status === "failed" ? { stderr: "boom" } : null;
    ({ state, commands } = conduct(workflow, state, {
      kind: "finished",
      at: second(index + 1),
      key: next.key,
      attempt: next.attempt,
      status,
      result,
    }));
    waiting.push(...commands.flatMap((command) => (command.kind === "run" ? [command] : [])));
  }
  return state;
}

function runOf(state: WorkflowState, more: Partial<Run> = {}): Run {
  const replyTo = { platform: "slack", account: "A1", channel: "C1" };
  const workflow = {
    task: { action: "demo.release", digest: "", pool: "default", input: {}, timeoutMs: 1, repeatable: false, attempt: 1 },
    catalog: {},
    state,
  };
  return {
    v: 1,
    id: "01M81F9FN6MT3DPSK756S67G05",
    revision: 7,
    status: "running",
    action: "demo.release",
    reply: { enabled: true },
    asker: { platform: "slack", id: "U1", kind: "human" },
    replyTo,
    answers: "m1",
    tasks: {},
    workflow,
    applied: [],
    askedAt: second(0),
    shown: { from: 10 },
    ...more,
  };
}

const release = {
  version: 1,
  tasks: {
    build: { action: "core.noop", next: [{ when: "<% succeeded() %>", do: ["test", "publish"] }] },
    test: { action: "core.noop" },
    publish: { action: "core.noop" },
  },
};

describe("the message of a workflow", () => {
  test("shows each task with its state and time, and what can be pressed", () => {
    const { send, press } = tasksSend(runOf(after(release, ["succeeded", "succeeded"]))) ?? {};
    expect(send?.body.text).toBe(
      ["demo.release is at work, run `01M81F9FN6MT3DPSK756S67G05`", "✅ build · 1.0 s", "✅ publish · 1.0 s", "⏳ test"].join("\n"),
    );
    expect(send).toMatchObject({ revision: 17, passing: true, final: false });
    expect(send?.body.choices?.items.map(({ label }) => label)).toEqual(["Pause", "Cancel"]);
    expect(press?.means.map(({ kind }) => kind)).toEqual(["pause", "cancel"]);
    expect(press?.id).toBe(send?.body.choices?.press);
  });

  test("says of a task that policies let not begin that it waits", () => {
    const state = after(release, ["succeeded"]);
    const task = { action: "demo.test", digest: "", pool: "default", input: {}, timeoutMs: 1, repeatable: false, attempt: 1 } as const;
    const [begun, waiting] = [
      runOf(state, { tasks: { "1": task } }),
      runOf(state, { tasks: { "1": { ...task, waits: "gate", pass: 1 } } }),
    ];
    const textOf = (run: Run) => tasksSend(run)?.send.body.text ?? "";
    expect(textOf(waiting)).toBe(textOf(begun).replace(/⏳ (\S+)/, "⏳ $1 · waits for its turn"));
    expect(textOf(waiting)).toContain("waits for its turn");
  });

  test("offers to resume what is paused, under an id of its own", () => {
    const state = after(release, ["succeeded"]);
    const [running, paused] = [tasksSend(runOf(state)), tasksSend(runOf(state, { status: "paused" }))];
    expect(paused?.press.means.map(({ kind }) => kind)).toEqual(["resume", "cancel"]);
    expect(paused?.press.id).not.toBe(running?.press.id);
    expect(paused?.send.body.text).toContain("is paused");
  });

  test.each<[string, Partial<Run>]>([
    ["at a prompt", { replyTo: { platform: "terminal", account: "p", channel: "c" } }],
    ["whispered", { reply: { enabled: true, whisper: true } }],
    ["of a rule", { replyTo: { platform: "rule", account: "r", channel: "r" } }],
    ["that is part of another", { parent: { run: "r", task: "1", attempt: 1, catalog: {} } }],
    ["that is over", { endedAt: second(9) }],
    ["that is not shown yet", { shown: undefined }],
  ])("is not made for a run %s", (_, more) => {
    expect(tasksSend(runOf(after(release, ["succeeded"]), more))).toBeUndefined();
  });

  test("says in the end how the tasks fared, and goes on where one failed", () => {
    const failed = runOf(after(release, ["succeeded", "failed"]), { status: "failed", endedAt: second(9) });
    const { text, button } = tasksEnded(failed);
    expect(text).toContain("❌");
    expect(button?.press.means).toEqual([{ kind: "again", run: failed.id }]);
    expect(tasksEnded(runOf(after(release, ["succeeded"]), { status: "succeeded", endedAt: second(9) })).button).toBeUndefined();
  });
});

test("a long workflow is folded: those that went well are counted", () => {
  const names = Array.from({ length: 40 }, (_, index) => `t${index}`);
  const tasks = Object.fromEntries(
    names.map((name, index) => [name, { action: "core.noop", ...(index < 39 ? { next: [{ do: names[index + 1] }] } : {}) }]),
  );
  const lines = taskLines(
    after(
      { version: 1, tasks },
      Array.from({ length: 30 }, () => "succeeded" as const),
    ),
  );
  expect(lines).toHaveLength(15);
  expect(lines[0]).toBe("✅ 17 tasks");
  expect(lines.at(-1)).toBe("⏳ t30");
});
