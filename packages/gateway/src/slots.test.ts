import type { Send } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choose, placeFor, type Placed, type Slot } from "./slots.ts";

const to = { platform: "test", account: "bot", channel: "ops" };

function slot(key: string, revision: number, rest: Partial<Slot> & { final?: boolean } = {}): Slot {
  const { final = false, ...others } = rest;
  const send: Send = { v: 1, key, revision, platform: "test", account: "bot", to, body: { text: "", tone: "info" }, final };
  return { send, sequence: 0, begun: false, notBefore: 0, ...others };
}

describe("a newcomer", () => {
  it.each<[string, Slot[], Slot, Placed]>([
    ["is the first of nobody", [], slot("a", 1, { sequence: 1 }), { kind: "waits", at: 0 }],
    ["stands behind others", [slot("a", 1, { sequence: 1 })], slot("b", 1, { sequence: 2 }), { kind: "waits", at: 1 }],
    [
      "that is delivered again stands where it stood",
      [slot("b", 1, { sequence: 2 })],
      slot("a", 1, { sequence: 1 }),
      { kind: "waits", at: 0 },
    ],
    [
      "takes the place of an older wording",
      [slot("b", 1), slot("a", 1), slot("c", 1)],
      slot("a", 2, { sequence: 9 }),
      { kind: "replaces", at: 1 },
    ],
    ["takes it as a final word too", [slot("a", 1)], slot("a", 2, { final: true, sequence: 9 }), { kind: "replaces", at: 0 }],
    ["never takes the place of a final word", [slot("a", 1, { final: true })], slot("a", 2, { sequence: 9 }), { kind: "waits", at: 1 }],
    ["takes none of a wording that is begun", [slot("a", 1, { begun: true })], slot("a", 2, { sequence: 9 }), { kind: "waits", at: 1 }],
    [
      "replaces the one that waits behind the begun one",
      [slot("a", 1, { begun: true }), slot("a", 2)],
      slot("a", 3, { sequence: 9 }),
      { kind: "replaces", at: 1 },
    ],
    ["is not needed where a newer wording waits", [slot("a", 3)], slot("a", 2, { sequence: 9 }), { kind: "superseded" }],
    ["is needed all the same as a final word", [slot("a", 3)], slot("a", 2, { final: true, sequence: 9 }), { kind: "waits", at: 1 }],
    [
      "is needed all the same if somebody began it",
      [slot("a", 3, { sequence: 5 })],
      slot("a", 2, { begun: true, sequence: 4 }),
      { kind: "waits", at: 0 },
    ],
  ])("%s", (_, slots, newcomer, expected) => {
    expect(placeFor(slots, newcomer)).toEqual(expected);
  });
});

describe("what is said next", () => {
  const rest = (keys: Record<string, number>) => (key: string) => keys[key] ?? 0;

  it("is the first", () => {
    const slots = [slot("a", 1), slot("b", 1)];
    expect(choose(slots, 0, rest({}))).toEqual({ kind: "say", slot: slots[0] });
  });

  it("is the next while the first may not be reworded yet", () => {
    const slots = [slot("a", 2), slot("b", 1)];
    expect(choose(slots, 10, rest({ a: 11 }))).toEqual({ kind: "say", slot: slots[1] });
  });

  it("is nothing of a key whose earlier wording has to wait", () => {
    const slots = [slot("a", 1, { notBefore: 50 }), slot("a", 2, { final: true }), slot("b", 1, { notBefore: 30 })];
    expect(choose(slots, 10, rest({}))).toEqual({ kind: "wait", until: 30 });
  });
});

it("says every final word and the newest wording of everything, never an older one after a newer", () => {
  const event = fc.record({ key: fc.constantFrom("a", "b", "c"), final: fc.boolean(), say: fc.boolean() });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const slots: Slot[] = [];
      const said: Slot[] = [];
      const revisions = new Map<string, number>();
      const finals: string[] = [];
      const sayOne = () => {
        const choice = choose(slots, 0, () => 0);
        if (choice.kind === "say") said.push(...slots.splice(slots.indexOf(choice.slot), 1));
      };
      for (const [sequence, { key, final, say }] of events.entries()) {
        const revision = (revisions.get(key) ?? 0) + 1;
        revisions.set(key, revision);
        if (final) finals.push(`${key}${revision}`);
        const newcomer = slot(key, revision, { final, sequence });
        const place = placeFor(slots, newcomer);
        if (place.kind === "waits") slots.splice(place.at, 0, newcomer);
        if (place.kind === "replaces") slots.splice(place.at, 1, { ...newcomer, sequence: slots[place.at]?.sequence ?? 0 });
        if (say) sayOne();
      }
      while (slots.length > 0) sayOne();
      const words = said.map(({ send }) => `${send.key}${send.revision}`);
      for (const word of finals) expect(words).toContain(word);
      for (const [key, revision] of revisions) {
        const ofKey = said.filter(({ send }) => send.key === key).map(({ send }) => send.revision);
        expect(ofKey.at(-1)).toBe(revision);
        expect(ofKey).toEqual([...new Set(ofKey)].sort((a, b) => a - b));
      }
    }),
  );
});
