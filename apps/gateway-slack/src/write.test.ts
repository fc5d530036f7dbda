import type { Body, Send } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { write, type SlackPiece } from "./write.ts";

function said(body: Partial<Body>): readonly SlackPiece[] {
  const to = { platform: "slack", account: "U0LAN0Z89", channel: "C0LAN2Q65" };
  const send: Send = {
    v: 1,
    key: "01J/2/0",
    revision: 1,
    platform: "slack",
    account: "U0LAN0Z89",
    to,
    body: { text: "", tone: "ok", ...body },
    final: true,
  };
  return write(send);
}

describe("a reply", () => {
  it("is said in Slack's words, and pings nobody", () => {
    const text = "**see** [docs](https://x.example/?a=1&b=2) for <!channel> and `<@U1>`";
    expect(said({ text })).toEqual([
      { kind: "text", text: "*see* docs (<https://x.example/?a=1&amp;b=2>) for &lt;!channel&gt; and `&lt;@U1&gt;`" },
    ]);
  });

  it("has its cards below the last of its words", () => {
    const card = {
      color: "#ff0000",
      title: "Load",
      url: "https://x.example",
      text: "**high**",
      fields: [{ name: "host", value: "`web1`", short: true }],
      footer: "now",
    };
    expect(said({ text: "see", cards: [card] })).toEqual([
      {
        kind: "text",
        text: "see",
        attachments: [
          {
            fallback: "Load",
            mrkdwn_in: ["text", "fields"],
            color: "#ff0000",
            title: "Load",
            title_link: "https://x.example",
            text: "*high*",
            fields: [{ title: "host", value: "`web1`", short: true }],
            footer: "now",
          },
        ],
      },
    ]);
  });

  it("is said in the pack's own blocks where it gives some, unless it is too long for one message", () => {
    const native = { slack: { blocks: [{ type: "divider" }] } };
    expect(said({ text: "see", native })).toEqual([{ kind: "text", text: "see", own: [{ type: "divider" }] }]);
    expect(said({ text: "x ".repeat(4_000), native }).some((piece) => "own" in piece)).toBe(false);
    expect(said({ text: "see", native: { slack: "no" } })).toEqual([{ kind: "text", text: "see" }]);
  });

  it("calls by name whom it names, and nobody else", () => {
    expect(said({ text: "{who}, not <@U2>", mentions: [{ token: "{who}", person: "U1" }] })).toEqual([
      { kind: "text", text: "<@U1>, not &lt;@U2&gt;" },
    ]);
  });

  it("never says nothing, which Slack refuses", () => {
    expect(said({})).toEqual([{ kind: "text", text: " " }]);
  });

  it("shows a table as a table", () => {
    const cell = (text: string) => ({ type: "raw_text", text });
    expect(said({ text: "Hosts:\n\n| host | load |\n|---|--:|\n| `a1` | <!here> |\n" })).toMatchObject([
      {
        text: expect.stringContaining("a1"),
        blocks: [
          { type: "section", text: { type: "mrkdwn", text: "Hosts:", verbatim: true } },
          {
            type: "table",
            rows: [
              [cell("host"), cell("load")],
              [cell("a1"), cell("<\u200b!here>")],
            ],
          },
        ],
      },
    ]);
  });

  it("comes in parts that an edit can say too", () => {
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at} of many, each with an é`).join("\n");
    const pieces = said({ text: lines });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.length).toBeLessThanOrEqual(5);
    for (const piece of pieces) expect(Buffer.byteLength(piece.kind === "text" ? piece.text : "")).toBeLessThan(4_000);
    expect(pieces.flatMap((piece) => (piece.kind === "text" ? piece.text.split("\n") : []))).toEqual(lines.split("\n"));
  });

  it("goes as a file when it is too long for a chat, after what it begins with", () => {
    const text = "0123456789\n".repeat(3_000).trim();
    expect(said({ text })).toEqual([
      { kind: "text", text: expect.stringMatching(/^0123456789\n[^]*… cut here: 32999 characters in all$/) },
      { kind: "file", name: "reply.md", content: { kind: "text", text } },
    ]);
  });
});

describe("what is attached", () => {
  const file = { name: "a.csv", type: "text/csv", bytes: 3, object: "abc" };

  it("comes below the text, in its order", () => {
    const other = { ...file, name: "b.csv" };
    expect(said({ text: "here", files: [file, other] })).toEqual([
      { kind: "text", text: "here" },
      { kind: "file", name: "a.csv", content: { kind: "kept", file } },
      { kind: "file", name: "b.csv", content: { kind: "kept", file: other } },
    ]);
  });

  it("needs no text beside it", () => {
    expect(said({ files: [file] }).map(({ kind }) => kind)).toEqual(["file"]);
  });

  it.each([
    [{ ...file, object: undefined, lost: "too_large" as const }, "`a.csv` is too large to be kept"],
    [{ ...file, object: undefined, lost: "unreadable" as const }, "`a.csv` could not be read"],
    [{ ...file, object: undefined, name: "3 more files", lost: "too_many" as const }, "`3 more files` are too many to be shown"],
    [{ ...file, bytes: 0 }, "`a.csv` is empty"],
  ])("is named with the reason where it can't be shown: %j", (lost, text) => {
    expect(said({ files: [lost] })).toEqual([{ kind: "text", text }]);
  });
});
