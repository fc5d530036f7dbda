import fc from "fast-check";
import type { Command, Send } from "@bellhop/contracts";
import { limits, runId } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import type { Decision, RunEvent } from "./event.ts";
import { brokenBy, isOver } from "./life.ts";
import type { RunPlan } from "./plan.ts";

type Run = Extract<Decision, { kind: "changed" }>["run"];

const id = runId({ key: "m1", at: "2026-01-01T00:00:00.000Z", shard: 3 });
const at = "2026-01-01T00:00:01.000Z";
const ana = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const bob = { platform: "slack", space: "T1", id: "U2", name: "bob", kind: "human" } as const;
const here = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };

function plan(repeatable: boolean): RunPlan {
  return {
    action: "deploy.deploy",
    reply: { enabled: true },
    secrets: [],
    task: { action: "deploy.deploy", digest: "d1", pool: "default", input: { app: "web" }, timeoutMs: 60_000, repeatable, attempt: 1 },
  };
}

const asked = (repeatable = false): RunEvent => ({
  id: "in:m1",
  at,
  kind: "asked",
  run: id,
  plan: plan(repeatable),
  asker: ana,
  replyTo: here,
  answers: "m1",
});
const finished = (attempt: number, status: "succeeded" | "failed" | "canceled", name = `fin${attempt}`): RunEvent => ({
  id: name,
  at,
  kind: "finished",
  finished: { v: 1, run: id, task: "main", attempt, runner: "r1", outcome: { status, output: { inline: "fine" } } },
  output: "fine",
});
const lost = (attempt: number, started: boolean, certain = false): RunEvent => ({
  id: `lost${attempt}${started}${certain}`,
  at,
  kind: "lost",
  attempt,
  runner: "r1",
  started,
  certain,
});
const unclaimed = (attempt: number, name = "unclaimed", runners = 0): RunEvent => ({ id: name, at, kind: "unclaimed", attempt, runners });
const cancel = (answers: string): RunEvent => ({
  id: `ask:${answers}`,
  at,
  kind: "cancel",
  asker: bob,
  replyTo: { ...here, channel: "C2" },
  answers,
});
const late = (attempt: number): RunEvent => ({ id: `late${attempt}`, at, kind: "timer", name: `late-${attempt}` });
const slow: RunEvent = { id: "slow", at, kind: "slow" };
const superseded = (attempt = 1): RunEvent => ({ id: "m1/e1", at, kind: "superseded", attempt });
const reaction: RunEvent = { id: "m1/x", at, kind: "cancel", asker: bob, replyTo: here, answers: "m1" };
const broken: RunEvent = { id: "broken", at, kind: "broken", problem: { code: "internal", message: "Broke.", hint: "", retry: false } };

function live(events: readonly RunEvent[]): { run: Run | undefined; commands: Command[]; last: Decision } {
  let run: Run | undefined;
  let last: Decision = { kind: "unchanged", commands: [] };
  const commands: Command[] = [];
  for (const event of events) {
    last = decide(run, event);
    if (last.kind === "changed") run = last.run;
    commands.push(...last.commands);
  }
  return { run, commands, last };
}

const inShort = (commands: readonly Command[]) =>
  commands.map((command) => {
    switch (command.kind) {
      case "request":
        return `request ${command.request.attempt}`;
      case "send": {
        const { gesture, key, revision } = command.send;
        const again = revision > 1 ? ` again` : "";
        if (gesture !== undefined) return `${gesture.kind}${gesture.kind === "reaction" && gesture.gone === true ? " gone" : ""}${again}`;
        return `${command.send.final ? "reply" : "notice"} ${key.replace(id, "").replace(/(cancel).*/, "$1")} to ${command.send.answers}${again}`;
      }
      case "cancel":
        return `cancel ${command.attempt.attempt}`;
      case "timer":
      case "clear-timer":
        return `${command.kind} ${command.timer.name}`;
      case "ask":
      case "question":
      case "press":
      case "fire":
      case "finish":
      case "enter":
      case "leave":
      case "schedule":
      case "unschedule":
        return command.kind;
    }
  });

