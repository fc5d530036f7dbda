import { expect, it } from "vitest";
import { sameText, standingAs } from "./find.ts";
import type { DiscordPiece } from "./write.ts";

const account = "bot";
const reference = "asked";
const piece = (rest: Partial<DiscordPiece> = {}): DiscordPiece => ({
  content: "done: **api**",
  pings: [],
  files: [],
  index: 0,
  nth: 0,
  ...rest,
});
const files = [{ name: "a b.csv", type: "text/csv", bytes: 3, text: "a,b" }];

const said = (id: string, rest: Record<string, unknown> = {}) => ({
  id,
  author: { id: account },
  content: "done: **api**",
  attachments: [],
  message_reference: { message_id: reference },
  ...rest,
});
const look = (at: DiscordPiece, messages: unknown[], to: string | undefined = reference) =>
  standingAs(at, { account, reference: to, messages });

it.each<[string, DiscordPiece, unknown[], string | undefined]>([
  ["our own message with its words that answers the same one", piece(), [said("1")], "1"],
  ["nobody else's", piece(), [said("1", { author: { id: "ana" } })], undefined],
  ["none with other words", piece(), [said("1", { content: "done" })], undefined],
  ["none that answers another", piece(), [said("1", { message_reference: { message_id: "other" } })], undefined],
  ["the one that answers, before one that shows no answer", piece(), [said("1", { message_reference: undefined }), said("2")], "2"],
  ["one that shows no answer, where what it answers was gone", piece(), [said("1", { message_reference: undefined })], "1"],
  ["the second of two that look the same", piece({ nth: 1 }), [said("1"), said("2")], "2"],
  ["no second where there is one", piece({ nth: 1 }), [said("1")], undefined],
  ["words with the white space that Discord left", piece({ content: "  a\n\n b " }), [said("1", { content: "a\nb" })], "1"],
  ["files by their sizes", piece({ content: "", files }), [said("1", { content: "", attachments: [{ filename: "x", size: 3 }] })], "1"],
  [
    "files by their names",
    piece({ content: "", files }),
    [said("1", { content: "", attachments: [{ filename: "a_b.csv", size: 4 }] })],
    "1",
  ],
  ["no other files", piece({ content: "", files }), [said("1", { content: "", attachments: [{ filename: "c.csv", size: 4 }] })], undefined],
  ["no words without their files", piece({ content: "", files }), [said("1", { content: "" })], undefined],
  ["what is said in place of files", piece({ content: "", files }), [said("1", { content: "`a b.csv` can't be shown here." })], "1"],
  ["nothing among what is no message", piece(), [undefined, {}, "text"], undefined],
])("finds %s", (_, at, messages, expected) => {
  expect(look(at, messages)).toBe(expected);
});

it("finds what answers nothing by its words", () => {
  expect(standingAs(piece(), { account, reference: undefined, messages: [said("1"), said("2", { message_reference: undefined })] })).toBe(
    "2",
  );
});

it("compares texts as people read them", () => {
  expect([sameText("a\u200b  b", "a b"), sameText("a", "b")]).toEqual([true, false]);
});
