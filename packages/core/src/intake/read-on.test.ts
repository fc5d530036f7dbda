import type { Bookmark, Message, Person, Run, Send } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { policyOf } from "../access/may-run.ts";
import { readOn } from "./read-on.ts";

const ana: Person = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" };
const ben: Person = { ...ana, id: "U2", name: "ben" };
const owner: Person = { ...ana, id: "U3", name: "olga" };
const policy = policyOf({ owners: ["slack:T1/U3"], file: [], rules: [] });
const here = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
const id = "01JGK1ANS6V8S7Y1TTX3KDVC03";
const more = { object: "h", from: 8_000, left: 100, reader: "U1", at: "2026-01-01T00:00:00.000Z" };
const bookmark: Bookmark = { v: 1, run: id, more };

function said(author: Person, channel = "C1"): Message {
  const replyTo = { ...here, channel };
  const conversation = { space: "T1", channel, kind: "room" } as const;
  const content = { text: "more" };
  const place = { platform: "slack", account: "A1", conversation, replyTo };
  return { v: 1, key: "k", ...place, author, content, addressed: "prefix", origin: "live", sentAt: more.at };
}

function logged(reply?: Partial<Send>): { run: Run; reply?: Send } {
  const run = { id, asker: ana, replyTo: here, answers: "m1" } as Run;
  const send: Send = {
    v: 1,
    key: "r",
    revision: 1,
    platform: "slack",
    account: "A1",
    to: here,
    body: { text: "", tone: "ok" },
    final: true,
  };
  return { run, ...(reply === undefined ? {} : { reply: { ...send, ...reply } }) };
}

describe("`more`", () => {
  it("goes on where the person is", () => {
    expect(readOn({ policy, message: said(ana), bookmark })).toEqual({ kind: "page", more, run: id, only: false });
  });

  it("says so where there is nothing to read, or no more of it", () => {
    expect(readOn({ policy, message: said(ana) })).toMatchObject({ kind: "answer", outcome: "refused" });
    expect(readOn({ policy, message: said(ana), bookmark: { ...bookmark, more: { ...more, left: 0 } } })).toMatchObject({
      kind: "answer",
      outcome: "ok",
    });
  });

  it("keeps to one person what was whispered to them", () => {
    expect(readOn({ policy, message: said(ana), bookmark: { ...bookmark, only: true } })).toMatchObject({ kind: "page", only: true });
    expect(readOn({ policy, message: said(ana), named: id, logged: logged({ more, only: "U1" }) })).toMatchObject({
      kind: "page",
      only: true,
    });
  });
});

describe("`more RUN`", () => {
  it.each([id, id.toLowerCase(), id.slice(-6)])("goes on where the person is in that run: %s", (named) => {
    const further = { ...bookmark, more: { ...more, from: 16_000 } };
    const known = named.length === id.length ? logged({ more }) : undefined;
    expect(readOn({ policy, message: said(ana), named, bookmark: further, logged: known })).toMatchObject({ more: { from: 16_000 } });
  });

  it.each<[string, Message, Partial<Send>, string]>([
    ["whoever asked, elsewhere", said(ana, "C2"), { more }, "page"],
    ["an owner, elsewhere", said(owner, "C2"), { more }, "page"],
    ["whoever is where it was said aloud", said(ben), { more }, "page"],
    ["an owner, what was whispered", said(owner), { more, only: "U1" }, "page"],
    ["a stranger, elsewhere", said(ben, "C2"), { more }, "answer"],
    ["a stranger, what was whispered", said(ben), { more, only: "U1" }, "answer"],
  ])("shows it to %s, or not: %#", (_, message, reply, kind) => {
    const reading = readOn({ policy, message, named: id, logged: logged(reply) });
    expect(reading.kind).toBe(kind);
    if (reading.kind === "answer") expect(reading.body.text).toContain("There is no run");
  });

  it("tells a run that has no answer yet, and one whose answer was said whole", () => {
    const answers = [logged(), logged({})].map((known) => readOn({ policy, message: said(ana), named: id, logged: known }));
    expect(answers).toMatchObject([
      { kind: "answer", body: { text: expect.stringContaining("no answer yet") } },
      { kind: "answer", body: { text: expect.stringContaining("said whole") } },
    ]);
  });
});