describe("an announcement", () => {
  const to = { platform: "matrix", account: "@bellhop:example.org", channel: "!ops:example.org" };
  const task = { ...plan(false).task, announces: { to, text: "Hello." } };
  const announced: RunEvent = { ...asked(), kind: "asked", plan: { ...plan(false), task } } as RunEvent;

  it("begins and ends in one step: it is said, and then that it was", () => {
    const { run, commands, last } = live([announced]);
    expect(inShort(commands)).toEqual(["reply /announcement to undefined", "reply /reply to m1"]);
    expect(commands[0]).toMatchObject({ send: { platform: "matrix", to, body: { text: "Hello." } } });
    expect(run).toMatchObject({
      status: "succeeded",
      endedAt: at,
      output: { inline: { channel: "matrix:!ops:example.org", message: "Hello." } },
    });
    expect(last).toMatchObject({ outcome: { status: "succeeded" } });
  });

  it("can't be cancelled any more, nor said again", () => {
    expect(inShort(live([announced, announced, cancel("c1")]).commands).slice(2)).toEqual(["reply /cancel to c1"]);
  });
});

describe("a run", () => {
  it.each<[what: string, events: RunEvent[], status: string, commands: string[]]>([
    ["is handed out when it is asked for", [asked()], "scheduled", ["request 1"]],
    ["ends with one reply when its action does", [asked(), finished(1, "succeeded")], "succeeded", ["request 1", "reply /reply to m1"]],
    [
      "keeps its end when the same result comes again",
      [asked(), finished(1, "succeeded"), finished(1, "succeeded")],
      "succeeded",
      ["request 1", "reply /reply to m1"],
    ],
    [
      "keeps its end when another result comes",
      [asked(), finished(1, "succeeded"), finished(1, "failed", "other")],
      "succeeded",
      ["request 1", "reply /reply to m1"],
    ],
    ["passes over results of other attempts", [asked(), finished(2, "failed")], "scheduled", ["request 1"]],
    ["is handed out again when its runner was lost before it started", [asked(), lost(1, false)], "scheduled", ["request 1", "request 2"]],
    ["is handed out again when it is repeatable", [asked(true), lost(1, true)], "scheduled", ["request 1", "request 2"]],
    [
      "passes over the loss of an earlier attempt",
      [asked(true), lost(1, true), lost(1, true, true)],
      "scheduled",
      ["request 1", "request 2"],
    ],
    [
      "waits for the late result of what can't be repeated",
      [asked(), lost(1, true)],
      "scheduled",
      ["request 1", "timer late-1", "notice /notice/lost-1 to m1"],
    ],
    [
      "takes a late result",
      [asked(), lost(1, true), finished(1, "succeeded")],
      "succeeded",
      ["request 1", "timer late-1", "notice /notice/lost-1 to m1", "reply /reply to m1", "clear-timer late-1"],
    ],
    [
      "is abandoned when no late result came",
      [asked(), lost(1, true), late(1)],
      "abandoned",
      ["request 1", "timer late-1", "notice /notice/lost-1 to m1", "reply /reply to m1", "clear-timer late-1"],
    ],
    [
      "is abandoned at once when nothing can come any more",
      [asked(), lost(1, true, true)],
      "abandoned",
      ["request 1", "reply /reply to m1"],
    ],
    [
      "is abandoned when that turns out while it waits",
      [asked(), lost(1, true), lost(1, true, true)],
      "abandoned",
      ["request 1", "timer late-1", "notice /notice/lost-1 to m1", "reply /reply to m1", "clear-timer late-1"],
    ],
    ["passes over a timer that is not its own", [asked(), late(1)], "scheduled", ["request 1"]],
    [
      "tells once that nobody takes it",
      [asked(), unclaimed(1), unclaimed(1, "again")],
      "scheduled",
      ["request 1", "notice /notice/unclaimed to m1"],
    ],
    [
      "tells asker and canceller when it was canceled",
      [asked(), cancel("m2"), finished(1, "canceled")],
      "canceled",
      ["request 1", "cancel 1", "reply /reply to m1", "reply /cancel to m2"],
    ],
    [
      "answers each message that asked for the cancel",
      [asked(), cancel("m2"), cancel("m3"), finished(1, "canceled")],
      "canceled",
      ["request 1", "cancel 1", "cancel 1", "reply /reply to m1", "reply /cancel to m2", "reply /cancel to m3"],
    ],
    [
      "can end otherwise although a cancel was asked for",
      [asked(), cancel("m2"), finished(1, "succeeded")],
      "succeeded",
      ["request 1", "cancel 1", "reply /reply to m1", "reply /cancel to m2"],
    ],
    [
      "is not handed out again while it is canceled",
      [asked(true), cancel("m2"), lost(1, true)],
      "canceled",
      ["request 1", "cancel 1", "reply /reply to m1", "reply /cancel to m2"],
    ],
    [
      "tells a late canceller that it is over",
      [asked(), finished(1, "succeeded"), cancel("m2")],
      "succeeded",
      ["request 1", "reply /reply to m1", "reply /cancel to m2"],
    ],
    [
      "is canceled by a reaction, and its own reply says so",
      [asked(), reaction, { ...reaction, id: "m1/y" }, finished(1, "canceled")],
      "canceled",
      ["request 1", "cancel 1", "reply /reply to m1"],
    ],
    [
      "has nothing to say to a reaction when it is over",
      [asked(), finished(1, "succeeded"), reaction],
      "succeeded",
      ["request 1", "reply /reply to m1"],
    ],
    ["ends without a word for other words", [asked(), superseded()], "canceled", ["request 1"]],
    [
      "answers who asked to cancel it all the same",
      [asked(), cancel("m2"), superseded()],
      "canceled",
      ["request 1", "cancel 1", "reply /cancel to m2"],
    ],
    [
      "gives way to no other words when a later attempt is out",
      [asked(), lost(1, false), superseded()],
      "scheduled",
      ["request 1", "request 2"],
    ],
    [
      "keeps its end when other words come",
      [asked(), finished(1, "succeeded"), superseded()],
      "succeeded",
      ["request 1", "reply /reply to m1"],
    ],
    ["fails when it can't go on, and takes its request back", [asked(), broken], "failed", ["request 1", "reply /reply to m1", "cancel 1"]],
    [
      "takes the result after all that it was ended for, and rewords its reply",
      [asked(), { ...broken, id: brokenBy("fin1") }, finished(1, "succeeded"), finished(1, "succeeded")],
      "succeeded",
      ["request 1", "reply /reply to m1", "cancel 1", "reply /reply to m1 again"],
    ],
    [
      "takes no word of its request being taken back for that",
      [asked(), { ...broken, id: brokenBy("fin1") }, finished(1, "canceled")],
      "failed",
      ["request 1", "reply /reply to m1", "cancel 1"],
    ],
    [
      "takes no other result then",
      [asked(), { ...broken, id: brokenBy("fin1") }, finished(1, "succeeded", "fin2")],
      "failed",
      ["request 1", "reply /reply to m1", "cancel 1"],
    ],
  ])("%s", (_, events, status, commands) => {
    const { run, commands: given } = live(events);
    expect(run?.status).toBe(status);
    expect(inShort(given)).toEqual(commands);
  });

  it("whose words gave way to others says so, so that those can be taken", () => {
    expect(live([asked(), superseded()]).run).toMatchObject({ superseded: true, endedAt: at });
  });

  it("hands on what came with the command, at each attempt", () => {
    const files = [{ name: "a.csv", type: "text/csv", bytes: 3, object: "h" }];
    const start = asked();
    if (start.kind !== "asked") throw new Error("it is asked for");
    const { commands } = live([{ ...start, plan: { ...start.plan, task: { ...start.plan.task, files } } }, lost(1, false)]);
    expect(commands.map((command) => (command.kind === "request" ? command.request.files : undefined))).toEqual([files, files]);
  });

  it("that is whispered shows what is said of it to who asked alone, and gestures to all", () => {
    const start = asked();
    if (start.kind !== "asked") throw new Error("it is asked for");
    const { commands } = live([
      { ...start, plan: { ...start.plan, reply: { enabled: true, whisper: true } } },
      slow,
      unclaimed(1),
      finished(1, "failed"),
    ]);
    const sends = commands.filter((command) => command.kind === "send").map(({ send }) => send);
    expect(sends.map(({ gesture, only }) => [gesture?.kind, only])).toEqual([
      ["reaction", undefined],
      [undefined, "U1"],
      [undefined, "U1"],
      ["reaction", undefined],
    ]);
  });

  it("says where its page is, and stands in the room itself where its alias wishes that", () => {
    const start = asked();
    if (start.kind !== "asked") throw new Error("it is asked for");
    const place = { platform: "slack", account: "A1", channel: "C1", message: "1.0" };
    const begun = (thread: string | undefined, reply: Partial<RunPlan["reply"]>) => {
      const replyTo = thread === undefined ? place : { ...place, thread };
      const event = { ...start, replyTo, plan: { ...start.plan, reply: { ...start.plan.reply, ...reply } } };
      const decision = decide(undefined, event, { lateResult: 0, runPage: "https://ops.example.com/{run}#{run}" });
      return decision.kind === "changed" ? decision.run : undefined;
    };
    expect(begun("1.0", {})).toMatchObject({ replyTo: { thread: "1.0" }, reply: { page: `https://ops.example.com/${id}#${id}` } });
    expect(begun("1.0", { inRoom: true })?.replyTo).toEqual(place);
    expect(begun("0.5", { inRoom: true })?.replyTo).toEqual({ ...place, thread: "0.5" });
  });

  it("is not handed out for ever when its action takes every runner down", () => {
    const losses = Array.from({ length: 20 }, (_, index) => lost(index + 1, true));
    const { run, commands } = live([asked(true), ...losses]);
    expect(run?.status).toBe("abandoned");
    expect(commands.filter((command) => command.kind === "request")).toHaveLength(10);
  });

  it("names the wait in the notice of a lost runner", () => {
    const { commands } = live([asked(), lost(1, true)]);
    const notice = commands.find((command) => command.kind === "send");
    expect(notice?.kind === "send" ? notice.send.body.text : "").toContain("5 minutes");
  });

  it("keeps the output in its state and leaves it out of the outcome, so that a record holds it once", () => {
    const { run, last } = live([asked(), finished(1, "succeeded")]);
    expect(run?.output).toEqual({ inline: "fine" });
    expect(last.kind === "changed" ? last.outcome : undefined).toEqual({ status: "succeeded" });
  });

  it("that there is none of is told to who wanted it canceled", () => {
    const event = cancel("m2");
    const decision = decide(undefined, event.kind === "cancel" ? { ...event, run: id } : event);
    expect(decision.kind).toBe("unchanged");
    expect(decision.commands).toMatchObject([{ kind: "send", send: { answers: "m2", final: true, outcome: "refused" } }]);
  });

  it("remembers the latest 64 events", () => {
    const before = live([asked()]).run!;
    const { run } = decide({ ...before, applied: Array.from({ length: 100 }, (_, n) => `ask:c${n}`) }, cancel("m2")) as { run?: Run };
    expect(run?.applied).toHaveLength(64);
    expect(run?.applied.at(-1)).toBe("ask:m2");
  });
});

