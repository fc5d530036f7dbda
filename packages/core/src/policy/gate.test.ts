import { problem, type Gate, type GateVerdict, type Pass, type PolicyDefinition } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { enter, isIdle, leave, settle, type GateSettings } from "./gate.ts";
import { policiesByAction, type ActionPolicies } from "./policies.ts";
import { lineAtMost, refusedAtMost } from "./room.ts";
import { nextLook, refusedVerdict, verdicts } from "./verdicts.ts";
import { whyHeld } from "./words.ts";

const source = { file: "policies/x.yaml", line: 1, column: 1 };
const policy = (type: PolicyDefinition["type"], parameters: Record<string, unknown>, name: string = type): PolicyDefinition => ({
  ref: `d.${name}`,
  pack: "d",
  name,
  description: "",
  enabled: true,
  action: "d.go",
  type,
  parameters,
  source,
});
const of = (...definitions: PolicyDefinition[]): ActionPolicies | undefined => policiesByAction(definitions).get("d.go");
const empty: Gate = { v: 1, action: "d.go", inside: [], line: [], lately: {} };
const pass = (run: string, at: number, more: Partial<Pass> = {}): Pass => ({ run, task: "main", attempt: 1, at, ...more });
const host = (run: string, at: number, value: string): Pass => pass(run, at, { values: { host: value } });

/** Somebody asks to go in, and is not turned away. */
function entered(gate: Gate, one: Pass, settings: GateSettings): Gate {
  const after = enter(gate, one, settings);
  expect(after.refused).toBeUndefined();
  return after.gate;
}

/** What becomes of those who come and go in turn: `+a` asks, `-a` is done (`-a!` failed), `12` is the time then, in seconds. */
function story(policies: ActionPolicies | undefined, steps: string, passOf: (name: string, at: number) => Pass = pass) {
  let gate = empty;
  let now = 0;
  const turnedAway: { pass: Pass; verdict: GateVerdict }[] = [];
  for (const step of steps.split(" ")) {
    const [, sign = "", name = "", failed] = /^([+-]?)(\w+)(!?)$/.exec(step) ?? [];
    const settings = { policies, now: now * 1000, gone: policies === undefined };
    if (sign === "") {
      now = Number(name);
      gate = settle(gate, { policies, now: now * 1000 });
    } else if (sign === "+") {
      const own = passOf(name, now * 1000);
      const entered = enter(gate, own, settings);
      gate = entered.gate;
      if (entered.refused !== undefined) turnedAway.push({ pass: own, verdict: refusedVerdict(entered.refused) });
    } else gate = leave(gate, { run: name, task: "main", attempt: 1 }, failed === "!" ? "failed" : "succeeded", settings);
  }
  const told = [...verdicts(gate, { policies, now: now * 1000 }), ...turnedAway];
  const names = (kind: string) =>
    told
      .filter(({ verdict }) => verdict.kind === kind)
      .map(({ pass: one }) => one.run)
      .join("");
  return { gate, told, text: [names("inside"), names("waits"), names("refused")].join("/") };
}

/** `a1` and `a2` are of one group. */
const byHost = (name: string, at: number) => host(name, at, name.charAt(0));
const two = of(policy("action.concurrency", { threshold: 2, action: "delay" }));
const oneCanceled = of(policy("action.concurrency", { threshold: 1, action: "cancel" }));
const oneEach = of(policy("action.concurrency.attr", { threshold: 1, action: "delay", attributes: ["host"] }));
const both = of(
  policy("action.concurrency", { threshold: 2, action: "delay" }),
  policy("action.concurrency.attr", { threshold: 1, action: "delay", attributes: ["host"] }),
);
const rate = of(policy("action.rate", { threshold: 2, seconds: 10 }));
const cool = (more: object) => of(policy("action.cooldown", { seconds: 60, ...more }));

