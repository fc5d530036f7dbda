import type { ActionDefinition, Command, Outcome, Run } from "@bellhop/contracts";
import { runId } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { emptyCatalog, withPack, type Catalog } from "../catalog.ts";
import { decide } from "./decide.ts";
import type { Decision, RunEvent } from "./event.ts";

const id = runId({ key: "m1", at: "2026-01-01T00:00:00.000Z", shard: 3 });
const at = "2026-01-01T00:00:01.000Z";
const ana = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const here = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
const source = { file: "x.yaml", line: 1, column: 1 };
const action = { pack: "a", description: "", enabled: true, pool: "default", repeatable: false, source };

function catalogOf(workflow: unknown, more: Partial<ActionDefinition> = {}): Catalog {
  return withPack(emptyCatalog, {
    v: 1,
    name: "a",
    version: "1.0.0",
    description: "",
    digest: "d1",
    aliases: [],
    actions: [
      {
        ...action,
        kind: "typescript",
        ref: "a.step",
        name: "step",
        parameters: { say: {}, key: { type: "string", secret: true } },
        ...more,
      },
      { ...action, kind: "orquesta", ref: "a.flow", name: "flow", parameters: {}, workflow },
      { ...action, kind: "announcement", ref: "a.tell", name: "tell", parameters: {} },
      { ...action, kind: "orquesta", ref: "a.inner", name: "inner", parameters: {}, workflow: one({ action: "a.step" }) },
    ],
  });
}

const one = (task: object, more: object = {}) => ({ version: 1, tasks: { only: task }, ...more });

/** A run of `a.flow`, told of one thing after the other. */
function flow(workflow: unknown, more?: Partial<ActionDefinition>) {
  const settings = { lateResult: 300_000, catalog: catalogOf(workflow, more) };
  const task = { action: "a.flow", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: false, attempt: 1 };
  const plan = { action: "a.flow", reply: { enabled: true }, secrets: [], task };
  const asked: RunEvent = { id: "in", at, kind: "asked", run: id, plan, asker: ana, replyTo: here, answers: "m1" };
  let run: Run | undefined;
  let last: Decision = { kind: "unchanged", commands: [] };
  let told = 0;
  const hear = (event: RunEvent) => {
    last = decide(run, event, settings);
    if (last.kind === "changed") run = last.run;
    return last;
  };
  hear(asked);
  return {
    hear,
    get run(): Run {
      if (run === undefined) throw new Error("it began");
      return run;
    },
    get wants(): string[] {
      return last.commands.map(inShort);
    },
    get last(): Decision {
      return last;
    },
    finish: (name: string, outcome: Outcome, attempt = 1) => {
      const finished = { v: 1, run: id, task: name, attempt, runner: "r", outcome } as const;
      const output = outcome.output !== undefined && "inline" in outcome.output ? outcome.output.inline : undefined;
      return hear({ id: `fin${told++}`, at, kind: "finished", finished, output });
    },
  };
}

function inShort(command: Command): string {
  switch (command.kind) {
    case "request":
      return `request ${command.request.task}/${command.request.attempt}`;
    case "cancel":
      return `cancel ${command.attempt.task}/${command.attempt.attempt}`;
    case "finish":
      return `finish ${command.finished.task} ${command.finished.outcome.status}`;
    case "ask":
      return `ask ${command.ask.kind}`;
    case "timer":
      return `timer ${command.timer.name} ${command.timer.due - Date.parse(at)}`;
    case "clear-timer":
      return `clear ${command.timer.name}`;
    case "send":
      return `${command.send.final ? "say" : "notice"} ${command.send.body.text}`;
    case "question":
    case "press":
    case "fire":
      return command.kind;
  }
}

const done: Outcome = { status: "succeeded", output: { inline: 1 } };

test("what the conductor wants is handed out, and what ended is out no more", () => {
  const it = flow({ version: 1, tasks: { first: { action: "a.step", next: [{ do: "second" }] }, second: { action: "a.step" } } });
  expect([it.wants, it.run.status, Object.keys(it.run.tasks)]).toEqual([["request 0/1"], "running", ["0"]]);
  it.finish("0", done);
  expect([it.wants, Object.keys(it.run.tasks)]).toEqual([["request 1/1"], ["1"]]);
  it.finish("0", done);
  expect(it.last.kind).toBe("unchanged");
  it.finish("1", done);
  expect([it.run.status, it.run.endedAt]).toEqual(["succeeded", at]);
});