describe("an acknowledgement", () => {
  const ask = (reply: Partial<RunPlan["reply"]>, more: Partial<Extract<RunEvent, { kind: "asked" }>> = {}): RunEvent => {
    const start = asked();
    if (start.kind !== "asked") throw new Error("it is asked for");
    return { ...start, plan: { ...start.plan, reply: { enabled: true, ...reply } }, ...more };
  };
  const after = { key: "m0/answer", revision: 1 };
  it.each<[what: string, events: RunEvent[], commands: string[]]>([
    [
      "is a reaction, gone after the reply",
      [ask({}), slow, finished(1, "succeeded")],
      ["reaction", "reply /reply to m1", "reaction gone again"],
    ],
    ["is given once", [ask({}), slow, { ...slow, id: "slow again" }], ["reaction"]],
    [
      "is a message where the alias has words",
      [ask({ acknowledgement: { enabled: true, format: "On it" } }), slow, finished(1, "failed")],
      ["notice /reply to m1", "reply /reply to m1 again"],
    ],
    [
      "that is typing ends with the reply",
      [ask({ acknowledgement: { enabled: true, as: "typing" } }), slow, finished(1, "succeeded")],
      ["typing", "reply /reply to m1"],
    ],
    ["is left out where the alias says so", [ask({ acknowledgement: { enabled: false } }), slow], []],
    ["is left out at a prompt", [ask({}, { replyTo: { ...here, platform: "terminal" } }), slow], []],
    ["is left out where there is no message to answer", [ask({}, { replyTo: { ...here, message: undefined } }), slow], []],
    [
      "is left out where an earlier answer stands in the reply's place",
      [ask({}, { reworded: after }), slow, finished(1, "succeeded")],
      ["reply m0/answer to m1 again"],
    ],
    ["comes too late", [ask({}), finished(1, "succeeded"), slow], ["reply /reply to m1"]],
    ["is left out while the run is being canceled", [ask({}), cancel("m2"), slow], ["cancel 1"]],
    ["goes when other words take the run's place", [ask({}), slow, superseded()], ["reaction", "reaction gone again"]],
    [
      "stays among notices",
      [ask({}), slow, unclaimed(1), lost(1, true), late(1)],
      [
        "reaction",
        "notice /notice/unclaimed to m1",
        "timer late-1",
        "notice /notice/lost-1 to m1",
        "reply /reply to m1",
        "reaction gone again",
        "clear-timer late-1",
      ],
    ],
  ])("%s", (_, events, commands) => {
    expect(inShort(live(events).commands).filter((command) => !command.startsWith("request"))).toEqual(commands);
  });

  it("in words sees StackStorm's names, and what it can't fill is said plainly", () => {
    const textOf = (format: string) => {
      const { commands } = live([ask({ acknowledgement: { enabled: true, format } }), slow]);
      return commands.flatMap((command) => (command.kind === "send" ? [command.send.body] : []))[0];
    };
    expect(textOf("{{ execution.id }} for {{ execution.context.user }}, {{ execution.parameters.app }}")?.text).toBe(`${id} for ana, web`);
    expect(textOf("{{ asker.mention }}, wait")?.mentions).toMatchObject([{ person: "U1" }]);
    expect(textOf("{{ execution.id | lower }}")?.text).toBe(id.toLowerCase());
    expect(textOf("{{ execution.id | uper }}")?.text).toContain(`run \`${id}\``);
  });

  it("that reworded words begin goes on with the reply that stands", () => {
    const { run, commands } = live([
      ask({ acknowledgement: { enabled: true, format: "On it" } }, { reworded: { key: "m0/reply", revision: 0 } }),
      slow,
    ]);
    expect(run?.reworded).toEqual({ key: "m0/reply", revision: 0 });
    expect(commands.at(-1)).toMatchObject({ kind: "send", send: { key: "m0/reply", revision: 1 } });
  });
});

