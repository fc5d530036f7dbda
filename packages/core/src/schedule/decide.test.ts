import { ActionDefinition, AliasDefinition, type CommandSchedule, type Message } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { receive } from "../intake/receive.ts";
import type { Verdict } from "../intake/verdict.ts";
import { dueMessage } from "./decide.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const action = (name: string, parameters: Record<string, unknown>) =>
  ActionDefinition.parse({ ref: `p.${name}`, pack: "p", name, kind: "typescript", description: "", parameters, source });
const alias = (name: string, format: string, target = name) =>
  AliasDefinition.parse({
    ref: `p.${name}`,
    pack: "p",
    name,
    action: `p.${target}`,
    formats: [{ display: format, representation: [format] }],
    source,
  });
const catalog = withPack(emptyCatalog, {
  v: 1,
  name: "p",
  version: "1",
  description: "",
  digest: "d",
  actions: [
    action("deploy", { what: { type: "string", required: true } }),
    action("login", { user: { type: "string" }, password: { type: "string", secret: true } }),
    action("rotate", {
      keys: { type: "array", secret: true },
      server: { type: "object", properties: { token: { type: "string", secret: true } } },
    }),
  ],
  aliases: [
    alias("deploy", "deploy {{ what }}"),
    alias("login", "login {{ user }} {{ password }}"),
    alias("rotate", "rotate"),
    alias("call", "on call {{ what }}", "deploy"),
    alias("noon", "at noon {{ what }}", "deploy"),
    alias("any", "{{ what }} please", "deploy"),
  ],
});
const owner = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const stranger = { ...owner, id: "U9", name: "eve" } as const;
const now = "2026-11-22T14:00:00.000Z";

const said = (text: string, more: Partial<Message> = {}): Message => ({
  v: 1,
  key: "slack/A/T1/C/9",
  platform: "slack",
  account: "A",
  conversation: { space: "T1", channel: "C", kind: "room" },
  author: owner,
  content: { text },
  addressed: "prefix",
  origin: "live",
  replyTo: { platform: "slack", account: "A", space: "T1", channel: "C", thread: "7", message: "9" },
  sentAt: now,
  ...more,
});

function take(message: Message, live: readonly CommandSchedule[] = []): Verdict {
  const schedules = { live: () => live, has: (id: string) => live.some((one) => one.id === id) };
  const policy = { owners: new Set(["slack:T1/U1"]), rules: [] };
  return receive({ catalog, policy, message, runs: [], now, schedules, timeZone: "Europe/Vienna" });
}

function scheduled(text: string, more: Partial<Message> = {}, live: readonly CommandSchedule[] = []): CommandSchedule {
  const verdict = take(said(text, more), live);
  if (verdict.kind !== "schedule") throw new Error(`${text}: ${textOf(verdict)}`);
  return verdict.schedule;
}

const textOf = (verdict: Verdict) => ("body" in verdict ? verdict.body.text : verdict.kind);
const direct = { conversation: { channel: "D1", kind: "direct" } } as const;