test("an action chain is conducted as well, and its result has the form of one", () => {
  const it = flow({ chain: [{ name: "first", ref: "a.step", parameters: { say: 1 } }], default: "first" });
  expect(it.wants).toEqual(["request 0/1"]);
  it.finish("0", done);
  expect(it.run).toMatchObject({ status: "succeeded", output: { inline: { tasks: [{ name: "first", state: "succeeded" }] } } });
});

test.each<[what: string, task: object, wants: string[]]>([
  ["an action that there is not", { action: "a.nothing" }, ["finish 0 failed"]],
  ["an input that is no mapping", { action: "a.step", input: "<% list(1) %>" }, ["finish 0 failed"]],
  ["a parameter that there is not", { action: "a.step", input: { wrong: 1 } }, ["finish 0 failed"]],
  ["an announcement, which no runner makes", { action: "a.tell", input: { message: "hi" } }, ["say hi", "finish 0 succeeded"]],
  ["a sub-workflow", { action: "a.inner" }, ["ask start"]],
  ["a task that waits for its time", { action: "a.step", delay: 3 }, ["timer delay-0 3000"]],
  [
    "a task that may take so long",
    { action: "a.step", timeout: 3 },
    [expect.stringMatching(/^timer wf-.* 3000$/) as string, "request 0/1"],
  ],
])("%s", (_, task, wants) => {
  expect(flow(one(task)).wants).toEqual(wants);
});

test("a delayed task is handed out when its time has come, once", () => {
  const it = flow(one({ action: "a.step", delay: 3 }));
  const due: RunEvent = { id: "timer:delay-0", at, kind: "timer", name: "delay-0" };
  it.hear(due);
  expect(it.wants).toEqual(["request 0/1"]);
  expect(it.hear(due).kind).toBe("unchanged");
});

test("a secret parameter of a task is named, so that whoever stores it seals it first", () => {
  const { last } = flow(one({ action: "a.step", input: { key: "hush" } }));
  expect(last).toMatchObject({ secrets: [{ task: "0", names: ["key"] }] });
});

describe("an attempt whose runner was lost", () => {
  const lost = (attempt: number, started: boolean): RunEvent => {
    return { id: `lost${attempt}`, at, kind: "lost", task: "0", attempt, runner: "r", started, certain: false };
  };

  test("is handed out again where it had not begun, and only the last attempt counts", () => {
    const it = flow(one({ action: "a.step" }));
    it.hear(lost(1, false));
    expect(it.wants).toEqual(["request 0/2"]);
    expect(it.finish("0", done, 1).kind).toBe("unchanged");
    it.finish("0", done, 2);
    expect(it.run.status).toBe("succeeded");
  });

  test("is not made again where its time was over before", () => {
    const it = flow(one({ action: "a.step", timeout: 3 }));
    it.hear({ id: "timer:wf", at, kind: "timer", name: "wf-timeout.0.1" });
    expect(it.wants).toEqual(["cancel 0/1"]);
    it.hear(lost(1, false));
    expect([it.run.status, it.wants.some((want) => want.startsWith("request"))]).toEqual(["failed", false]);
  });

  test("that had begun and must not be repeated fails its task, once its result is too late", () => {
    const it = flow(one({ action: "a.step", next: [{ when: "<% failed() %>", do: "noop" }] }));
    it.hear(lost(1, true));
    expect(it.wants[0]).toBe("timer late-0-1 300000");
    it.hear({ id: "timer:late-0-1", at, kind: "timer", name: "late-0-1" });
    expect([it.run.status, it.run.endedAt]).toEqual(["succeeded", at]);
  });
});