describe("a record of the log", () => {
  const sizeOf = (decision: Decision) => JSON.stringify(decision).length;
  const bytes = "\u0001".repeat(60_000);

  it("holds what a crowd says to cancel a run", () => {
    const crowd = Array.from({ length: 200 }, (_, index) => cancel(`slack/T1-U0/T1/C1/${index}`));
    const { commands, last, run } = live([asked(), ...crowd, finished(1, "canceled")]);
    expect(sizeOf(last)).toBeLessThan(limits.logRecord / 2);
    expect(run?.status).toBe("canceled");
    const answered = commands.flatMap((command) => (command.kind === "send" && command.send.final ? [command.send.answers] : []));
    expect(new Set(answered)).toEqual(new Set(["m1", ...crowd.map((one) => (one.kind === "cancel" ? one.answers : ""))]));
  });

  it("holds the end of a run, whatever its action says or throws", () => {
    const problem = { code: "action_failed" as const, message: bytes, hint: bytes, retry: false };
    const output = { stdout: bytes, stderr: bytes, return_code: 1 };
    for (const outcome of [{ status: "succeeded" }, { status: "failed", problem }] as const) {
      const end: RunEvent = {
        ...finished(1, "failed"),
        kind: "finished",
        finished: { v: 1, run: id, task: "main", attempt: 1, runner: "r1", outcome },
        output,
      };
      const { kept, ...step } = live([asked(), end]).last as Extract<Decision, { kind: "changed" }>;
      expect(kept).toHaveLength(1);
      expect(JSON.stringify(step).length).toBeLessThan(limits.logRecord);
    }
  });

  it("holds the words of an acknowledgement", () => {
    const acknowledgement = { enabled: true, format: "{{ execution.parameters.app }}" };
    const long = {
      ...plan(false),
      reply: { enabled: true, acknowledgement },
      task: { ...plan(false).task, input: { app: "x".repeat(30_000) } },
    };
    const { last } = live([{ ...asked(), kind: "asked", run: id, plan: long, asker: ana, replyTo: here, answers: "m1" }, slow]);
    expect(sizeOf(last)).toBeLessThan(limits.logRecord / 2 + 2_000);
  });
});

