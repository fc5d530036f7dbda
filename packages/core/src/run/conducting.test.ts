import type { ActionDefinition, Command, Outcome, Run, Task } from "@bellhop/contracts";
import { problem, runId } from "@bellhop/contracts";
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
      { ...action, kind: "post", ref: "a.post", name: "post", parameters: {} },
      { ...action, kind: "orquesta", ref: "a.inner", name: "inner", parameters: {}, workflow: one({ action: "a.step" }) },
      { ...action, kind: "fire", ref: "a.inject", name: "inject", parameters: {} },
    ],
    triggers: [
      { ref: "a.alert", pack: "a", name: "alert", description: "", payload: { properties: { host: { type: "string" } } }, source },
    ],
  });
}

const one = (task: object, more: object = {}) => ({ version: 1, tasks: { only: task }, ...more });

/** A run of `a.flow`, told of one thing after the other. */
function flow(workflow: unknown, more?: Partial<ActionDefinition>, given: Partial<Task> = {}, how: { checkTriggers?: boolean } = {}) {
  const settings = { ...how, lateResult: 300_000, catalog: catalogOf(workflow, more) };
  const task = { action: "a.flow", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: false, attempt: 1, ...given };
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
    case "enter":
    case "leave":
      return `${command.kind} ${command.action} ${command.pass.task}/${command.pass.attempt}`;
    case "send":
      return `${command.send.final ? "say" : "notice"} ${command.send.body.text}`;
    case "question":
    case "press":
    case "fire":
    case "schedule":
    case "unschedule":
      return command.kind;
  }
}

const done: Outcome = { status: "succeeded", output: { inline: 1 } };

test.each([
  ["ends of it", { only: { action: "a.step" } }],
  ["goes on", { only: { action: "a.step", next: [{ do: "on" }] }, on: { action: "a.step" } }],
])("a task that failed says why, where the workflow %s", (_, tasks) => {
  const it = flow({ version: 1, tasks });
  const why = problem("action_abandoned", { run: id, action: "a.step" }).data;
  it.finish("0", { status: "abandoned", problem: why });
  const { progress = [] } = it.last.kind === "changed" ? it.last : {};
  expect(progress.find(({ name }) => name === "only")).toMatchObject({ status: "failed", why: why.message });
});

test.each<[string, { checkTriggers?: boolean }, string[], string | undefined]>([
  ["fails, and never happened", {}, ["finish 0 failed"], "payload_unfit"],
  ["happens where schemas don't count", { checkTriggers: false }, ["fire", "finish 0 succeeded"], undefined],
])("a task that injects what does not fit its trigger's schema %s", (_, how, wants, why) => {
  const it = flow(one({ action: "a.inject", input: { trigger: "a.alert", payload: { host: 5 } } }), {}, {}, how);
  expect(it.wants).toEqual(wants);
  const told = it.last.commands.at(-1);
  expect(told?.kind === "finish" ? told.finished.outcome.problem?.code : "?").toBe(why);
});