describe("a gate lets in", () => {
  test.each([
    ["all, where the policies are gone", undefined, "+a +b +c", "abc//"],
    ["as many as there may be, and the rest in turn", two, "+a +b +c +d -a", "bc/d/"],
    ["who asked first, however late they come", two, "+a +b 9 +z 1 +y -a", "by/z/"],
    ["nobody twice", two, "+a +a +b", "ab//"],
    ["no more than there may be, with one refused", oneCanceled, "+a +b", "a//b"],
    ["the next one, when the one before is done", oneCanceled, "+a -a +b", "b//"],
    ["one of each group", oneEach, "+a1 +b1 +a2 +b2 -a1", "b1a2/b2/"],
    ["by all policies together, and nobody waits for a group of others", both, "+a1 +a2 +b1 +c1", "a1b1/a2c1/"],
    ["by all policies together, in turn", both, "+a1 +a2 +b1 +c1 -b1", "a1c1/a2/"],
    ["as many as may begin in that time", rate, "+a -a +b -b +c", "/c/"],
    ["more when the time is over", rate, "+a -a 5 +b +c 9 +d 10", "bc/d/"],
    ["none while it cools down", cool({}), "+a 5 -a 60 +b", "//b"],
    ["one after it cooled down", cool({}), "+a 5 -a 65 +b", "b//"],
    ["one at a time, though nothing cools down yet", cool({}), "+a +b", "a//b"],
    ["one that waits until it cooled down", cool({ action: "delay" }), "+a 5 -a +b 65", "b//"],
    ["one at once after a failure, where only success cools down", cool({ after: "success" }), "+a -a! +b", "b//"],
    ["none after a failure, where every end does", cool({ after: "end" }), "+a -a! +b", "//b"],
    ["none at once after success", cool({ after: "success" }), "+a -a +b", "//b"],
  ] as const)("%s", (_, policies, steps, expected) => {
    expect(story(policies, steps, byHost).text).toBe(expected);
  });

  test("whoever waits for a policy that is raised, or goes; nobody is thrown out when it is lowered", () => {
    const { gate } = story(two, "+a +b +c +d");
    const with_ = (threshold: number) => of(policy("action.concurrency", { threshold, action: "delay" }));
    const after = (policies: ActionPolicies | undefined) =>
      settle(gate, { policies, now: 0, gone: policies === undefined })
        .inside.map(({ run }) => run)
        .join("");
    expect([after(with_(3)), after(undefined), after(with_(1))]).toEqual(["abc", "abcd", "ab"]);
    const lowered = leave(gate, pass("a", 0), "succeeded", { policies: with_(1), now: 0 });
    expect(lowered.inside.map(({ run }) => run)).toEqual(["b"]);
  });

  test("nobody more, where no policy is known, until it is sure that there is none", () => {
    const { gate } = story(two, "+a +b +c");
    const unsure = { policies: undefined, now: 0 };
    expect(settle(gate, unsure)).toBe(gate);
    expect(leave(gate, pass("a", 0), "succeeded", unsure).inside.map(({ run }) => run)).toEqual(["b"]);
    expect(entered(gate, pass("d", 1), unsure).line.map(({ run }) => run)).toEqual(["c", "d"]);
  });

  test("what is part of a run that is inside already, uncounted", () => {
    const one = of(policy("action.concurrency", { threshold: 1, action: "delay" }));
    const outer = entered(empty, pass("w", 0), { policies: one, now: 0 });
    const waiting = entered(outer, pass("x", 1), { policies: one, now: 1 });
    const inner = entered(waiting, pass("w", 2, { task: "3", within: ["w"] }), { policies: one, now: 2 });
    expect(inner.inside.map(({ run, task }) => `${run}/${task}`)).toEqual(["w/main", "w/3"]);
    const deeper = entered(inner, pass("c", 3, { within: ["b", "w"] }), { policies: one, now: 3 });
    expect(deeper.inside.map(({ run }) => run)).toEqual(["w", "w", "c"]);
    // A task beside it holds its own pass: that is not theirs.
    const tasks = entered(empty, pass("w", 0, { task: "1", within: ["w"] }), { policies: one, now: 0 });
    expect(entered(tasks, pass("w", 1, { task: "2", within: ["w"] }), { policies: one, now: 1 }).line).toHaveLength(1);
  });
});