describe("whatever happens in whatever order", () => {
  const attempt = fc.integer({ min: 1, max: 3 });
  const event = fc.oneof(
    fc.record({ a: attempt, s: fc.constantFrom("succeeded", "failed", "canceled") }).map(({ a, s }) => finished(a, s, `fin${a}${s}`)),
    fc.tuple(attempt, fc.boolean(), fc.boolean()).map(([a, started, certain]) => lost(a, started, certain)),
    attempt.map((a) => unclaimed(a, `unclaimed${a}`)),
    fc.constantFrom("m2", "m3").map(cancel),
    attempt.map(late),
    fc.constant(broken),
    fc.constant(slow),
    fc.constant(reaction),
    attempt.map(superseded),
    fc.constant(asked()),
  );

  it("each message gets at most one final reply, an end is an end, attempts and revisions go up", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(event, { maxLength: 25 }), (repeatable, events) => {
        let run: Run | undefined;
        const finals = new Map<string, Set<string>>();
        for (const one of [asked(repeatable), ...events, ...events]) {
          const decision = decide(run, one);
          for (const { send } of decision.commands.filter((command) => command.kind === "send")) note(finals, send);
          if (decision.kind === "unchanged") continue;
          if (run) {
            expect(isOver(run.status)).toBe(false);
            expect(decision.run.tasks["main"]?.attempt).toBeGreaterThanOrEqual(run.tasks["main"]?.attempt ?? 1);
            expect(decision.run.revision).toBe(run.revision + 1);
          }
          run = decision.run;
        }
        for (const keys of finals.values()) expect(keys.size).toBe(1);
        if (run && isOver(run.status)) {
          // Other words of the message speak for it then.
          expect(finals.has("m1")).toBe(run.superseded !== true);
          for (const one of run.cancels ?? []) expect(finals.has(one.answers)).toBe(one.answers !== "m1" || run.superseded !== true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  /** Two sends of one key and revision are one reply: receipts see to that. */
  function note(finals: Map<string, Set<string>>, send: Send): void {
    if (!send.final || send.answers === undefined) return;
    finals.set(send.answers, (finals.get(send.answers) ?? new Set()).add(`${send.key}/${send.revision} ${send.body.text}`));
  }
});

describe("a run that shows what it prints", () => {
  const printed: RunEvent = { id: "printed", at, kind: "printed" };
  const asks = asked();
  const showing: RunEvent = asks.kind === "asked" ? { ...asks, plan: { ...asks.plan, reply: { enabled: true, live: true } } } : asks;
  const finalOf = (commands: readonly Command[]) =>
    commands.flatMap((command) => (command.kind === "send" && command.send.final ? [command.send] : []));

  it("says its end in the place of that, after every wording it can have", () => {
    const { run, commands } = live([showing, slow, printed, printed, finished(1, "succeeded")]);
    expect(run).toMatchObject({ status: "succeeded", shown: { from: 0 }, revision: 4 });
    expect(finalOf(commands)).toMatchObject([{ key: `${id}/reply`, revision: 2_000_000_001, body: { text: "fine" } }]);
    expect(inShort(commands)).toEqual(["request 1", "reaction", "reply /reply to m1 again", "reaction gone again"]);
  });

  it("goes on from the words that acknowledged it", () => {
    const polite: RunEvent =
      showing.kind === "asked"
        ? { ...showing, plan: { ...showing.plan, reply: { ...showing.plan.reply, acknowledgement: { enabled: true, format: "On it" } } } }
        : showing;
    const { run, commands } = live([polite, slow, printed, finished(1, "failed")]);
    expect(run?.shown).toEqual({ from: 1 });
    expect(finalOf(commands)).toMatchObject([{ revision: 2_000_000_003 }]);
  });

  it.each<[string, RunEvent[]]>([
    ["nobody asked for that", [asked(), printed]],
    ["it is over", [showing, finished(1, "succeeded"), printed]],
  ])("does not begin to where %s", (_, events) => {
    expect(live(events).run?.shown).toBeUndefined();
    expect(live(events).last.kind).toBe("unchanged");
  });

  it("rewords its end where a result comes after all, although it had ended for a dead letter", () => {
    const dead: RunEvent = { ...broken, id: brokenBy("fin1") };
    const { commands } = live([showing, printed, dead, finished(1, "succeeded")]);
    expect(finalOf(commands).map(({ revision }) => revision)).toEqual([2_000_000_001, 2_000_000_002]);
  });
});

it.each([
  [0, /^No runner works for pool default now: this waits in the queue \(run `.+`\)\. `cancel` takes it out\.$/],
  [2, /^The runners of pool default are all at work, and others came first: this waits/],
])("says why nobody has taken it where %i runners work for its pool", (runners, words) => {
  const { commands } = decide(live([asked()]).run, unclaimed(1, "unclaimed", runners));
  expect(commands).toMatchObject([{ kind: "send", send: { body: { text: expect.stringMatching(words) as string }, final: false } }]);
});