describe("a workflow of which a task may not begin", () => {
  const tasks = { first: { action: "a.step", next: [{ do: "second" }] }, second: { action: "a.step" }, beside: { action: "a.step" } };
  const why = problem("policy_refused", { action: "a.step", why: "one ended at noon", policy: "a.calm" }).data;
  const refused: Outcome = { status: "canceled", problem: why };
  test("is canceled, and says why", () => {
    const it = flow({ version: 1, tasks });
    it.finish("0", refused);
    it.finish("1", { status: "canceled", problem: { ...why, message: "Later." } });
    expect(it.run.status).toBe("canceled");
    expect(it.last).toMatchObject({ outcome: { status: "canceled", problem: why } });
    expect(it.wants.at(-1)).toContain(why.message);
  });

  test("was canceled by whoever asked for that, where somebody did before", () => {
    const it = flow({ version: 1, tasks });
    it.hear({ id: "c1", at, kind: "cancel", asker: ana, replyTo: here, answers: "m2" });
    it.finish("0", refused);
    it.finish("1", refused);
    expect(it.run.status).toBe("canceled");
    expect(it.last.kind === "changed" && it.last.outcome?.problem).toBeUndefined();
  });
});

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

  test("is made again where it cleans up, which a cancel leaves to end", () => {
    const it = flow({ version: 1, tasks: { only: { action: "a.step" }, tidy: { action: "a.step" } }, on_cancel: ["tidy"] });
    it.hear({ id: "c1", at, kind: "cancel", asker: ana, replyTo: here, answers: "c1" });
    it.finish("0", { status: "canceled" });
    expect(it.wants).toContain("request 1/1");
    it.hear({ id: "lost1", at, kind: "lost", task: "1", attempt: 1, runner: "r", started: false, certain: false });
    expect(it.wants).toEqual(["request 1/2"]);
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

  test.each([true, false])("ends a run whose packs can't be had any more, without waiting for what is out; asked before: %s", (before) => {
    const it = flow(one({ action: "a.step" }));
    if (before) it.hear({ ...cancel, id: "c0", answers: "m3" });
    const decision = decide(it.run, cancel, { lateResult: 1 });
    expect(decision).toMatchObject({ kind: "changed", run: { status: "canceled", tasks: {} }, outcome: { status: "canceled" } });
    const wants = decision.commands.map(inShort);
    expect(wants[0]).toBe("cancel 0/1");
    expect(wants.filter((want) => want.startsWith("say Canceled"))).toHaveLength(before ? 2 : 1);
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

test("what is part of a workflow knows what the whole is, however far down", () => {
  const settings = { lateResult: 1, catalog: catalogOf(one({ action: "a.inner" })) };
  const task = { action: "a.flow", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: false, attempt: 1 };
  const plan = { action: "a.flow", alias: "a.do", reply: { enabled: true }, secrets: [], task };
  const asked = { id: "in", at, kind: "asked", run: id, plan, asker: ana, replyTo: here, answers: "m1" } as const;
  const wholeOf = (of: Partial<Extract<RunEvent, { kind: "asked" }>>) => {
    const ask = decide(undefined, { ...asked, ...of }, settings).commands.find((command) => command.kind === "ask")?.ask;
    return ask?.kind === "start" ? ask.parent?.whole : undefined;
  };
  expect(wholeOf({})).toEqual({ action: "a.flow", alias: "a.do" });
  const whole = { action: "a.top" };
  expect(wholeOf({ parent: { run: id, task: "4", attempt: 1, catalog: {}, whole } })).toEqual(whole);
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

test("of a task's end is told whom the workflow tells, if its input names the task; in the step in which it ends", () => {
  const two = { version: 1, tasks: { first: { action: "a.step", next: [{ do: "second" }] }, second: { action: "a.step" } } };
  const notify = { success: { routes: ["here"], message: "{{ action_parameters.say }} is {{ action_results }}" } };
  const it = flow(two, { parameters: { say: { default: "it" } } }, { notify, input: { notify: ["first"] } });
  it.finish("0", done);
  expect(it.wants).toEqual(["say it is 1", "request 1/1"]);
  it.finish("1", done);
  expect(it.wants.filter((want) => want.startsWith("say it is"))).toEqual([]);
});

test("what a task posts is asked of the shard of its key, and its result comes back as any", () => {
  const it = flow(one({ action: "a.post", input: { text: "Hi.", key: "door" } }));
  expect([it.wants, it.run.tasks["0"]?.waits]).toEqual([["ask post"], "result"]);
  const [command] = it.last.commands;
  expect(command?.kind === "ask" && command.ask).toMatchObject({
    key: `${id}/0/1/post`,
    trusts: true,
    parent: { run: id, task: "0", attempt: 1 },
    posting: { key: "door", here, says: { text: "Hi." } },
  });
  it.finish("0", done);
  expect(it.run.status).toBe("succeeded");
});