test("whoever waits or is refused is told why, since when and until when", () => {
  const words = (policies: ActionPolicies | undefined, steps: string) =>
    story(policies, steps, byHost).told.flatMap(({ verdict }) =>
      verdict.kind === "waits" ? [`${verdict.place}: ${verdict.why}`] : verdict.kind === "refused" ? [verdict.problem.message] : [],
    );
  expect(words(two, "+a1 +b1 +c1 +d1")).toEqual([
    "1: 2 of 2 runs are at work (policy d.action.concurrency)",
    "2: 2 of 2 runs are at work (policy d.action.concurrency)",
  ]);
  expect(words(oneEach, "+a1 +a2")).toEqual(["1: 1 of 1 run with the same host is at work (policy d.action.concurrency.attr)"]);
  expect(words(rate, "+a1 +b1 +c1")).toEqual([
    "1: 2 runs began within 10 seconds, the next may at 1970-01-01 00:00:10 UTC (policy d.action.rate)",
  ]);
  expect(words(cool({ attributes: ["host"] }), "+a1 5 -a1 10 +a2")).toEqual([
    "d.go is not run: one with the same host ended at 1970-01-01 00:00:05 UTC, the next may begin at 1970-01-01 00:01:05 UTC (policy d.action.cooldown).",
  ]);
  const both = cool({ attributes: ["host", "user"] });
  const named = (shown: Record<string, string>) =>
    whyHeld(both?.limits[0] ?? expect.fail("a limit"), { inside: 1, times: [], now: 0, shown });
  expect(named({ host: "web-1", user: "ana" })).toBe("one run with host web-1, user ana is at work already (policy d.action.cooldown)");
  expect(named({ host: "web-1" })).toBe("one run with the same host, user is at work already (policy d.action.cooldown)");
});

test("whoever waited for longer than a policy allows is refused, and stays until it leaves", () => {
  const policies = of(policy("action.concurrency", { threshold: 1, action: "delay" }), policy("action.wait", { seconds: 30 }));
  const { gate, told } = story(policies, "+a 1 +b 31");
  expect(told.at(-1)?.verdict).toMatchObject({ kind: "refused", status: "failed", problem: { code: "policy_waited" } });
  expect(gate.line).toHaveLength(1);
  expect(nextLook(story(policies, "+a 1 +b 2").gate, { policies, now: 2_000 })).toBe(31_000);
});

test("time is looked at only where it changes anything", () => {
  const { gate } = story(cool({ action: "delay" }), "+a 5 -a +b");
  expect(nextLook(gate, { policies: cool({ action: "delay" }), now: 5_000 })).toBe(65_000);
  const idle = story(cool({}), "+a 5 -a").gate;
  expect(nextLook(idle, { policies: cool({}), now: 5_000 })).toBe(65_000);
  expect(isIdle(settle(idle, { policies: cool({}), now: 65_000 }))).toBe(true);
  expect(nextLook(story(two, "+a +b +c").gate, { policies: two, now: 0 })).toBeUndefined();
});

test("what nobody needs any more is not kept", () => {
  expect(isIdle(story(two, "+a -a").gate)).toBe(true);
  expect(isIdle(story(cool({}), "+a -a").gate)).toBe(false);
  expect(isIdle(story(cool({}), "+a -a 60").gate)).toBe(true);
});

/** A line of a closed gate: so many of each host. */
function lineOf(counts: Readonly<Record<string, number>>): Gate {
  const line = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => host(`${name}${index}`, index, name)),
  );
  return { ...empty, line: line.toSorted((a, b) => a.at - b.at) };
}

describe("a line that is full", () => {
  const closed = (more: object) => of(policy("action.concurrency.attr", { threshold: 0, action: "delay", attributes: ["host"], ...more }));
  const shut = { policies: closed({}), now: 5_000 };
  const waiting = (gate: Gate) => gate.line.filter(({ refused }) => refused === undefined);

  test("turns away whoever comes last, where nobody asks for more than others", () => {
    const full = lineOf({ a: lineAtMost / 2, b: lineAtMost / 2 });
    const after = enter(full, host("late", 5_000, "a"), shut);
    expect(after.refused?.code).toBe("policy_line_full");
    expect(after.gate).toBe(full);
  });

  test("has room for others, though one asks for all of it: whoever of those came last gives way", () => {
    let gate = lineOf({ noisy: lineAtMost - 1, calm: 1 });
    for (let count = 0; count < 3; count++) gate = entered(gate, host(`other${count}`, 5_000, `other${count}`), shut);
    expect(waiting(gate).map(({ run }) => run)).toEqual(expect.arrayContaining(["calm0", "other0", "other1", "other2"]));
    expect(gate.line.flatMap(({ run, refused }) => (refused === undefined ? [] : [`${run} ${refused.code}`]))).toEqual(
      [-3, -2, -1].map((back) => `noisy${lineAtMost - 1 + back} policy_line_full`),
    );
    expect(waiting(gate)).toHaveLength(lineAtMost);
    expect(enter(gate, host("more", 5_000, "noisy"), shut).refused?.code).toBe("policy_line_full");
  });

  test("refuses no more in one go than have room in its record", () => {
    const full = lineOf({ noisy: lineAtMost });
    const { data } = problem("policy_line_full", { action: "d.go", most: lineAtMost });
    const gone = Array.from({ length: refusedAtMost }, (_, index) => ({ ...host(`gone${index}`, 4_000, "noisy"), refused: data }));
    const gate: Gate = { ...full, line: [...full.line, ...gone] };
    expect(enter(gate, host("one more", 5_000, "one more"), shut).refused?.code).toBe("policy_line_full");
    const refusing = { policies: closed({ action: "cancel" }), now: 5_000 };
    expect(settle(gate, refusing).line.filter(({ refused }) => refused !== undefined)).toHaveLength(refusedAtMost);
    const [first] = gate.line.filter(({ refused }) => refused !== undefined);
    if (first === undefined) throw new Error("some are refused");
    const after = leave(gate, first, undefined, refusing);
    expect(after.line.filter(({ refused }) => refused !== undefined)).toHaveLength(refusedAtMost);
  });
});

