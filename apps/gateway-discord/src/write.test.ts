import type { FileRef, Send } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { insteadOfFiles, writePieces } from "./write.ts";

const guild = "613425648685547541";
const channel = "290926798999357250";
const message = "1441337337446400001";
const to = { platform: "discord", account: "1179012345678901234", space: guild, channel };

const saying = (body: Partial<Send["body"]>, rest: Partial<Send> = {}) =>
  writePieces({
    v: 1,
    key: "01J/2/0",
    revision: 1,
    platform: "discord",
    account: to.account,
    to: { ...to, message },
    body: { text: "", tone: "info", ...body },
    final: true,
    ...rest,
  });
const file = (name: string, bytes: number, rest: Partial<FileRef> = {}): FileRef => ({
  name,
  type: "text/csv",
  bytes,
  object: "0a",
  ...rest,
});
const mebi = 1024 * 1024;

describe("a reply in Discord's words", () => {
  it("is one message where it is short, and never none", () => {
    expect(saying({ text: "Deployed: **api**" })).toEqual([{ content: "Deployed: **api**", pings: [], files: [], index: 0, nth: 0 }]);
    expect(saying({})).toMatchObject([{ content: "(empty)" }]);
  });

  it("is several where it is long, each with a place of its own where they look the same", () => {
    const line = (letter: string) => `${letter.repeat(1_900)}\n\n`;
    const pieces = saying({ text: ["x", "x", "o", "x"].map(line).join("") });
    expect(pieces.map(({ content, index, nth }) => [content.slice(0, 5), index, nth])).toEqual([
      ["xxxxx", 0, 0],
      ["xxxxx", 1, 1],
      ["ooooo", 2, 0],
      ["xxxxx", 3, 2],
    ]);
  });

  it("is its beginning and a file where it would fill the room", () => {
    const text = "word ".repeat(10_000).trim();
    const [intro, whole, ...rest] = saying({ text });
    expect(intro?.content).toMatch(/… cut here: 49999 characters in all$/);
    expect(intro?.content.length).toBeLessThanOrEqual(2_000);
    expect(whole).toMatchObject({ content: "", files: [{ name: "reply.md", type: "text/markdown", bytes: 49_999, text }] });
    expect(rest).toEqual([]);
  });

  it("pings whom it calls by name, and nobody else, whatever it says", () => {
    const person = "100000000000000001";
    const pings = (text: string, mentions?: Send["body"]["mentions"]) => saying({ text, mentions }).flatMap((piece) => piece.pings);
    expect(pings("done, @a1b2", [{ token: "@a1b2", person }])).toEqual([person]);
    expect(pings("done, `@a1b2`", [{ token: "@a1b2", person }])).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3_000 }), (text) => {
        expect(pings(`${text} @everyone <@${person}>`)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("is for one person alone by direct message, where it says where it belongs", () => {
    expect(saying({ text: "the code is 42" }, { only: "100000000000000001" })[0]?.content).toBe(
      `-# Only for you, from <#${channel}>: <https://discord.com/channels/${guild}/${channel}/${message}>\nthe code is 42`,
    );
    const long = saying({ text: "word ".repeat(1_500) }, { only: "100000000000000001", to });
    expect(long.map(({ content }) => content.startsWith(`-# Only for you, from <#${channel}>\n`))).toEqual([
      true,
      ...long.slice(1).map(() => false),
    ]);
    for (const { content } of long) expect(content.length).toBeLessThanOrEqual(2_000);
    const direct = { ...to, space: undefined };
    expect(saying({ text: "status" }, { only: "100000000000000001", to: direct })[0]?.content).toBe("status");
  });

  it.each([
    "`".repeat(60_000),
    "<@".repeat(60_000),
    "||".repeat(30_000),
    "` `` ".repeat(12_000),
    "\\`".repeat(30_000),
    "a\n".repeat(30_000),
  ])("stays within what Discord takes: %#", (text) => {
    for (const { content } of saying({ text })) expect(content.length).toBeLessThanOrEqual(2_000);
  });
});

describe("the files of a reply", () => {
  const groups = (...files: FileRef[]) => saying({ text: "here", files }).map((piece) => piece.files.map(({ name }) => name));

  it("stand below its words, ten to a message and no more than a request holds", () => {
    expect(saying({ files: [file("a.csv", 1)] })).toMatchObject([{ content: "", files: [{ name: "a.csv", from: { object: "0a" } }] }]);
    expect(groups(...Array.from({ length: 12 }, (_, n) => file(`${n}`, 1))).map((names) => names.length)).toEqual([0, 10, 2]);
    expect(groups(file("a", 15 * mebi), file("b", 8 * mebi), file("c", 2 * mebi), file("d", 20 * mebi))).toEqual([
      [],
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("are named with a reason where they can't be shown", () => {
    const [piece, ...rest] = saying({
      text: "here",
      files: [
        file("big`.bin", 20 * mebi + 1),
        file("huge", 99 * mebi, { object: undefined, lost: "too_large" }),
        file("gone", 1, { object: undefined, lost: "unreadable" }),
        file("3 more files", 0, { object: undefined, lost: "too_many" }),
      ],
    });
    expect(rest).toEqual([]);
    expect(piece?.content.split("\n\n")).toEqual([
      "here",
      "`big .bin` is too large to be shown here (21 MB).",
      "`huge` is too large to be shown here (99 MB).",
      "`gone` could not be read.",
      "`3 more files` is left out.",
    ]);
  });

  it("are named where Discord takes none of them", () => {
    const [piece] = saying({ files: [file("a.csv", 1), file("b.csv", 1)] });
    expect(piece && insteadOfFiles(piece)).toMatchObject({ content: "`a.csv`, `b.csv` can't be shown here.", files: [] });
  });
});

it("shows cards as embeds of its last words, and leaves out addresses that are none", () => {
  const card = {
    color: "#ff0000",
    title: "Load",
    url: "https://x.example",
    text: "**high**",
    fields: [{ name: "host", value: "`web1`", short: true }],
    footer: "now",
  };
  const [first, ...rest] = saying({ text: "x ".repeat(1_500), cards: [card, { title: "t", url: "no address", image: "x" }] });
  expect(first?.embeds).toBeUndefined();
  expect(rest.at(-1)?.embeds).toEqual([
    {
      color: 0xff0000,
      title: "Load",
      url: "https://x.example",
      description: "**high**",
      fields: [{ name: "host", value: "`web1`", inline: true }],
      footer: { text: "now" },
    },
    { title: "t" },
  ]);
});
