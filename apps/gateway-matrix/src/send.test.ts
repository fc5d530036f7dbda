import type { Send } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatrixError } from "./sdk.ts";
import { resultOf, toMatrix } from "./send.ts";

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

it("posts a notice in the thread, with the key where we can find it again", () => {
  expect(toMatrix(send)).toEqual({
    msgtype: "m.notice",
    body: "Deployed: **api**",
    format: "org.matrix.custom.html",
    formatted_body: "<p>Deployed: <strong>api</strong></p>",
    "m.mentions": {},
    "bellhop.key": "01J/2/0",
    "m.relates_to": { rel_type: "m.thread", event_id: "$root", is_falling_back: true, "m.in_reply_to": { event_id: "$asked" } },
  });
});

it("rewords what stands, for clients that know edits and for those that don't", () => {
  const words = {
    msgtype: "m.notice",
    body: "Deployed: **api**",
    formatted_body: "<p>Deployed: <strong>api</strong></p>",
    "m.mentions": {},
  };
  expect(toMatrix(send, { edits: "$first" })).toMatchObject({
    body: "* Deployed: **api**",
    "m.mentions": {},
    "m.new_content": words,
    "m.relates_to": { rel_type: "m.replace", event_id: "$first" },
  });
});

it("never posts half a character, which a homeserver stumbles over", () => {
  expect(toMatrix(says("a\ud800b")).body).toBe("a\ufffdb");
});

it("never posts nothing, which clients do not show", () => {
  for (const nothing of ["", "\n", ">"]) expect(toMatrix(says(nothing)).body).toBe(" ");
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
        const content = toMatrix(says(said), edit ? { edits: "$x" } : {});
        expect(content["m.mentions"]).toEqual({});
        expect(content["m.new_content"]?.["m.mentions"]).toEqual(edit ? {} : undefined);
        for (const [, url = ""] of content.formatted_body.matchAll(/<a href="([^"]*)"/g))
          expect(new URL(url.replaceAll("&amp;", "&")).hostname).not.toMatch(/(?:^|\.)matrix\.to\.*$/);
        for (const words of [content.body, content.formatted_body]) {
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
    toMatrix(says(text));
    expect(performance.now() - before).toBeLessThan(20_000);
  },
);

it("cuts what a homeserver refuses, and says how much is missing", () => {
  for (const text of [`\`\`\`\n${"&".repeat(70_000)}\n\`\`\``, "\u0001".repeat(60_000), "😀".repeat(30_000)]) {
    for (const edits of [undefined, "$x"]) {
      const content = toMatrix(says(text), { edits });
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThanOrEqual(60_000);
      expect(content.body).toMatch(/\n… cut here: \d+ characters in all$/);
      expect(content.body.length).toBeGreaterThan(2_000);
    }
  }
});

describe("what a failed call tells", () => {
  const api = (status: number, errcode: string, more = {}) => new MatrixError({ errcode, error: "no", ...more } as never, status);
  const network = (code: string, more = {}) => Object.assign(new Error("x"), { code, ...more });

  it.each([
    [
      "a limit",
      api(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 4_423 }),
      { kind: "unavailable", why: "M_LIMIT_EXCEEDED: no", retryAfterMs: 4_423 },
    ],
    ["a no", api(403, "M_FORBIDDEN"), { kind: "refused", why: "M_FORBIDDEN: no" }],
    ["too much", api(413, "M_TOO_LARGE"), { kind: "refused", why: "M_TOO_LARGE: no" }],
    ["a token taken back", api(401, "M_UNKNOWN_TOKEN"), { kind: "unavailable", why: "M_UNKNOWN_TOKEN: no" }],
    ["an error of its own", api(500, "M_UNKNOWN"), { kind: "unsure", why: "M_UNKNOWN: no" }],
    ["a proxy's page", { statusCode: 502, body: "<html>" }, { kind: "unsure", why: "HTTP 502" }],
    ["a proxy's limit", { statusCode: 429, body: "" }, { kind: "unavailable", why: "HTTP 429" }],
    ["a closed port", network("ECONNREFUSED"), { kind: "unavailable", why: "ECONNREFUSED" }],
    ["a connection that was never made", network("ETIMEDOUT", { connect: true }), { kind: "unavailable", why: "ETIMEDOUT" }],
    ["a time-out", network("ESOCKETTIMEDOUT", { connect: false }), { kind: "unsure", why: "ESOCKETTIMEDOUT" }],
    ["a reset", network("ECONNRESET"), { kind: "unsure", why: "ECONNRESET" }],
    ["anything else", new Error("what"), { kind: "unsure", why: "what" }],
  ])("%s", (_, error, expected) => {
    expect(resultOf(error)).toEqual(expected);
  });
});