describe("cancel", () => {
  const cancel: RunEvent = { id: "c1", at, kind: "cancel", asker: ana, replyTo: here, answers: "m2" };

  test("calls back what is out, and ends the run when that has reported", () => {
    const it = flow(one({ action: "a.step" }));
    it.hear(cancel);
    expect([it.wants, it.run.status]).toEqual([["cancel 0/1"], "canceling"]);
    it.finish("0", { status: "canceled" });
    expect(it.run.status).toBe("canceled");
    expect(it.wants.filter((want) => want.startsWith("say Canceled"))).toHaveLength(1);
  });

  test.each([
    ["a sub-workflow", { action: "a.inner" }, ["ask cancel"]],
    ["a task that waits for its time", { action: "a.step", delay: 3 }, ["clear delay-0", "finish 0 canceled"]],
  ])("of %s", (_, task, wants) => {
    const it = flow(one(task));
    it.hear(cancel);
    expect(it.wants).toEqual(wants);
  });

  test("of a workflow that has failed calls back what is out still, so that nobody waits for it", () => {
    const it = flow({ version: 1, tasks: { bad: { action: "a.step" }, long: { action: "a.step" } } });
    it.finish("0", { status: "failed" });
    expect([it.run.status, it.run.workflow?.state]).toMatchObject(["running", { status: "failed" }]);
    it.hear(cancel);
    expect(it.wants).toEqual(["cancel 1/1"]);
    it.finish("1", { status: "canceled" });
    expect(it.run.status).toBe("failed");
  });

  test("leaves alone what cleans up", () => {
    const it = flow({ version: 1, on_failure: "tidy", tasks: { bad: { action: "a.step" }, tidy: { action: "a.step" } } });
    it.finish("0", { status: "failed" });
    it.hear(cancel);
    expect([it.wants, Object.keys(it.run.tasks)]).toEqual([[], ["1"]]);
  });
});

test("a run that is part of another tells that one of its end, and nobody else", () => {
  const parent = { run: id, task: "4", attempt: 1, catalog: {} };
  const settings = { lateResult: 1, catalog: catalogOf(one({})) };
  const task = { action: "a.flow", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: false, attempt: 1 };
  const plan = { action: "a.flow", reply: { enabled: true }, secrets: [], task };
  const decision = decide(
    undefined,
    { id: "in", at, kind: "asked", run: id, plan, asker: ana, replyTo: here, answers: "m1", parent },
    settings,
  );
  expect(decision.commands.map(inShort)).toEqual(["finish 4 succeeded"]);
});

test("a run that is part of another tells it at once that it waits for an answer", () => {
  const parent = { run: id, task: "4", attempt: 1, catalog: {} };
  const asks = { kind: "inquirer", parameters: {} } as const;
  const settings = { lateResult: 1, catalog: catalogOf(one({ action: "a.step" }), asks) };
  const task = { action: "a.flow", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: false, attempt: 1 };
  const plan = { action: "a.flow", reply: { enabled: true }, secrets: [], task };
  const decision = decide(
    undefined,
    { id: "in", at, kind: "asked", run: id, plan, asker: ana, replyTo: here, answers: "m1", parent },
    settings,
  );
  expect(decision.commands.at(-1)).toMatchObject({ kind: "ask", ask: { kind: "moved", task: "4", status: "paused" } });
});

test("a result that nobody could deal with fails its task; what is no task's ends the run, and calls back what is out", () => {
  const broken = { id: "broken", at, kind: "broken", problem: { code: "internal", message: "Broke.", hint: "", retry: false } } as const;
  const it = flow(one({ action: "a.step", next: [{ when: "<% failed() %>", do: "noop" }] }));
  it.hear({ ...broken, attempt: { task: "0", attempt: 1 } });
  expect(it.run.status).toBe("succeeded");
  const other = flow(one({ action: "a.step" }));
  other.hear(broken);
  expect([other.run.status, other.wants[0]]).toEqual(["failed", "cancel 0/1"]);
});

test("a workflow that the run's packs do not have ends the run, so that nobody waits", () => {
  const it = flow(one({ action: "a.step" }));
  const { run } = it;
  const finished = { v: 1, run: id, task: "0", attempt: 1, runner: "r", outcome: done } as const;
  const decision = decide(run, { id: "fin", at, kind: "finished", finished, output: 1 }, { lateResult: 1, catalog: emptyCatalog });
  expect(decision).toMatchObject({ kind: "changed", run: { status: "failed" }, outcome: { problem: { code: "workflow_broken" } } });
});
