import type { Address, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { announced, announcementOf } from "./announce.ts";
import { isRoom, type Places } from "./place.ts";

const inSlack: Address = { platform: "slack", account: "T1-U9", space: "T1", channel: "C1", thread: "1.1", message: "1.2" };
const atPrompt: Address = { platform: "terminal", account: "prompt", channel: "prompt" };
const senders = [
  { platform: "slack", account: "T1-U9" },
  { platform: "slack", account: "T2-U9" },
  { platform: "discord", account: "100000000000000009" },
  { platform: "matrix", account: "@bellhop:example.org" },
];
const rooms = new Map([
  ["ops", [{ room: "matrix:!ops:example.org" }]],
  ["sales", [{ room: "slack:T2/C7", account: "T2-U9" }]],
  ["all", [{ room: "slack:T1/C9" }, { room: "matrix:!ops:example.org" }, { room: "slack:T1/C9" }]],
]);

const announce = (input: Record<string, unknown>, places: Partial<Places> = {}) =>
  announcementOf({
    action: "core.announcement",
    input: { message: "Hi.", ...input },
    places: { here: inSlack, rooms, senders, ...places },
  });

describe("an announcement goes", () => {
  it.each<[string, Record<string, unknown>, Partial<Places>, Partial<Address>]>([
    ["to where it was asked", {}, {}, { platform: "slack", account: "T1-U9", space: "T1", channel: "C1", thread: "1.1" }],
    ["here, too", { channel: "here" }, { here: atPrompt }, { platform: "terminal", account: "prompt", channel: "prompt" }],
    ["to another room of this workspace", { channel: "C2" }, {}, { platform: "slack", account: "T1-U9", space: "T1", channel: "C2" }],
    ["to a room by its whole name", { channel: "slack:T1/C2" }, {}, { platform: "slack", account: "T1-U9", space: "T1", channel: "C2" }],
    [
      "to another workspace, by its account",
      { channel: "slack:T2/C2" },
      {},
      { platform: "slack", account: "T2-U9", space: "T2", channel: "C2" },
    ],
    [
      "to a channel that was mentioned on Discord",
      { channel: "#200000000000000002" },
      { here: { platform: "discord", account: "100000000000000009", space: "1", channel: "3" } },
      { platform: "discord", account: "100000000000000009", space: "1", channel: "200000000000000002" },
    ],
    [
      "to another platform, by its only account",
      { channel: "matrix:!dev:example.org" },
      {},
      { platform: "matrix", account: "@bellhop:example.org", channel: "!dev:example.org" },
    ],
    [
      "to a room that has a name",
      { channel: "ops" },
      { here: atPrompt },
      { platform: "matrix", account: "@bellhop:example.org", channel: "!ops:example.org" },
    ],
    [
      "to one with its account",
      { channel: "sales" },
      { here: atPrompt },
      { platform: "slack", account: "T2-U9", space: "T2", channel: "C7" },
    ],
    [
      "as the account that was named",
      { channel: "slack:C5", account: "T2-U9" },
      { here: atPrompt },
      { platform: "slack", account: "T2-U9", channel: "C5" },
    ],
    [
      "anywhere, where nobody knows who sends",
      { channel: "slack:C5" },
      { here: atPrompt, senders: undefined },
      { platform: "slack", channel: "C5" },
    ],
  ])("%s", (_, input, places, to) => {
    expect(announce(input, places)).toMatchObject({ kind: "ok", announcement: { to, text: "Hi." } });
  });

  it("to each room of a name that stands for several, once", () => {
    const read = announce({ channel: "all", extra: { cards: { title: "Doors" } } });
    if (read.kind === "refused") throw read.problem;
    const run = { id: "R1", replyTo: inSlack } as Run;
    const { output, sends } = announced(run, "R1/announcement", read.announcement);
    expect(sends.map(({ to, account }) => [to.channel, account])).toEqual([
      ["C9", "T1-U9"],
      ["!ops:example.org", "@bellhop:example.org"],
    ]);
    expect(new Set(sends.map(({ key }) => key)).size).toBe(2);
    expect(sends[0]).toMatchObject({ key: "R1/announcement", body: { text: "Hi.", cards: [{ title: "Doors" }] } });
    expect(output).toEqual({ channel: "slack:T1/C9, matrix:!ops:example.org", account: "T1-U9", message: "Hi." });
  });

  it("to every prompt that is open, by the room that they are together", () => {
    const prompts = ["p-1", "p-2"].map((account) => ({ platform: "terminal", account }));
    const at = {
      senders: [...senders, ...prompts],
      rooms: new Map([["ops", [{ room: "terminal:prompt" }]]]),
      here: { ...atPrompt, account: "p-2" },
    };
    const accounts = (channel: string) => {
      const read = announce({ channel }, at);
      return (
        read.kind === "ok" && announced({ id: "R1", replyTo: atPrompt } as Run, "k", read.announcement).sends.map(({ account }) => account)
      );
    };
    expect(accounts("ops")).toEqual(["p-1", "p-2"]);
    expect(accounts("here")).toEqual(["p-2"]);
  });

  it("to the other rooms of a name, where no prompt is open", () => {
    const both = new Map([["ops", [{ room: "terminal:prompt" }, { room: "slack:T1/C9" }]]]);
    const read = announce({ channel: "ops" }, { rooms: both });
    expect(read).toMatchObject({ kind: "ok", announcement: { to: { platform: "slack", channel: "C9" } } });
    expect(read).not.toHaveProperty("announcement.also");
  });

  it("to a thread by its id, and calls by name whoever is named", () => {
    const read = announce({ thread_id: "1.5", user: "U5" });
    if (read.kind === "refused") throw read.problem;
    const [send] = announced({ id: "R1", replyTo: inSlack } as Run, "k", read.announcement).sends;
    expect(send?.to).toMatchObject({ channel: "C1", thread: "1.5" });
    const [mention] = send?.body.mentions ?? [];
    expect(mention).toMatchObject({ person: "U5" });
    expect(send?.body.text).toBe(`${mention?.token}: Hi.`);
  });

  it("as words of their own, not as an answer", () => {
    const read = announce({});
    expect(read.kind === "ok" && read.announcement.to.message).toBeUndefined();
  });

  it("to one person alone, where it is whispered", () => {
    expect(announce({ user: "U5", whisper: true })).toMatchObject({ kind: "ok", announcement: { only: "U5" } });
    expect(announce({ user: "U5" })).not.toHaveProperty("announcement.only");
  });
});

describe("an announcement is refused", () => {
  it.each<[string, Record<string, unknown>, Partial<Places>, string, string]>([
    ["in a room that nobody has named", { channel: "opss" }, {}, '"opss" names no room', "Did you mean ops?"],
    ["in one whose id is not known", { channel: "#general" }, {}, '"#general" names no room', "name them in bellhop.yaml"],
    ["in one of a platform that there is not", { channel: "irc:#bellhop" }, {}, '"irc:#bellhop" names no room', "platform:[space/]id"],
    [
      "here, where a rule asks for it",
      { channel: "here" },
      { here: { platform: "rule", account: "p.r", channel: "p.r" } },
      '"here" names no room',
      "name them in bellhop.yaml",
    ],
    ["at prompts, where none is open", { channel: "terminal:prompt" }, {}, "on terminal:prompt now", "No prompt is open: `bellhop chat`"],
    ["where nobody sends", { channel: "matrix:!a:b" }, { senders: [] }, "on matrix now", "No gateway for matrix runs now."],
    ["where several could", { channel: "slack:C5" }, { here: atPrompt }, "on slack now", "There are T1-U9, T2-U9."],
    ["by an account that there is not", { channel: "slack:T1/C5", account: "T3-U1" }, {}, "on slack as T3-U1 now", "T1-U9, T2-U9"],
    ["when it says nothing", { message: "  " }, {}, "message of core.announcement can't be nothing", "some words"],
    ["when it says too much", { message: "x".repeat(8_001) }, {}, "can't be 8001 characters", "8000 characters at most"],
    ["when it is whispered to nobody", { whisper: true }, {}, "user of core.announcement can't be nobody", "the id of"],
  ])("%s", (_, input, places, message, hint) => {
    expect(announce(input, places)).toMatchObject({
      kind: "refused",
      problem: { message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
    });
  });
});

it("tells what may stand in bellhop.yaml", () => {
  expect(
    ["slack:T1/C9", "slack:C9", "discord:1/20000", "matrix:!ops:example.org", "matrix:example.org/!ops:example.org"].filter(isRoom),
  ).toHaveLength(5);
  expect(["ops", "slack:", "slack:T1/U9", "slack:T1/C9 C8", "terminal:x"].filter(isRoom)).toEqual([]);
});
