import type { Send } from "@bellhop/contracts";
import { DiscordAPIError, HTTPError, RateLimitError, RequestMethod } from "discord.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resultOf, toDiscord } from "./send.ts";

const to = { platform: "discord", account: "1179012345678901234", space: "613425648685547541", channel: "290926798999357250" };
const send: Send = {
  v: 1,
  key: "01J/2/0",
  revision: 1,
  platform: "discord",
  account: to.account,
  to: { ...to, message: "1441337337446400001" },
  body: { text: "Deployed: **api**", tone: "ok" },
  final: true,
};
const saying = (text: string) => toDiscord({ ...send, body: { text, tone: "info" } });

describe("a reply in Discord's words", () => {
  it("answers the message, with a nonce of its own and without pinging", () => {
    expect(toDiscord(send)).toEqual([
      {
        content: "Deployed: **api**",
        nonce: expect.stringMatching(/^[0-9a-f]{25}$/),
        enforce_nonce: true,
        allowed_mentions: { parse: [], replied_user: false },
        flags: 4,
        message_reference: { message_id: "1441337337446400001", fail_if_not_exists: false },
      },
    ]);
    expect(toDiscord({ ...send, to })[0]).not.toHaveProperty("message_reference");
  });

  it("keeps its nonces through every wording, one for each part", () => {
    const nonces = saying("word ".repeat(1_000)).map(({ nonce }) => nonce);
    expect(new Set(nonces).size).toBe(3);
    expect(toDiscord({ ...send, revision: 2 })[0]?.nonce).toBe(nonces[0]);
    expect(toDiscord({ ...send, key: "01J/2/1" })[0]?.nonce).not.toBe(nonces[0]);
  });

  it("lets no text ping, whatever it says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3_000 }), (text) => {
        for (const part of saying(text)) expect(part).toMatchObject({ allowed_mentions: { parse: [], replied_user: false } });
      }),
      { numRuns: 50 },
    );
  });

  it("never posts nothing, which Discord refuses", () => {
    expect(saying("")).toMatchObject([{ content: "(empty)" }]);
  });
});

describe("what a failed call tells", () => {
  const request = [RequestMethod.Post, "url", { body: undefined, files: undefined }] as const;
  const api = (status: number, code: number, message = "no") =>
    new DiscordAPIError({ code, message }, code, status, request[0], request[1], request[2]);
  const limited = new RateLimitError({
    timeToReset: 0,
    limit: 5,
    method: "POST",
    hash: "",
    url: "",
    route: "",
    majorParameter: "",
    global: false,
    retryAfter: 700.2,
    sublimitTimeout: 0,
    scope: "user" as const,
  });
  const system = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });

  it.each([
    ["a limit", limited, { kind: "unavailable", why: "rate limited", retryAfterMs: 701 }],
    ["a no", api(404, 10_003, "Unknown Channel"), { kind: "refused", why: "10003 Unknown Channel" }],
    ["a token taken back", api(401, 0), { kind: "unavailable", why: "HTTP 401" }],
    ["a page that is no answer", new DiscordAPIError({ error: "" }, "", 403, ...request), { kind: "unavailable", why: "HTTP 403" }],
    ["an overload", api(400, 130_000), { kind: "unavailable", why: "HTTP 400" }],
    ["a request that took too long to write", api(408, 1), { kind: "unsure", why: "HTTP 408" }],
    ["5xx", new HTTPError(503, "", ...request), { kind: "unsure", why: "HTTP 503" }],
    ["a closed port", system("ECONNREFUSED"), { kind: "unavailable", why: "ECONNREFUSED" }],
    ["a reset", system("ECONNRESET"), { kind: "unsure", why: "ECONNRESET" }],
    ["a time-out", new DOMException("", "AbortError"), { kind: "unsure", why: "no answer in time" }],
    ["anything else", new Error("what"), { kind: "unsure", why: "what" }],
  ])("%s", (_, error, expected) => {
    expect(resultOf(error)).toEqual(expected);
  });
});