describe("what a gate remembers", () => {
  const thousand = { threshold: 1_000, seconds: 3_600 };
  const many = of(policy("action.rate", thousand));

  test("of a rate of a thousand is small, and never lets more begin than it says", () => {
    const ms = thousand.seconds * 1000;
    let gate = empty;
    const begun: number[] = [];
    // For three hours more come than may begin.
    for (let now = 1; now < 3 * ms; now += ms / 1_500) {
      const after = enter(gate, pass(`r${now}`, now), { policies: of(policy("action.rate", { ...thousand, action: "cancel" })), now });
      if (after.refused === undefined) begun.push(now);
      gate = leave(after.gate, { run: `r${now}`, task: "main", attempt: 1 }, "succeeded", { policies: many, now });
    }
    expect(JSON.stringify(gate).length).toBeLessThan(4_000);
    expect(begun.length).toBeGreaterThan(2_800);
    for (let index = thousand.threshold; index < begun.length; index++)
      expect((begun[index] ?? 0) - (begun[index - thousand.threshold] ?? 0)).toBeGreaterThanOrEqual(ms);
  });

  test("has a bound: then one more is told that there is no room, and whoever leaves does so", () => {
    const policies = cool({ attributes: ["host"], seconds: 86_400 });
    const groups = Array.from({ length: 20_000 }, (_, index): [string, number[]] => [`group ${index}`.padEnd(20), [1_000_000_000_000]]);
    const gate: Gate = { ...empty, inside: [host("a", 1, "a")], lately: { "d.action.cooldown": Object.fromEntries(groups) } };
    const settings = { policies, now: 1_000_000_000_000 };
    const after = enter(gate, host("b", 2, "b"), settings);
    expect(after.refused?.code).toBe("policy_gate_full");
    const left = leave(after.gate, pass("a", 1), "succeeded", settings);
    expect(left.lately["d.action.cooldown"]?.["a"]).toEqual([1_000_000_000_000]);
  });

  test("stays for a while though no policy is known that asks for it", () => {
    const { gate } = story(cool({ attributes: ["host"] }), "+a 5 -a", byHost);
    // An engine that has not heard of the policy yet lets another in and out.
    const old = { policies: two, now: 6_000, doubtMs: 5_000 };
    const after = leave(entered(gate, host("b", 6_000, "b"), old), pass("b", 6_000), "succeeded", old);
    expect(
      enter(after, host("a2", 7_000, "a"), { policies: cool({ attributes: ["host"] }), now: 7_000, doubtMs: 5_000 }).refused?.code,
    ).toBe("policy_refused");
    expect(nextLook(after, old)).toBe(10_000);
    expect(isIdle(settle(after, { ...old, now: 10_000 }))).toBe(true);
  });
});

test("a policy that is switched off, and one that only retries, lets everybody in without a pass", () => {
  expect(of({ ...policy("action.concurrency", { threshold: 1, action: "delay" }), enabled: false })).toBeUndefined();
  expect(of(policy("action.retry", { retry_on: "failure", max_retry_count: 2, delay: 0 }))?.limits).toEqual([]);
});
