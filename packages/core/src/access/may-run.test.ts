import type { AccessList, Person } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideAccess, rulesAtMost, type AccessWish } from "./change.ts";
import { mayCancel, mayRun, maySee, policyOf } from "./may-run.ts";
import type { Room } from "./who.ts";

const owner: Person = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" };
const erin: Person = { platform: "slack", space: "T1", id: "U2", name: "erin", kind: "human" };
const stranger: Person = { platform: "slack", space: "T1", id: "U9", kind: "human" };
const room: Room = { platform: "slack", space: "T1", channel: "C9" };
const at = "2026-01-01T00:00:00.000Z";
const rule = (number: number, who: string, what: string) => ({ number, who, what, by: "slack:T1/U1", at });
const policy = policyOf({
  owners: ["slack:T1/U1"],
  file: [{ who: ["slack:T1/U2"], what: ["linux.*", "core.echo"] }],
  rules: [rule(3, "room:slack:T1/C9", "core.uuid"), rule(4, "someone from the future", "*"), rule(5, "*", "alias:core.time")],
});
const says = (person: Person, action: string, more: { alias?: string; room?: Room } = {}) => {
  const access = mayRun(policy, person, { action, ...more });
  return access.kind === "no" ? "no" : access.because === "owner" ? "owner" : access.because.name;
};

describe("somebody", () => {
  it.each<[string, Person, string, { alias?: string; room?: Room }, string]>([
    ["an owner", owner, "linux.reboot", {}, "owner"],
    ["the terminal", { platform: "terminal", id: "x", kind: "human" }, "linux.reboot", {}, "owner"],
    ["a person of a rule", erin, "linux.reboot", {}, "file-1"],
    ["its other action", erin, "core.echo", {}, "file-2"],
    ["another action", erin, "core.local", {}, "no"],
    ["a stranger", stranger, "linux.reboot", { room }, "no"],
    ["a stranger in the room", stranger, "core.uuid", { room }, "3"],
    ["a stranger elsewhere", stranger, "core.uuid", { room: { ...room, channel: "C1" } }, "no"],
    ["a stranger outside of any chat", stranger, "core.uuid", {}, "no"],
    ["anybody by the alias", stranger, "core.time", { alias: "core.time" }, "5"],
    ["anybody without the alias", stranger, "core.time", {}, "no"],
  ])("who is %s", (_, person, action, more, expected) => expect(says(person, action, more)).toBe(expected));

  it("may cancel, and see, what they asked for, and an owner everything", () => {
    const run = { id: "R", asker: erin };
    expect([owner, erin, stranger].map((person) => maySee(policy, person, run))).toEqual([true, true, false]);
    expect([owner, erin, stranger].map((person) => mayCancel(policy, person, run).kind)).toEqual(["yes", "yes", "no"]);
  });
});

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const anybody = fc.record({
  platform: text.filter((platform) => platform !== "terminal"),
  space: fc.option(text, { nil: undefined }),
  id: text,
  kind: fc.constantFrom("human" as const, "bot" as const),
});

describe("whoever asks", () => {
  it("runs nothing while there are neither owners nor rules", () => {
    const nothing = policyOf({ owners: [], file: [], rules: [] });
    fc.assert(
      fc.property(anybody, text, fc.option(text, { nil: undefined }), text, (person, action, alias, channel) => {
        const asked = { action, ...(alias === undefined ? {} : { alias }), room: { platform: person.platform, channel } };
        expect(mayRun(nothing, person as Person, asked).kind).toBe("no");
      }),
    );
  });

  it("runs nothing by rules that can't be read", () => {
    fc.assert(
      fc.property(anybody, text, text, (person, who, action) => {
        fc.pre(!/^[a-z*]/.test(who));
        const odd = policyOf({ owners: [], file: [{ who: [who], what: ["*"] }], rules: [rule(1, who, "*")] });
        expect(mayRun(odd, person as Person, { action }).kind).toBe("no");
      }),
    );
  });
});

describe("a change of the list", () => {
  const tell = (list: AccessList | undefined, wish: AccessWish, message = "m1") => decideAccess(list, { wish, by: owner, message, at });
  const done = (list: AccessList | undefined, wish: AccessWish, message: string) => {
    const decision = tell(list, wish, message);
    if (decision.kind === "refused") throw decision.problem;
    return decision.next ?? list;
  };
  const allow = (who: string, ...what: string[]): AccessWish => ({ kind: "allow", who, what });
  const deny = (who: string, ...what: string[]): AccessWish => ({ kind: "deny", who, what });

  it("is remembered with who said it and when", () => {
    const list = done(undefined, allow("slack:T1/U2", "linux.*", "core.echo", "linux.*"), "m1");
    expect(list).toEqual({
      v: 1,
      next: 3,
      rules: [
        { number: 1, who: "slack:T1/U2", what: "linux.*", by: "slack:T1/U1", name: "ana", at },
        { number: 2, who: "slack:T1/U2", what: "core.echo", by: "slack:T1/U1", name: "ana", at },
      ],
      changes: [
        {
          message: "m1",
          kind: "allow",
          by: "slack:T1/U1",
          name: "ana",
          at,
          rules: [
            { number: 1, who: "slack:T1/U2", what: "linux.*" },
            { number: 2, who: "slack:T1/U2", what: "core.echo" },
          ],
        },
      ],
    });
  });

  it("happens once, also when somebody undid it in between", () => {
    let list = done(undefined, allow("*", "core.echo"), "m1");
    list = done(list, allow("*", "core.echo"), "m2");
    list = done(list, deny("*", "core.echo"), "m3");
    for (const message of ["m1", "m2"]) expect(tell(list, allow("*", "core.echo"), message)).not.toHaveProperty("next");
    expect(list?.rules).toEqual([]);
  });

  it("never uses a number again", () => {
    let list = done(undefined, allow("*", "core.echo"), "m1");
    list = done(list, { kind: "remove", number: 1 }, "m2");
    list = done(list, allow("*", "core.uuid"), "m3");
    expect(list?.rules.map(({ number }) => number)).toEqual([2]);
    expect(done(list, { kind: "remove", number: 1 }, "m4")?.rules).toHaveLength(1);
  });

  it("keeps the record small", () => {
    let list: AccessList | undefined;
    for (let n = 0; n < rulesAtMost; n++) list = done(list, allow("*", `p.a${n}`), `m${n}`);
    expect(tell(list, allow("*", "p.more"), "more").kind).toBe("refused");
    expect(tell(list, allow("*", "p.a7"), "again").kind).toBe("done");
    expect(list?.changes.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(list).length).toBeLessThan(200_000);
  });

  it("by deny takes away exactly what it names", () => {
    const who = fc.constantFrom("*", "slack:T1/U2", "slack:T1/*", "slack:*", "room:slack:T1/C9");
    const what = fc.constantFrom("*", "linux.*", "linux.reboot", "core.echo", "alias:core.echo");
    fc.assert(
      fc.property(fc.array(fc.tuple(who, what), { maxLength: 8 }), who, what, (pairs, whom, thing) => {
        let list: AccessList | undefined;
        for (const [index, [one, other]] of pairs.entries()) list = done(list, allow(one, other), `m${index}`);
        const before = list?.rules ?? [];
        const after = done(list, deny(whom, thing), "deny")?.rules;
        expect(after).toEqual(before.filter((one) => one.who !== whom || one.what !== thing));
      }),
      { numRuns: 60 },
    );
  });
});
