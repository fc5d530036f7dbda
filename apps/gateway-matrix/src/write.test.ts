import type { Send } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editContent, fileContent, headed, threadRelation, wordsContent, type MatrixContent } from "./content.ts";
import { write, type WordsPiece } from "./write.ts";

const send: Send = {
  v: 1,
  key: "01J/2/0",
  revision: 1,
  platform: "matrix",
  account: "@bellhop:example.org",
  to: {
    platform: "matrix",
    account: "@bellhop:example.org",
    space: "example.org",
    channel: "!ops:example.org",
    thread: "$root",
    message: "$asked",
  },
  body: { text: "Deployed: **api**", tone: "ok" },
  final: true,
};
const says = (text: string): Send => ({ ...send, body: { text, tone: "info" } });

const words = (some: Send): WordsPiece[] => write(some).flatMap((piece) => (piece.kind === "words" ? [piece] : []));
const first = (some: Send): WordsPiece => words(some)[0] ?? expect.fail("it has no words");

it("says a notice in the thread", () => {
  expect({ ...wordsContent(first(send)), ...threadRelation(send.to) }).toEqual({
    msgtype: "m.notice",
    body: "Deployed: **api**",
    format: "org.matrix.custom.html",
    formatted_body: "<p>Deployed: <strong>api</strong></p>",
    "m.mentions": {},
    "m.relates_to": { rel_type: "m.thread", event_id: "$root", is_falling_back: true, "m.in_reply_to": { event_id: "$asked" } },
  });
  expect(threadRelation({ message: "$asked" })).toEqual({});
});

it("rewords what stands, for clients that know edits and for those that don't", () => {
  expect(editContent(first(send), "$first")).toMatchObject({
    body: "* Deployed: **api**",
    "m.mentions": {},
    "m.new_content": {
      msgtype: "m.notice",
      body: "Deployed: **api**",
      formatted_body: "<p>Deployed: <strong>api</strong></p>",
      "m.mentions": {},
    },
    "m.relates_to": { rel_type: "m.replace", event_id: "$first" },
  });
});

