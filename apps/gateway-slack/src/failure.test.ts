import { expect, it } from "vitest";
import { failureOf } from "./failure.ts";
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "./sdk.ts";

const platform = (error: string, more = {}) => new WebAPIPlatformError({ ok: false, error, ...more });
const request = (code: string) => new WebAPIRequestError(new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) }));

it.each([
  ["a limit", new WebAPIRateLimitedError(7), { kind: "unavailable", why: "ratelimited", retryAfterMs: 7_000, lane: "chat.update" }],
  ["a no", platform("channel_not_found"), { kind: "refused", why: "channel_not_found" }],
  ["a permission", platform("missing_scope", { needed: "files:write" }), { kind: "refused", why: "missing_scope: files:write" }],
  ["a token taken back", platform("token_revoked"), { kind: "unavailable", why: "token_revoked" }],
  ["an error of Slack's own", platform("internal_error"), { kind: "unsure", why: "internal_error" }],
  ["a page that is no answer", platform("<html>502</html>"), { kind: "unsure", why: "<html>502</html>" }],
  ["5xx", new WebAPIHTTPError(503, "", {}), { kind: "unsure", why: "HTTP 503" }],
  ["another 4xx", new WebAPIHTTPError(403, "", {}), { kind: "refused", why: "HTTP 403" }],
  ["a closed port", request("ECONNREFUSED"), { kind: "unavailable", why: "ECONNREFUSED" }],
  ["a reset", request("ECONNRESET"), { kind: "unsure", why: "ECONNRESET" }],
  ["a time-out", new WebAPIRequestError(new DOMException("", "TimeoutError")), { kind: "unsure", why: "no answer in time" }],
  ["anything else", new Error("what"), { kind: "unsure", why: "what" }],
])("%s", (_, error, expected) => {
  expect(failureOf(error, "chat.update")).toEqual(expected);
});
