import { DiscordAPIError, HTTPError, RateLimitError, RequestMethod } from "discord.js";
import { describe, expect, it } from "vitest";
import { refusalOf, resultOf } from "./outcome.ts";

describe("what a failed call tells", () => {
  const request = [RequestMethod.Post, "url", { body: undefined, files: undefined }] as const;
  const api = (status: number, code: number, message = "no") =>
    new DiscordAPIError({ code, message }, code, status, request[0], request[1], request[2]);
  const limited = (global: boolean) =>
    new RateLimitError({
      timeToReset: 0,
      limit: 5,
      method: "POST",
      hash: "",
      url: "",
      route: "",
      majorParameter: "",
      global,
      retryAfter: 700.2,
      sublimitTimeout: 0,
      scope: "user" as const,
    });
  const system = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });

  it.each([
    ["a limit of the channel", limited(false), { kind: "unavailable", why: "rate limited", retryAfterMs: 701, lane: "post/1" }],
    ["a limit of the account", limited(true), { kind: "unavailable", why: "rate limited", retryAfterMs: 701 }],
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
    expect(resultOf(error, "post/1")).toEqual(expected);
  });

  it("names Discord's own code of a refusal, where there is one", () => {
    expect([refusalOf(api(404, 10_008)), refusalOf(new Error("what"))]).toEqual([10_008, undefined]);
  });
});