it("calls those alone whom the body names, and nobody anew in an edit", () => {
  const person = "@ana:example.org";
  const calling = { ...send, body: { ...send.body, text: "@me and @ana:example.org: done", mentions: [{ token: "@me", person }] } };
  const piece = first(calling);
  expect(wordsContent(piece)).toMatchObject({
    body: "@ana:example.org and @ana:example.org: done",
    "m.mentions": { user_ids: [person] },
  });
  expect(wordsContent(piece).formatted_body.match(/<a href="https:\/\/matrix\.to/g)).toHaveLength(1);
  expect(editContent(piece, "$x")).toMatchObject({ "m.mentions": {}, "m.new_content": { "m.mentions": { user_ids: [person] } } });
});

describe("files", () => {
  const file = { name: "numbers.csv", type: "text/csv", bytes: 8, object: "a".repeat(64) };
  const withFiles = (...files: NonNullable<Send["body"]["files"]>) => write({ ...send, body: { ...send.body, files } });

  it("stand below the words, one event each", () => {
    expect(withFiles(file, { ...file, name: "b.csv" })).toMatchObject([
      { kind: "words" },
      { kind: "file", name: "numbers.csv", content: { kind: "kept", file } },
      { kind: "file", name: "b.csv" },
    ]);
    expect(write({ ...send, body: { text: "", tone: "info", files: [file] } })).toHaveLength(1);
  });

  it.each([
    ["text/csv", "m.file"],
    ["image/png", "m.image"],
    ["image/svg+xml", "m.file"],
    ["audio/ogg", "m.audio"],
    ["video/mp4", "m.video"],
    ["", "m.file"],
  ])("of the type %j are %s", (type, msgtype) => {
    const piece = { kind: "file", name: "a", type, content: { kind: "kept", file } } as const;
    expect(fileContent(piece, { url: "mxc://x/y", bytes: 8 })).toMatchObject({ msgtype, body: "a", filename: "a", info: { size: 8 } });
  });

  it.each([
    ["too_large", "`a`: too large to be kept"],
    ["unreadable", "`a`: could not be read"],
    ["too_many", "`a`: not shown, there are too many"],
  ] as const)("that are lost (%s) are named with the reason", (lost, text) => {
    expect(withFiles({ name: "a", type: "", bytes: 1, lost })).toMatchObject([{ kind: "words" }, { kind: "words", text }]);
  });
});

it("tells where a whisper belongs, once, with no name of a room being markup", () => {
  const [begin, next] = words({ ...says("line\n\n".repeat(9_000)), only: "@ana:example.org" });
  expect([begin?.headed, next?.headed]).toEqual([true, undefined]);
  const { text, html } = headed(first({ ...says("secret"), only: "x" }), { room: "!r:x.example", name: "<b>ops", message: "$m" });
  expect(text).toBe("In <b>ops (https://matrix.to/#/!r%3Ax.example/%24m), for you alone:\n\nsecret");
  expect(html).toBe('<p>In <a href="https://matrix.to/#/!r%3Ax.example/%24m">&lt;b&gt;ops</a>, for you alone:</p><p>secret</p>');
});

it("never posts half a character, which a homeserver stumbles over", () => {
  expect(wordsContent(first(says("a\ud800b"))).body).toBe("a\ufffdb");
});

it("never posts nothing, which clients do not show", () => {
  for (const nothing of ["", "\n", ">"]) expect(wordsContent(first(says(nothing))).body).toBe(" ");
});

describe("whatever the text says", () => {
  const pieces = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "@room",
    "@ana:example.org",
    "<a href=",
    "https://matrix.to/#/@ana:example.org",
    "`",
    "```",
    "\n",
    "[",
    "](https://x.example)",
  ];
  const more = [
    "](https://matrix.to/#/@ana:x)",
    "](https://x@matrix.to/)",
    "]",
    "(",
    ")",
    "**",
    "\\",
    "a",
    " ",
    "~~~",
    "# ",
    "- ",
    "&lt;",
    "m.mentions",
    "\u0000",
    "\ud800",
  ];
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 40 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary", maxLength: 60 }),
  );

  it("pings nobody, and always has words to show", () => {
    fc.assert(
      fc.property(text, fc.boolean(), (said, edit) => {
        const content: MatrixContent = edit ? editContent(first(says(said)), "$x") : wordsContent(first(says(said)));
        expect(content["m.mentions"]).toEqual({});
        expect(content["m.new_content"]?.["m.mentions"]).toEqual(edit ? {} : undefined);
        const html = "formatted_body" in content ? content.formatted_body : "";
        for (const [, url = ""] of html.matchAll(/<a href="([^"]*)"/g))
          expect(new URL(url.replaceAll("&amp;", "&")).hostname).not.toMatch(/(?:^|\.)matrix\.to\.*$/);
        for (const words of [content.body, html]) {
          expect(words).not.toBe("");
          expect(words.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each(["`".repeat(60_000), "[".repeat(60_000), "**a".repeat(20_000), `# ${" ".repeat(60_000)}x`, "` `` ".repeat(12_000)])(
  "takes its time in proportion to the text: %#",
  (text) => {
    const before = performance.now();
    write(says(text));
    expect(performance.now() - before).toBeLessThan(20_000);
  },
);

describe("a long text", () => {
  const size = (content: MatrixContent) => Buffer.byteLength(JSON.stringify({ ...content, ...threadRelation(send.to) }));

  it.each([`\`\`\`\n${"&".repeat(70_000)}\n\`\`\``, "\u0001".repeat(20_000), "😀".repeat(30_000), "word ".repeat(12_000)])(
    "is said in pieces that a homeserver takes, as an edit too: %#",
    (text) => {
      for (const piece of words(says(text))) {
        expect(size(wordsContent(piece))).toBeLessThanOrEqual(60_000);
        expect(size(editContent(piece, "$x"))).toBeLessThanOrEqual(60_000);
      }
    },
  );

  it("that is too long for a chat is a file, and its beginning", () => {
    const text = "word ".repeat(60_000);
    const [intro, file, ...rest] = write(says(text));
    expect(intro).toMatchObject({ kind: "words", text: expect.stringMatching(/… cut here: 300000 characters in all$/) });
    expect([file, rest]).toEqual([{ kind: "file", name: "reply.md", type: "text/markdown", content: { kind: "text", text } }, []]);
  });
});

it("shows cards as quotes below its words", () => {
  const card = {
    color: "#ff0000",
    title: "Load",
    url: "https://x.example",
    text: "**high**",
    fields: [{ name: "host", value: "`web1`", short: true }],
    footer: "now",
  };
  const [piece] = write({ ...send, body: { text: "see", tone: "ok", cards: [card] } });
  expect(piece).toMatchObject({ kind: "words" });
  const { html } = piece as WordsPiece;
  expect(html).toMatch(/<p>see<\/p>\s*<blockquote>/);
  for (const part of [
    'Load (<a href="https://x.example">',
    "<strong>high</strong>",
    "<strong>host</strong>: <code>web1</code>",
    "<em>now</em>",
  ]) {
    expect(html).toContain(part);
  }
});

it("says choices as numbers to react with, which the event itself explains, and as words", () => {
  const options = ["eu", "us"].map((value) => ({ label: value.toUpperCase(), value }));
  const items = [
    { kind: "button", label: "Approve", words: "approve 7F3K" },
    { kind: "select", label: "Where?", options, words: "answer 7F3K region=" },
  ] as const;
  const piece = first({ ...send, body: { text: "Ship it?", tone: "info", choices: { press: "7F3K-0", items: [...items] } } });
  expect(piece.text).toContain("1️⃣ Approve: `approve 7F3K`");
  expect(piece.text).toContain("3️⃣ US: `answer 7F3K region=us`");
  const keys = [
    { key: "1️⃣", choice: 0 },
    { key: "2️⃣", choice: 1, value: "eu" },
    { key: "3️⃣", choice: 1, value: "us" },
  ];
  expect(wordsContent(piece)["bellhop.press"]).toEqual({ press: "7F3K-0", keys });
  expect(wordsContent(first(send))).not.toHaveProperty(["bellhop.press"]);
});
