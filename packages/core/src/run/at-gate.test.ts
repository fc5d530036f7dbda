import type { Command, GateVerdict, Outcome, PolicyDefinition, Run } from "@bellhop/contracts";
import { runId } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { policiesByAction } from "../policy/policies.ts";
import { decide } from "./decide.ts";
import type { Decision, RunEvent } from "./event.ts";

const id = runId({ key: "m1", at: "2026-01-01T00:00:00.000Z", shard: 3 });
const at = "2026-01-01T00:00:01.000Z";
const ana = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const here = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "a", description: "", enabled: true, pool: "default", repeatable: false, source, parameters: { key: {} } };
const workflow = { version: 1, tasks: { a: { action: "a.step", input: { key: "k" } }, b: { action: "a.inner" } } };
const catalog = withPack(emptyCatalog, {
  v: 1,
  name: "a",
  version: "1.0.0",
  description: "",
  digest: "d1",
  aliases: [],
  actions: [
    { ...common, kind: "typescript", ref: "a.step", name: "step" },
    { ...common, kind: "announcement", ref: "a.tell", name: "tell" },
    { ...common, kind: "orquesta", ref: "a.flow", name: "flow", workflow },
    { ...common, kind: "orquesta", ref: "a.inner", name: "inner", workflow: { version: 1, tasks: { only: { action: "a.step" } } } },
  ],
});

const policy = (action: string, type: PolicyDefinition["type"], parameters: Record<string, unknown>): PolicyDefinition => ({
  ref: `a.${type}`,
  pack: "a",
  name: type,
  description: "",
  enabled: true,
  action,
  type,
  parameters,
  source,
});
const limited = (action: string) => policy(action, "action.concurrency.attr", { threshold: 1, action: "delay", attributes: ["key"] });
const retried = (action: string, delay = 0) => policy(action, "action.retry", { retry_on: "failure", max_retry_count: 1, delay });

/** A run of an action, told of one thing after the other. */
function told(
  action: string,
  policies: PolicyDefinition[],
  events: readonly RunEvent[],
  more: Partial<Extract<RunEvent, { kind: "asked" }>> = {},
) {
  const byAction = policiesByAction(policies);
  const settings = {
    lateResult: 300_000,
    catalog,
    policies: (ref: string) => byAction.get(ref),
    fingerprint: (text: string) => `#${text.length}`,
  };
  const announces = action === "a.tell" ? { announces: { to: here, text: "Hello." } } : {};
  const task = {
    action,
    digest: "d1",
    pool: "default",
    input: { key: "k" },
    timeoutMs: 60_000,
    repeatable: false,
    attempt: 1,
    ...announces,
  };
  const plan = { action, reply: { enabled: true }, secrets: [], task };
  const asked: RunEvent = { id: "in", at, kind: "asked", run: id, plan, asker: ana, replyTo: here, answers: "m1", ...more };
  let run: Run | undefined;
  const wants: string[][] = [];
  let last: Decision = { kind: "unchanged", commands: [] };
  for (const event of [asked, ...events]) {
    last = decide(run, event, settings);
    if (last.kind === "changed") run = last.run;
    wants.push(last.commands.map(inShort));
  }
  return { run, wants, last };
}

function inShort(command: Command): string {
  if (command.kind === "enter") {
    const { task, values, within = [] } = command.pass;
    return `enter ${command.action} ${task} ${JSON.stringify(values)}${within.length === 0 ? "" : within.length}`;
  }
  if (command.kind === "leave") return `leave ${command.action} ${command.pass.task} ${command.ended ?? "unbegun"}`;
  if (command.kind === "request") return `request ${command.request.task}`;
  if (command.kind === "ask")
    return `ask ${command.ask.kind}${command.ask.kind === "start" ? ` ${command.ask.parent?.within?.length}` : ""}`;
  if (command.kind === "send") return command.send.final ? "say" : "notice";
  return command.kind === "timer" ? `timer ${command.timer.due - Date.parse(at)}` : command.kind;
}

const gate = (verdict: GateVerdict, task = "main"): RunEvent => ({
  id: `gate ${task} ${verdict.kind}`,
  at,
  kind: "gate",
  task,
  attempt: 1,
  verdict,
});
const inside = gate({ kind: "inside" });
const waits = gate({ kind: "waits", why: "2 are at work", place: 3 });
const why = { code: "policy_refused", message: "No.", hint: "", retry: false } as const;
const refused = gate({ kind: "refused", status: "canceled", problem: why });
const finished = (status: Outcome["status"], task = "main"): RunEvent => ({
  id: `fin ${task} ${status}`,
  at,
  kind: "finished",
  finished: { v: 1, run: id, task, attempt: 1, runner: "r1", outcome: { status } },
});
const cancel: RunEvent = { id: "c1", at, kind: "cancel", asker: ana, replyTo: here, answers: "c1" };
const superseded: RunEvent = { id: "e1", at, kind: "superseded", attempt: 1 };
const broken: RunEvent = { id: "b1", at, kind: "broken", problem: why };

const entered = 'enter a.step main {"key":"#3"}';

