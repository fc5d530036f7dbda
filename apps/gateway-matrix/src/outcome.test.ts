import { describe, expect, it } from "vitest";
import { failureOf, unavailableOr } from "./outcome.ts";
import { MatrixError } from "./sdk.ts";

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
    expect(failureOf(error)).toEqual(expected);
  });
});

it("a call that stands for nothing that people see is never unsure", () => {
  expect(unavailableOr(new Error("what"))).toEqual({ kind: "unavailable", why: "what" });
  expect(unavailableOr({ statusCode: 404 })).toEqual({ kind: "refused", why: "HTTP 404" });
});