describe("a time and a command", () => {
  it("are a schedule in the room where they were said, without the message that said them", () => {
    const verdict = take(said("every monday 9:00: deploy api"));
    expect(textOf(verdict)).toMatch(
      /^`deploy api` is scheduled: every monday 9:00\.\nNext: Monday 23 November 09:00, Monday 30 November 09:00, Monday 7 December 09:00 Europe\/Vienna\.\nSchedule `(\w{6})`; `unschedule \1` ends it\.$/,
    );
    const schedule = scheduled("every monday 9:00: deploy api");
    expect(schedule).toMatchObject({ command: "deploy api", when: "every monday 9:00", due: "2026-11-23T08:00:00.000Z", asker: owner });
    expect(schedule.replyTo).toEqual({ platform: "slack", account: "A", space: "T1", channel: "C", thread: "7" });
  });

  it.each<[string, Partial<Message>, RegExp]>([
    ["every monday 9:00 depoly api", {}, /No command fits "depoly api"/],
    ["every monday 9:00 deploy", {}, /p\.deploy lacks what/],
    ["every monday 9:00 deploy api", { author: stranger }, /eve may not run/],
    ["tomorrow 9:00 login ana hunter2", {}, /says a secret \(password of p\.login\)/],
    ["tomorrow 9:00 rotate keys=hunter2,hunter3", {}, /says a secret \(keys of p\.rotate\)/],
    [String.raw`tomorrow 9:00 rotate server='{"token": "hun\"ter2"}'`, {}, /says a secret \(server of p\.rotate\)/],
    ["every monday 9:00 every monday 9:00 deploy api", {}, /No command fits "every monday 9:00 deploy api"/],
    ["every monday 9:00 allow @eve p.*", {}, /No command fits "allow @eve/],
    ["every monday deploy api", {}, /can't be scheduled: at what time/],
    ['cron "0 0 29 2 *" deploy api', {}, /more than a year ahead/],
  ])("are refused with the reason: %s", (text, more, why) => {
    expect(textOf(take(said(text, more)))).toMatch(why);
  });

  it.each(["on call sunday 9:00", "at noon deploy api"])("are a pack's command where that begins so: %s", (text) => {
    expect(take(said(text)).kind).toBe("run");
  });

  it("are a schedule where a pack's command only happens to fit them", () => {
    expect(scheduled("every monday 9:00 api please").command).toBe("api please");
  });

  it("are refused where a person or a room has too many", () => {
    const one = scheduled("every monday 9:00 deploy api");
    const many = (count: number, more: Partial<CommandSchedule>) =>
      Array.from({ length: count }, () => ({ ...one, message: "m", ...more }));
    const elsewhere = { conversation: { channel: "C2", kind: "room" } } as const;
    expect(textOf(take(said("in 5 minutes deploy api"), many(20, elsewhere)))).toMatch(/20 schedules of ana already/);
    expect(textOf(take(said("in 5 minutes deploy api"), many(50, { asker: stranger })))).toMatch(/50 schedules of this room already/);
    expect(take(said("in 5 minutes deploy api"), many(19, elsewhere)).kind).toBe("schedule");
  });

  it("get an id that nobody else has", () => {
    const one = scheduled("every monday 9:00 deploy api");
    expect(scheduled("every monday 9:00 deploy api", {}, [{ ...one, message: "other" }]).id).not.toBe(one.id);
    expect(scheduled("every monday 9:00 deploy api", {}, [one]).id).toBe(one.id);
  });
});

describe("schedules", () => {
  const here = scheduled("every monday 9:00 deploy api");
  const private_ = { ...scheduled("tomorrow 9:00 deploy db", direct), id: "PRIVAT" };
  const live = [here, private_];
  const list = (text: string, more: Partial<Message> = {}) => textOf(take(said(text, more), live));

  it("are listed where they were made, and in private to who made them", () => {
    expect(list("schedules")).toContain(here.id);
    expect(list("schedules")).not.toContain("PRIVAT");
    expect(list("schedules", direct).split("\n")).toHaveLength(2);
    expect(list("schedules", { ...direct, author: stranger, conversation: { channel: "D2", kind: "direct" } })).toMatch(
      /^Nothing is scheduled/,
    );
  });

  it("are listed whole for owners, in private", () => {
    expect(list("schedules all")).toMatch(/for owners alone/);
    expect(list("schedules all", { ...direct, author: stranger })).toMatch(/for owners alone/);
    expect(list("schedules all", { conversation: { channel: "D3", kind: "direct" } })).toContain("in slack C");
  });

  it("are ended by who made them and owners; of those elsewhere others learn nothing", () => {
    expect(take(said(`unschedule ${here.id.toLowerCase()}`), live).kind).toBe("unschedule");
    expect(take(said(`cancel schedule \`${here.id}\``), live).kind).toBe("unschedule");
    expect(list(`unschedule ${here.id}`, { author: stranger })).toMatch(/eve may not end schedule/);
    expect(list("unschedule PRIVAT", { author: stranger })).toMatch(/no schedule PRIVAT/);
  });
});

describe("what is due", () => {
  const due = (schedule: CommandSchedule) => dueMessage(schedule, "2026-11-23T08:00:00.000Z");
  const schedule = scheduled("every monday 9:00 deploy api");

  it("is one message for each time, and a run in its author's name", () => {
    expect(due(schedule)).toEqual(due({ ...schedule, askedAt: now }));
    expect(due(schedule).key).not.toBe(dueMessage(schedule, "2026-11-30T08:00:00.000Z").key);
    expect(take(due(schedule))).toMatchObject({ kind: "run", plan: { action: "p.deploy", task: { input: { what: "api" } } } });
  });

  it.each<[Partial<CommandSchedule>, RegExp]>([
    [{ command: "gone" }, /^Schedule `\w{6}` of ana, gone: No command fits/],
    [{ command: "deploy" }, /lacks what/],
    [{ command: "status" }, /No command fits "status"/],
    [{ asker: stranger }, /^Schedule `\w{6}` of eve, deploy api: eve may not run/],
  ])("says in the room why it is not run: %j", (change, why) => {
    expect(textOf(take(due({ ...schedule, ...change })))).toMatch(why);
  });
});
