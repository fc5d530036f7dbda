import { ActionDefinition, AliasDefinition, type Message, type PackVersion, type Person } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { policyOf } from "../access/may-run.ts";
import { doneWords } from "../access/words.ts";
import { emptyCatalog, withPack } from "../catalog.ts";
import { receive } from "./receive.ts";
import type { Verdict } from "./verdict.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const action = (ref: string) => {
  const [pack = "", name = ""] = ref.split(".");
  return ActionDefinition.parse({ ref, pack, name, kind: "typescript", parameters: { what: { type: "string" } }, source });
};
const alias = (ref: string, format: string, target = ref) => {
  const [pack = "", name = ""] = ref.split(".");
  return AliasDefinition.parse({ ref, pack, name, action: target, formats: [{ display: format, representation: [format] }], source });
};
const pack = (name: string, actions: string[], aliases: PackVersion["aliases"]): PackVersion => ({
  v: 1,
  name,
  version: "1",
  description: "",
  digest: name,
  actions: actions.map(action),
  aliases,
});
const linux = pack(
  "linux",
  ["linux.reboot", "linux.uptime", "linux.halt"],
  [
    alias("linux.reboot", "reboot {{ what }}"),
    alias("linux.gently", "gently reboot {{ what }}", "linux.reboot"),
    alias("linux.uptime", "uptime {{ what }}"),
    alias("linux.a", "twice {{ what }}", "linux.uptime"),
    alias("linux.b", "twice {{ what }}", "linux.halt"),
  ],
);
const wall = pack(
  "wall",
  ["wall.open"],
  [alias("wall.open", "allow {{ what }} through"), alias("wall.may", "may {{ what }} run free", "wall.open")],
);
const catalog = withPack(emptyCatalog, linux);

const owner: Person = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" };
const erin: Person = { ...owner, id: "U2", name: "erin" };
const rule = (number: number, who: string, what: string) => ({
  number,
  who,
  what,
  by: "slack:T1/U1",
  name: "ana",
  at: "2026-01-01T00:00:00.000Z",
});
const policy = policyOf({
  owners: ["slack:T1/U1"],
  file: [{ who: ["slack:T1/U2"], what: ["linux.uptime"] }],
  rules: [rule(1, "room:slack:T1/C9", "alias:linux.gently"), rule(2, "slack:T1/U7", "linux.*")],
});

