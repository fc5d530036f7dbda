import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import {
  buckets,
  runId,
  scaled,
  scheduleKey,
  type Address,
  type Command,
  type CommandSchedule,
  type PackVersion,
  type RuleDefinition,
} from "@bellhop/contracts";
import { start } from "@bellhop/engine";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { commandLine } from "../command-line.ts";
import { ledTo, ledToLines } from "./led-to.ts";

let nats: TestNats;
let bus: Bus;
let folder: string;
let engine: Service;
beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-event-"));
  const durations = scaled(0.1);
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  engine = await start({ nats: { url: nats.url }, folder, durations, logLevel: "silent", file: {}, owners: [], concurrency: 8 });
});
afterAll(async () => {
  await engine.stop();
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

async function bellhop(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      said[name === "stdout" ? "out" : "err"] += String(text);
      return true;
    }),
  );
  try {
    const code = await commandLine(args, { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats.url });
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("a trigger that is emitted says which rules fired, and can be looked at and played again", async () => {
  const { out } = await bellhop("trigger", "emit", "demo.push", "user=bo", "size=7");
  expect(out).toMatch(/^[0-9A-Z]{26} {2}demo\.push {2}from person \S+\n {2}demo\.greet {2}runs demo\.hello as [0-9A-Z]{26}\n$/);
  const id = out.slice(0, 26);
  const shown = await bellhop("event", "show", id, "--json");
  expect(JSON.parse(shown.out)).toMatchObject({ event: id, payload: { user: "bo", size: 7 }, enforcements: [{ rule: "demo.greet" }] });
  const run = /as (\w{26})/.exec(out)?.[1] ?? "";
  const text = (await bellhop("event", "show", id)).out;
  expect(text).toMatch(
    new RegExp(`\\n {2}trace [0-9a-f]{32}\\n {2}run ${run} {2}(?:demo\\.hello \\w+|not begun, or refused)\\n {2}payload\\n`),
  );
  const secret = JSON.parse((await bellhop("trigger", "emit", "demo.push", "size=1", "token=hunter2", "--json")).out) as { event: string };
  expect((await bellhop("event", "show", secret.event)).out).not.toContain("hunter2");
  expect(JSON.parse((await bellhop("event", "show", secret.event, "--whole", "--json")).out)).toMatchObject({
    payload: { token: "hunter2" },
  });
  const replayed = await bellhop("event", "replay", id, "--json");
  expect(JSON.parse(replayed.out)).toMatchObject({ trigger: "demo.push", source: { kind: "replay", name: id } });
  const why = await bellhop("rule", "why", id);
  expect(why.out).toBe("demo.greet fires\n  fits    trigger.size gt 5: found 7\n");
});

test.each([
  [["trigger", "emit", "core.st2.generic.inquiry"], 1, "No rule waits for core.st2.generic.inquiry.\n  `bellhop rule list`"],
  [["trigger", "emit", "core.st2.webhok"], 1, "no rule waits for it. Did you mean core.st2.webhook?"],
  [["event", "list", "--before", "12"], 2, "--before 12 is no event's id"],
])("what can't be, and what is near, is told: %j", async (args, expected, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).toBe(expected);
});

test("what a person emits that does not fit its trigger's schema is told, and happens", async () => {
  const { out, err } = await bellhop("trigger", "emit", "demo.typed", "size=many");
  expect(err).toContain("It does not fit the schema of demo.typed: payload.size should be");
  expect(out).toContain("demo.typed");
  expect((await bellhop("trigger", "emit", "demo.typed", "size=5")).err).not.toContain("does not fit");
});

test("an event that no rule fits says so, and under one key it happens once", async () => {
  await writeFile(join(folder, "small.yaml"), "{user: bo, size: 2}");
  const once = ["trigger", "emit", "demo.push", "--payload", join(folder, "small.yaml"), "--key", "small", "--json"];
  const { out } = await bellhop(...once);
  const said = JSON.parse(out) as { event: string; enforcements: unknown[] };
  expect(said.enforcements).toEqual([]);
  expect(JSON.parse((await bellhop(...once)).out)).toMatchObject({ event: said.event });
  const { out: text, err } = await bellhop("trigger", "emit", "demo.push", "size=2");
  expect(text).toContain("demo.push");
  expect(err).toContain("No rule fired. `bellhop rule why");
});

