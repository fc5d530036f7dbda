import { ActionDefinition, AliasDefinition, runId, type Message, type PackVersion, type Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { answerHelp } from "../builtin/answers.ts";
import { emptyCatalog, withPack } from "../catalog.ts";
import { receive } from "./receive.ts";
import type { Verdict } from "./verdict.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const action = (name: string, rest: Record<string, unknown> = {}) =>
  ActionDefinition.parse({
    ref: `p.${name}`,
    pack: "p",
    name,
    kind: "typescript",
    description: `Does ${name}`,
    parameters: { what: { type: "string" } },
    source,
    ...rest,
  });
const alias = (name: string, formats: string[], target = `p.${name}`) =>
  AliasDefinition.parse({
    ref: `p.${name}`,
    pack: "p",
    name,
    action: target,
    formats: formats.map((format) => ({ display: format, representation: [format] })),
    source,
  });
const version: PackVersion = {
  v: 1,
  name: "p",
  version: "1",
  description: "",
  digest: "d",
  actions: [action("deploy"), action("status"), action("off", { enabled: false }), action("a"), action("b")],
  aliases: [
    alias("deploy", ["deploy {{ what }}"]),
    alias("slow", ["deploy slowly {{ what }}"], "p.deploy"),
    alias("status", ["status of {{ what }}", "status {{ what }}"]),
    alias("off", ["off"]),
    alias("gone", ["gone"], "p.gone"),
    alias("a", ["twice {{ what }}"]),
    alias("b", ["twice {{ what }}"]),
    alias("broken", ["broken ("]),
  ],
};
const catalog = withPack(emptyCatalog, version);
const owner = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const stranger = { ...owner, id: "U9", name: "eve" } as const;
const now = "2026-01-01T00:05:00.000Z";

const run = (key: string, at: string, asker: Message["author"] = owner): Run => ({
  v: 1,
  id: runId({ key, at, shard: 1 }),
  revision: 1,
  status: "scheduled",
  action: "p.deploy",
  reply: { enabled: true },
  asker,
  replyTo: { platform: "slack", account: "A", channel: "C" },
  answers: key,
  tasks: {},
  applied: [],
  askedAt: at,
});
const first = run("m1", "2026-01-01T00:00:00.000Z");
const second = run("m2", "2026-01-01T00:04:00.000Z");
const others = run("m3", "2026-01-01T00:04:30.000Z", stranger);

function say(text: string, how: { author?: Message["author"]; addressed?: Message["addressed"]; runs?: Run[] } = {}): Verdict {
  const message: Message = {
    v: 1,
    key: "k",
    platform: "slack",
    account: "A",
    conversation: { channel: "C", kind: "room" },
    author: how.author ?? owner,
    content: { text },
    addressed: how.addressed ?? "prefix",
    origin: "live",
    replyTo: { platform: "slack", account: "A", channel: "C" },
    sentAt: now,
  };
  return receive({
    catalog,
    policy: { owners: new Set(["slack:T1/U1"]), rules: [] },
    message,
    runs: how.runs ?? [second, first, others],
    now,
  });
}

const textOf = (verdict: Verdict) => (verdict.kind === "answer" ? `${verdict.outcome}: ${verdict.body.text}` : verdict.kind);

describe("a message", () => {
  it.each([
    ["deploy web", { what: "web" }],
    ["!deploy web", { what: "web" }],
    ["  ! deploy “web app”", { what: "web app" }],
    ["Deploy slowly web", { what: "web" }],
  ])("%j becomes a run of the most literal alias", (text, input) => {
    expect(say(text)).toMatchObject({ kind: "run", plan: { action: "p.deploy", task: { input } } });
  });

  it.each([
    ["", /refused: Say a command/],
    ["depoly web", /refused: No command fits "depoly web".\nDid you mean `deploy \{\{ what \}\}`\?/],
    ["hlep", /Did you mean `help`\?/],
    ["xyzzy plugh", /refused: No command fits "xyzzy plugh".\n`help` lists the commands./],
    ["twice x", /refused: "twice x" fits `twice \{\{ what \}\}` \(p.a\) and .* \(p.b\)/],
    ["off", /refused: p.off is switched off/],
    ["gone", /refused: There is no action p.gone/],
    ["deploy web wat=1", /has no parameter wat.\nDid you mean what\?/],
  ])("%j is refused with a reason", (text, expected) => {
    expect(textOf(say(text))).toMatch(expected);
  });

  it("of a stranger runs nothing, and teaches nothing about what there is", () => {
    expect(textOf(say("deploy web", { author: stranger }))).toMatch(/refused: eve may not run p.deploy/);
    expect(textOf(say("depoly web", { author: stranger }))).not.toContain("{{ what }}");
    expect(textOf(say("twice x", { author: stranger }))).toMatch(/may not run/);
    expect(textOf(say("help", { author: stranger }))).not.toContain("deploy");
  });

  it("typed at a terminal is an owner's", () => {
    expect(say("deploy web", { author: { platform: "terminal", id: "ana", kind: "human" }, addressed: "prompt" }).kind).toBe("run");
  });
});

describe("help", () => {
  it("lists what can be run, by pack, with the built-in words", () => {
    const text = textOf(say("help"));
    expect(text).toContain("- `help [WORD]`");
    expect(text).toContain("**p**\n- `deploy {{ what }}` - Does deploy");
    expect(text).not.toContain("`off`");
    expect(text).not.toContain("gone");
  });

  it("filters by a word", () => {
    const text = textOf(say("help slowly"));
    expect(text).toContain("deploy slowly");
    expect(text).not.toContain("`deploy {{ what }}`");
    expect(textOf(say("help nonsense"))).toMatch(/Nothing here has to do with "nonsense"/);
  });
});

describe("help about one action", () => {
  const roll = action("roll", {
    ref: "ops.roll",
    pack: "ops",
    description: "Roll out",
    parameters: {
      service: { type: "string", required: true, description: "Which" },
      to: { enum: ["prod", "test"], default: "test" },
      token: { type: "string", secret: true, default: "hunter2" },
      fixed: { immutable: true, default: 1 },
    },
  });
  const said = { ...alias("r", ["roll SERVICE"], "ops.roll"), ref: "ops.r", pack: "ops" };
  const known = withPack(catalog, { ...version, name: "ops", actions: [roll], aliases: [said] });
  const help = (filter: string) =>
    answerHelp({
      catalog: known,
      policy: { owners: new Set(["slack:T1/U1"]), rules: [] },
      message: { author: owner, conversation: { channel: "C", kind: "room" }, replyTo: first.replyTo } as Message,
      filter,
    }).text;

  it.each(["ops.roll", "roll out", "OPS"])("tells what it takes, and no secret: help %s", (filter) => {
    expect(help(filter)).toBe(`**ops**
- \`roll SERVICE\` - Roll out

**ops.roll takes**
- \`service\` (string, needed) - Which
- \`to\` (one of \`prod\`, \`test\`, otherwise \`test\`)
- \`token\` (string)`);
  });

  it("is had by what somebody may have meant", () => {
    expect(help("ops.rol1")).toBe('Nothing here has to do with "ops.rol1". Did you mean `help ops.roll`? `help` lists everything.');
  });
});

describe("status", () => {
  it("lists live runs with their age, oldest first", () => {
    const text = textOf(say("status"));
    expect(text.indexOf(first.id)).toBeLessThan(text.indexOf(second.id));
    expect(text).toContain(`\`${first.id}\` p.deploy: scheduled, for 5 min, asked by ana`);
    expect(textOf(say("status", { runs: [] }))).toBe("ok: Nothing is running here.");
  });

  it("knows a run by its id or the end of it", () => {
    expect(textOf(say(`status ${first.id}`))).toContain(first.id);
    expect(textOf(say(`status ${first.id.slice(-8).toLowerCase()}`))).toContain(first.id);
  });

  it("gives way to a pack's command that begins like it", () => {
    expect(say("status of web")).toMatchObject({ kind: "run", plan: { action: "p.status" } });
    expect(say("status web")).toMatchObject({ kind: "run", plan: { action: "p.status" } });
  });
});

describe("cancel", () => {
  it("means the latest run of whoever says it", () => {
    expect(say("cancel")).toEqual({ kind: "cancel", run: second.id });
    expect(say("cancel", { author: stranger })).toEqual({ kind: "cancel", run: others.id });
    expect(textOf(say("cancel", { runs: [others] }))).toBe("refused: Nothing of yours is running here.");
  });

  it("takes the run that is named, also one of another conversation", () => {
    expect(say(`cancel ${first.id}`)).toEqual({ kind: "cancel", run: first.id });
    expect(say(`cancel ${first.id}`, { runs: [] })).toEqual({ kind: "cancel", run: first.id });
    expect(textOf(say("cancel NOPE99"))).toMatch(/There is no run NOPE99/);
  });

  it("of another person's run is for owners", () => {
    expect(say(`cancel ${others.id}`).kind).toBe("cancel");
    expect(textOf(say(`cancel ${first.id}`, { author: stranger }))).toMatch(/eve may not cancel run/);
  });
});

describe("claim", () => {
  it.each([
    ["direct", "claim"],
    ["mention", "claim"],
    ["prefix", "answer"],
    ["prompt", "answer"],
  ] as const)("said by %s gives %s", (addressed, kind) => {
    expect(say("claim ABCD-1234", { addressed }).kind).toBe(kind);
  });
});

describe("a catalog", () => {
  it("names the format that is broken and keeps the rest of the pack", () => {
    expect(catalog.faults).toMatchObject([{ pack: "p", alias: "p.broken", format: "broken (" }]);
  });
});