function say(text: string, how: { author?: Person; channel?: string; packs?: PackVersion[] } = {}): Verdict {
  const { author = owner, channel = "C9", packs = [] } = how;
  const message: Message = {
    v: 1,
    key: "k",
    platform: author.platform,
    account: "A",
    conversation: { space: "T1", channel, thread: "1.2", kind: "room" },
    author,
    content: { text },
    addressed: "prefix",
    origin: "live",
    replyTo: { platform: "slack", account: "A", channel },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
  const known = packs.reduce((all, one) => withPack(all, one), catalog);
  return receive({ catalog: known, policy, message, runs: [], now: message.sentAt });
}
const textOf = (verdict: Verdict) => (verdict.kind === "answer" ? `${verdict.outcome}: ${verdict.body.text}` : verdict.kind);

describe("an owner", () => {
  it.each([
    ["allow @U2 linux.*", { kind: "allow", who: "slack:T1/U2", what: ["linux.*"] }],
    ["Allow <@U2> to run linux.reboot, core.echo and alias:core.time", undefined],
    ["allow everyone here core.echo", { kind: "allow", who: "room:slack:T1/C9", what: ["core.echo"] }],
    ["allow everyone core.echo", { kind: "allow", who: "*", what: ["core.echo"] }],
    ["allow everyone on slack:T1 core.echo", { kind: "allow", who: "slack:T1/*", what: ["core.echo"] }],
    ["allow `matrix:@b\\_b:example.org` `linux.\\*`", { kind: "allow", who: "matrix:@b_b:example.org", what: ["linux.*"] }],
    ["deny @U2 linux.*", { kind: "deny", who: "slack:T1/U2", what: ["linux.*"] }],
    ["disallow slack:T1/U2 *", { kind: "deny", who: "slack:T1/U2", what: ["*"] }],
    ["access remove 2", { kind: "remove", number: 2 }],
  ])(
    "changes the list by %j",
    (text, wish = { kind: "allow", who: "slack:T1/U2", what: ["linux.reboot", "core.echo", "alias:core.time"] }) => {
      expect(say(text)).toEqual({ kind: "access", wish });
    },
  );

  it.each([
    ["allow @erin linux.*", /refused: "@erin" names nobody .*: it is no mention and no identity.\nMention the person .*slack:T1\/U2/],
    ["allow", /names nobody .*: say who/],
    ["allow @U2", /Nothing is nothing that a rule can be made for: say what, too/],
    ["allow @U2 linux", /"linux" is nothing .*: it is not PACK.ACTION.\nWrite a pack as linux/],
    ["allow @U2 linux.* nonsense", /"nonsense" is nothing/],
    ["access remove file-1", /Rule file-1 stands in bellhop.yaml/],
    ["access remove 1; drop", /No command fits/],
    ["access remove one", /There is no rule one/],
    [`allow @U2 ${"a.b ".repeat(11)}`, /10 at once are enough/],
  ])("is told what is wrong with %j", (text, expected) => expect(textOf(say(text))).toMatch(expected));

  it("sees the rules, and who made them when", () => {
    const text = textOf(say("access"));
    expect(text).toContain("`slack:T1/U1`, whoever types at the terminal");
    expect(text).toContain("- file-1: `slack:T1/U2` may run `linux.uptime`, from bellhop.yaml");
    expect(text).toContain("- 2: `slack:T1/U7` may run `linux.*`, from chat, by ana (`slack:T1/U1`), 2026-01-01 00:00 UTC");
    expect(textOf(say("access changes"))).toMatch(/^ok: Nobody has changed/);
  });

  it("keeps a pack's commands that begin with these words", () => {
    expect(say("allow web through", { packs: [wall] })).toMatchObject({ kind: "run", plan: { action: "wall.open" } });
    expect(say("may dogs run free", { packs: [wall] })).toMatchObject({ kind: "run" });
    expect(say("allow @U2 linux.* through", { packs: [wall] })).toMatchObject({ kind: "answer" });
  });
});

describe("somebody else", () => {
  it("changes and sees nothing of the list", () => {
    for (const text of ["allow @U2 linux.*", "deny @U2 linux.*", "access", "access changes", "access remove 1", "may @U7 run linux.halt"]) {
      expect(textOf(say(text, { author: erin })), text).toMatch(/^refused: erin may not .*: that is for owners/);
    }
  });

  it("runs what a rule lets them, where it lets them", () => {
    expect(say("uptime web", { author: erin, channel: "C1" }).kind).toBe("run");
    expect(say("gently reboot web", { author: erin }).kind).toBe("run");
    expect(textOf(say("reboot web", { author: erin }))).toMatch(/erin may not run linux.reboot/);
    expect(textOf(say("gently reboot web", { author: erin, channel: "C1" }))).toMatch(/may not run/);
    expect(textOf(say("gently reboot web", { author: { ...erin, kind: "bot" } }))).toMatch(/may not run/);
  });

  it("is helped with what is theirs here, and with nothing else", () => {
    const here = textOf(say("help", { author: erin }));
    expect(here).toContain("`uptime {{ what }}`");
    expect(here).toContain("`gently reboot {{ what }}`");
    expect(here).not.toContain("`reboot {{ what }}`");
    expect(here).not.toContain("allow WHO");
    expect(textOf(say("help", { author: erin, channel: "C1" }))).not.toContain("gently");
    expect(textOf(say("uptmie web", { author: erin }))).toContain("Did you mean `uptime {{ what }}`");
    expect(textOf(say("rebot web", { author: erin }))).not.toContain("reboot {{");
    expect(textOf(say("twice x", { author: erin }))).toMatch(/fits `twice \{\{ what \}\}` \(linux.a\) and a command that is not yours/);
    expect(textOf(say("help", { author: { ...erin, id: "U9" }, channel: "C1" }))).toContain("No command of a pack is yours to run here.");
  });
});

describe("why", () => {
  it.each([
    [
      "why can't I linux.reboot",
      erin,
      /^ok: You \(`slack:T1\/U2`\) may not run `linux.reboot` here: of the 3 rules there are, those for you here let you run only other things/,
    ],
    ["why can’t I run linux.reboot?", erin, /`linux.uptime` for `slack:T1\/U2` \(rule file-1, from bellhop.yaml\): that is something else/],
    [
      "why cannot I `reboot web`?",
      erin,
      /may not run `linux.reboot` \(by the alias `linux.reboot`\)[^]*Ask an owner to say `allow slack:T1\/U2 linux.reboot`/,
    ],
    ["why can't i uptime web", erin, /may run `linux.uptime` .* here: `linux.uptime` for .* \(rule file-1/],
    ["why can't I linux.halt", { ...erin, id: "U9" }, /let you run only other things/],
    ["why can't I linux.halt", owner, /may run `linux.halt` here: you are an owner/],
    ["why can't I xyzzy", erin, /refused: No command fits "xyzzy"/],
    [
      "may @U2 run linux.reboot",
      owner,
      /^ok: `slack:T1\/U2` may not run .*[^]*`linux.\*` for `slack:T1\/U7` .*: that is `slack:T1\/U7` only[^]*To let them: `allow/,
    ],
    ["may @U7 run linux.halt", owner, /^ok: `slack:T1\/U7` may run `linux.halt` here: `linux.\*` for/],
    ["may I run linux.reboot", erin, /You \(`slack:T1\/U2`\) may not run/],
    ["may everyone run linux.reboot", owner, /one person at a time/],
  ])("%s", (text, author, expected) => expect(textOf(say(text, { author }))).toMatch(expected));

  it("tells a stranger of no rule that is for others", () => {
    const text = textOf(say("why can't I linux.halt", { author: { ...erin, id: "U9" }, channel: "C1" }));
    expect(text).toMatch(/none of the 3 rules there are is for you in this place/);
    expect(text).not.toContain("U7");
  });
});

describe("what became of a change", () => {
  const change = { message: "m", by: "slack:T1/U1", at: "2026-01-01T00:00:00.000Z" };
  it("says what was done, and what was so before", () => {
    const rules = [{ number: 3, who: "slack:T1/U2", what: "linux.*" }];
    const wish = { who: "slack:T1/U2", what: ["linux.*", "core.echo"] };
    expect(doneWords({ change: { ...change, kind: "allow", rules }, policy, wish })).toBe(
      "`slack:T1/U2` may run `linux.*` (rule 3). `slack:T1/U2` may run `core.echo` already.",
    );
  });

  it("says what still allows what was taken back", () => {
    const wish = { who: "slack:T1/U7", what: ["linux.reboot"] };
    const text = doneWords({ change: { ...change, kind: "deny", rules: [] }, policy, wish });
    expect(text).toMatch(
      /^No rule from a chat is for `slack:T1\/U7` and exactly `linux.reboot`.\nWhat else may still allow it:\n- `linux.\*` for .*\(rule 2/,
    );
    const gone = { ...change, kind: "remove" as const, rules: [{ number: 9, who: "slack:T1/U5", what: "core.echo" }] };
    expect(doneWords({ change: gone, policy, wish: undefined })).toBe("Taken back: rule 9, `core.echo` for `slack:T1/U5`.");
  });
});