test("what is scheduled in chats is listed, and ended once", async () => {
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
  const schedule: CommandSchedule = {
    v: 1,
    id: "7KQ2MX",
    message: "m1",
    asker: { platform: "slack", space: "T1", id: "U1", kind: "human" },
    account: "A1",
    conversation: { space: "T1", channel: "C1", kind: "room" },
    addressed: "prefix",
    replyTo,
    command: "greet Ada",
    when: "every monday 9:00",
    trigger: "core.st2.CronTimer",
    parameters: { day_of_week: "mon", hour: "9", timezone: "UTC" },
    askedAt: "2026-11-22T12:00:00.000Z",
    due: "2126-11-25T09:00:00.000Z",
  };
  await bus.bucket(buckets.schedule).create(scheduleKey(schedule), schedule);
  expect((await bellhop("schedule", "list")).out).toMatch(
    /7KQ2MX +every monday 9:00 +greet Ada +Monday 25 November 2126 09:00, Monday 2 December 2126 09:00, .* UTC +slack:T1\/U1 +slack:T1\/C1/,
  );
  expect(JSON.parse((await bellhop("schedule", "list", "--json")).out)).toMatchObject({
    schedules: [{ schedule: "7KQ2MX", by: "slack:T1/U1" }],
  });
  expect((await bellhop("schedule", "cancel", "7kq2mx")).out).toBe("Schedule 7KQ2MX has ended: every monday 9:00 greet Ada.\n");
  expect(await bellhop("schedule", "cancel", "7KQ2MX")).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no schedule 7KQ2MX"),
  });
});

test("a rule is listed and switched, whatever its file says", async () => {
  expect(JSON.parse((await bellhop("trigger", "list", "--json")).out)).toEqual({
    triggers: [
      { ref: "core.st2.CronTimer", rules: 1, description: "" },
      { ref: "demo.push", rules: 1, description: "somebody pushed" },
      { ref: "demo.typed", rules: 0, description: "" },
    ],
  });
  expect((await bellhop("rule", "disable", "demo.greet")).out).toBe("demo.greet is off.\n");
  expect(JSON.parse((await bellhop("rule", "list", "--json")).out)).toMatchObject({
    rules: [
      { ref: "demo.greet", enabled: false },
      { ref: "demo.hook", enabled: false },
      { ref: "demo.nightly", enabled: true },
    ],
  });
  expect((await bellhop("rule", "list")).out).toMatch(/demo\.greet +off +demo\.push +demo\.hello/);
  expect((await bellhop("rule", "enable", "demo.greet")).out).toBe("demo.greet is on.\n");
});

test("timers are listed with the times that come", async () => {
  await vi.waitFor(async () => {
    const { timers } = JSON.parse((await bellhop("timer", "list", "--json")).out) as { timers: { trigger: string; next: string[] }[] };
    expect(timers).toMatchObject([{ trigger: "core.st2.CronTimer", parameters: { hour: 3 } }]);
    expect(timers[0]?.next.map((at) => at.slice(10))).toEqual(Array.from({ length: 5 }, () => "T03:00:00.000Z"));
  }, 45_000);
  expect((await bellhop("timer", "list")).out).toContain("hour=3 timezone=UTC");
});

test.each([
  [["trigger", "emit", "demo.pusch"], "Did you mean demo.push?"],
  [["trigger", "emit", "push"], "expected PACK.TRIGGER"],
  [["trigger", "emit", "demo.push", "a=1", "--payload", "x"], "given twice"],
  [["webhook", "send", "demo/psh"], "Did you mean demo/push?"],
  [["rule", "disable", "demo.gret"], "Did you mean demo.greet?"],
  [["event", "show", "nothing"], "There is no event nothing."],
])("%j is told what is wrong", async (args, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).not.toBe(0);
});