describe("a run of an action with policies", () => {
  test.each([
    [
      "asks for a pass, and begins with it",
      [inside, finished("succeeded")],
      [[entered], ["request main"], ["say", "leave a.step main succeeded"]],
      "succeeded",
    ],
    [
      "says once that it waits",
      [waits, gate({ kind: "waits", why: "1 is", place: 1 }), inside],
      [[entered], ["notice"], [], ["request main"]],
      "scheduled",
    ],
    [
      "ends refused, and leaves as one that did not begin",
      [waits, refused],
      [[entered], ["notice"], ["say", "leave a.step main unbegun"]],
      "canceled",
    ],
    ["can be canceled while it waits", [cancel], [[entered], ["say", "say", "leave a.step main unbegun"]], "canceled"],
    ["gives way to other words without one of its own", [superseded, inside], [[entered], ["leave a.step main unbegun"], []], "canceled"],
    ["ends where its message is taken back", [finished("canceled")], [[entered], ["say", "leave a.step main unbegun"]], "canceled"],
    ["ends with what could not be dealt with", [broken], [[entered], ["say", "leave a.step main unbegun"]], "failed"],
    ["begins once, however often it is told", [inside, { ...inside, id: "again" }], [[entered], ["request main"], []], "scheduled"],
    [
      "hears nothing more after its end",
      [cancel, inside, waits, refused],
      [[entered], ["say", "say", "leave a.step main unbegun"], [], [], []],
      "canceled",
    ],
  ] as const)("%s", (_, events, wants, status) => {
    const { run, wants: found } = told("a.step", [limited("a.step")], events);
    expect(found).toEqual(wants);
    expect(run?.status).toBe(status);
  });

  test("says something with its pass, and gives it back at once", () => {
    expect(told("a.tell", [limited("a.tell")], [inside]).wants[1]).toEqual(["say", "say", "leave a.tell main succeeded"]);
  });

  test("without a limit needs no pass", () => {
    expect(told("a.step", [retried("a.step")], []).wants).toEqual([["request main"]]);
  });
});

describe("a workflow", () => {
  test("waits as a whole, then begins", () => {
    const { run, wants } = told("a.flow", [limited("a.flow")], [waits, inside]);
    expect(wants).toEqual([['enter a.flow main {"key":"#3"}'], ["notice"], ["request 0", "ask start 1"]]);
    expect(run).toMatchObject({ status: "running", gate: { asked: true } });
  });

  test("asks for passes of its tasks, under its own; a sub-workflow asks for its own", () => {
    const { wants, run } = told(
      "a.flow",
      [limited("a.step"), limited("a.inner")],
      [gate({ kind: "waits", why: "1 is", place: 1 }, "0"), gate({ kind: "inside" }, "0"), finished("succeeded", "0")],
    );
    expect(wants).toEqual([['enter a.step 0 {"key":"#3"}1', "ask start 1"], [], ["request 0"], ["leave a.step 0 succeeded"]]);
    expect(Object.keys(run?.tasks ?? {})).toEqual(["1"]);
  });

  test("has a task fail that is refused, and gives the passes back that it holds when it is canceled", () => {
    const policies = [limited("a.step")];
    expect(told("a.flow", policies, [gate({ kind: "refused", status: "failed", problem: why }, "0")]).wants[1]).toEqual([
      "leave a.step 0 unbegun",
      "finish",
    ]);
    expect(told("a.flow", policies, [cancel]).wants[1]).toEqual(expect.arrayContaining(["leave a.step 0 unbegun", "finish"]));
    expect(told("a.flow", policies, [gate({ kind: "inside" }, "0"), broken]).wants[2]).toEqual(
      expect.arrayContaining(["cancel", "leave a.step 0 canceled"]),
    );
  });
});

describe("a run that a policy tries again", () => {
  const parent = { run: "P1", task: "0", attempt: 1, catalog: {} };
  test.each([
    ["is followed by another, and says nothing", "a.step", [finished("failed")], {}, ["ask again"]],
    ["is not where it is not the failure that the policy is for", "a.step", [finished("timeout")], {}, ["say"]],
    ["is not within a workflow", "a.step", [finished("failed")], { parent }, ["finish"]],
    ["is not once it was told to end", "a.step", [cancel, finished("failed")], {}, ["say", "say"]],
    ["is not for ever", "a.step", [finished("failed")], { retry: { of: "R0", count: 1, policy: "a.action.retry", delayMs: 0 } }, ["say"]],
  ] as const)("%s", (_, action, events, more, wants) => {
    expect(told(action, [retried(action)], events, more).wants.at(-1)).toEqual(wants);
  });

  test("gives its pass back as one that is not over: what cools down would keep the next try out", () => {
    const cooled = policy("a.step", "action.cooldown", { seconds: 600 });
    expect(told("a.step", [cooled, retried("a.step")], [inside, finished("failed")]).wants.at(-1)).toEqual([
      "ask again",
      "leave a.step main unbegun",
    ]);
  });

  test("begins when its time has come, through the gate as any other", () => {
    const retry = { of: "R0", count: 1, policy: "a.action.retry", delayMs: 5_000 };
    const due: RunEvent = { id: "t", at, kind: "timer", name: "retry" };
    const policies = [retried("a.step", 5), limited("a.step")];
    expect(told("a.step", policies, [due, inside], { retry }).wants).toEqual([["timer 5000"], [entered], ["request main"]]);
    expect(told("a.step", [retried("a.step", 5)], [due], { retry }).wants).toEqual([["timer 5000"], ["request main"]]);
    expect(told("a.flow", [retried("a.flow", 5)], [due], { retry }).wants).toEqual([["timer 5000"], ["request 0", "ask start 1"]]);
    expect(told("a.step", policies, [cancel, due], { retry }).run?.status).toBe("canceled");
  });
});