test("webhooks are listed with who may send them, and tried without sending any", async () => {
  expect((await bellhop("webhook", "send", "demo/push", "a=1")).err).toContain("`bellhop rule enable demo.hook` switches it on.");
  await bellhop("rule", "enable", "demo.hook");
  expect((await bellhop("webhook", "list")).out).toMatch(/demo\/push +nobody +demo\.hook\n/);
  await bellhop("api-key", "create", "forge", "--scope", "webhooks:demo/*");
  expect(JSON.parse((await bellhop("webhook", "list", "--json")).out)).toEqual({
    webhooks: [{ path: "demo/push", on: ["demo.hook"], off: [], keys: ["forge"] }],
  });
  const sent = await bellhop("webhook", "send", "/v1/webhooks/demo/push/", "ref=main", "n=1", "--header", "X-Kind=1.0", "--json");
  const { event } = JSON.parse(sent.out) as { event: string };
  expect(JSON.parse((await bellhop("event", "show", event, "--json")).out)).toMatchObject({
    payload: { body: { ref: "main", n: 1 }, headers: { "X-Kind": "1.0" }, headers_lower: { "x-kind": "1.0" } },
    enforcements: [{ rule: "demo.hook" }],
  });
});

test("a rule is switched for a while, comes back as it was, and the list says when", async () => {
  const state = async () => /demo\.greet +(.*?) {2,}/.exec((await bellhop("rule", "list")).out)?.[1];
  expect((await bellhop("rule", "enable", "demo.greet", "--for", "2h")).err).toContain("demo.greet is on for good");
  expect((await bellhop("rule", "disable", "demo.greet", "--for", "soon")).err).toContain("such as 30m");
  expect((await bellhop("rule", "disable", "demo.greet", "--for", "2h")).out).toMatch(/is off until \d{4}-\S+ \S+, and on again then/);
  expect(await state()).toMatch(/^off until \d/);
  const emitted = JSON.parse((await bellhop("trigger", "emit", "demo.push", "user=Ana", "--json")).out) as { event: string };
  expect((await bellhop("rule", "why", emitted.event)).out).toContain("demo.greet does not fire: it is not enabled");
  await bellhop("rule", "disable", "demo.greet", "--for", "1s");
  await vi.waitFor(async () => expect(await state()).toBe("on"), 60_000);
  await bellhop("rule", "disable", "demo.greet");
  expect(await state()).toBe("off");
  expect((await bellhop("rule", "disable", "demo.greet", "--for", "2h")).err).toContain("is off for good");
  await bellhop("rule", "enable", "demo.greet");
});

test("what a run led to is its last words in each room, and what it fired", async () => {
  const at = "2026-11-22T12:00:00.000Z";
  const name = (key: string) => runId({ key, at, shard: 0 });
  const [run, post] = [name("run"), name("post")];
  const asker = { platform: "rule", id: "demo.greet", kind: "bot" } as const;
  const here: Address = { platform: "rule", account: "demo.greet", channel: "demo.greet" };
  const send = (key: string, to: Address, text: string): Command => {
    const { platform, account } = to;
    return { kind: "send", send: { v: 1, key, revision: 1, run, final: true, platform, account, to, body: { text, tone: "info" } } };
  };
  const ops = { platform: "slack", account: "A1", space: "T1" };
  const posting = { key: "demo/1", says: { kind: "text", text: "Half done." } } as const;
  const asking = { v: 2, key: "k", run: post, asker, replyTo: here, askedAt: at, parent: { run, task: "main", attempt: 1 } } as const;
  const payload = { inline: {} };
  const fired = {
    v: 1,
    key: "f",
    event: name("event"),
    trigger: "demo.push",
    payload,
    source: { kind: "run", name: run },
    firedAt: at,
  } as const;
  const steps: [string, Command[]][] = [
    [post, [send("p/1", { ...ops, channel: "C1" }, "Half done."), send("p/2", { ...ops, channel: "C2" }, "Half done.")]],
    [run, [{ kind: "ask", ask: { ...asking, kind: "post", posting } }, send("r", here, "Done.")]],
    [
      run,
      [
        send("w", { ...ops, channel: "C1" }, "Nearly."),
        send("w", { ...ops, channel: "C1" }, "All \u001b[2Jdone."),
        { kind: "fire", event: fired },
      ],
    ],
  ];
  let after = 0;
  for (const [log, commands] of steps) {
    const revision = after === 0 ? 1 : 2;
    const step = { v: 1, run: log, revision, event: { id: `${log}/${after}`, kind: "asked" }, commands, at } as const;
    const appended = await bus.log.append(step, { after });
    after = log === run && appended.kind === "appended" ? appended.sequence : 0;
  }
  expect(ledToLines(await ledTo(bus, run))).toEqual([
    `  run ${run}  not begun, or refused`,
    "    said in slack:T1/C1, slack:T1/C2",
    "      Half done.",
    "    said in slack:T1/C1",
    "      All \\u{1b}[2Jdone.",
    `    fired demo.push as ${name("event")}`,
  ]);
});

test("a rule is tried on an event that was kept, with the datastore as it is now", async () => {
  const kept: RuleDefinition = {
    ...rule,
    ref: "kept.kept",
    pack: "kept",
    name: "kept",
    trigger: { type: "kept.kept", parameters: {} },
    criteria: { "trigger.user": { type: "eq", pattern: "{{ st2kv.system.user }}" } },
    action: { ref: "demo.hello", parameters: { user: "{{ st2kv.system.user }}" } },
  };
  const version: PackVersion = { ...pack, name: "kept", digest: "kept1", actions: [], triggers: [], rules: [kept] };
  await activatePack(bus, { version, files: { v: 1, digest: version.digest, files: [] } });
  const { event } = JSON.parse((await bellhop("trigger", "emit", "kept.kept", "user=bo", "--json")).out) as { event: string };
  const tried = async (...args: string[]) => await bellhop("rule", "test", "--rule", "kept.kept", "--event", event, ...args);
  expect((await tried()).out).toContain("kept.kept does not fire\n");
  await bellhop("kv", "set", "user", "bo");
  expect(await tried()).toEqual({
    code: 0,
    out: 'kept.kept fires\n  fits    trigger.user eq "bo": found "bo"\n  runs demo.hello with {"user":"bo"}\n',
    err: "",
  });
  await writeFile(join(folder, "values.yaml"), "system.user: cy\n");
  expect((await tried("--kv", join(folder, "values.yaml"))).out).toContain('differs trigger.user eq "cy": found "bo"');
  const other = await bellhop("rule", "test", "--rule", "demo.greet", "--event", event);
  expect(other).toMatchObject({ code: 1, out: expect.stringContaining("waits for demo.push, and this is kept.kept") });
  const hook = await bellhop("trigger", "emit", "core.st2.webhook", "--parameter", "url=other", "--json");
  const { event: sent } = JSON.parse(hook.out) as { event: string };
  expect((await bellhop("rule", "test", "--rule", "demo.hook", "--event", sent)).out).toContain(
    'waits for core.st2.webhook with {"url":"/demo/push/"}, and this came with {"url":"other"}',
  );
  expect((await bellhop("rule", "test", "--rule", "demo.none", "--event", event)).err).toContain("There is no rule demo.none.");
});

const source = { file: "x.yaml", line: 1, column: 1 };
const rule: RuleDefinition = {
  ref: "demo.greet",
  pack: "demo",
  name: "greet",
  description: "",
  enabled: true,
  type: "standard",
  trigger: { type: "demo.push", parameters: {} },
  criteria: { "trigger.size": { type: "gt", pattern: 5 } },
  action: { ref: "demo.hello", parameters: {} },
  source,
};
const pack: PackVersion = {
  v: 1,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  actions: [
    {
      ref: "demo.hello",
      pack: "demo",
      name: "hello",
      description: "",
      enabled: true,
      kind: "typescript",
      parameters: {},
      repeatable: false,
      pool: "default",
      source,
    },
  ],
  aliases: [],
  rules: [
    rule,
    {
      ...rule,
      ref: "demo.hook",
      name: "hook",
      enabled: false,
      criteria: {},
      trigger: { type: "core.st2.webhook", parameters: { url: "/demo/push/" } },
    },
    { ...rule, ref: "demo.nightly", name: "nightly", trigger: { type: "core.st2.CronTimer", parameters: { hour: 3, timezone: "UTC" } } },
  ],
  triggers: [
    { ref: "demo.push", pack: "demo", name: "push", description: "somebody pushed", source },
    { ref: "demo.typed", pack: "demo", name: "typed", description: "", payload: { properties: { size: { type: "integer" } } }, source },
  ],
};
