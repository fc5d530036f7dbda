import crypto, { createHmac } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { Secret } from "@bellhop/service";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isKey, makeApiKey } from "./api-keys.ts";
import { isSame } from "./same.ts";
import { signatureFault } from "./signature.ts";

// Node's own comparison, watched: time itself can't be tested on a machine that does other things.
const compared = vi.spyOn(crypto, "timingSafeEqual");
beforeAll(syncBuiltinESMExports);
beforeEach(() => void compared.mockClear());
afterAll(() => {
  compared.mockRestore();
  syncBuiltinESMExports();
});

const body = Buffer.from('{"zen":1}');
const right = createHmac("sha256", "s3cret").update(body).digest("hex");
const flipped = (at: number) => right.slice(0, at) + (right[at] === "0" ? "1" : "0") + right.slice(at + 1);

test.each([
  ["right", right, true],
  ["wrong in its first character", flipped(0), false],
  ["wrong in its last character", flipped(63), false],
  ["too short", right.slice(0, 10), false],
  ["much too long", right.repeat(20), false],
  ["not there", "", false],
  ["of no alphabet", "=\u00ff=".repeat(20), false],
])("a signature that is %s is compared whole, once, in constant time", (_, signature, fits) => {
  const headers = new Headers({ "X-Hub-Signature-256": `sha256=${signature}` });
  const hook = { signature: "github", secrets: [new Secret("s3cret")], header: "" } as const;
  expect(signatureFault({ hook, headers, body, now: 0 }) === undefined).toBe(fits);
  expect(compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([[32, 32]]);
});

test("a key is compared in constant time, also where it was revoked", () => {
  const { text, key } = makeApiKey({ name: "ana", scopes: ["events"], by: "ana", at: "2026-01-01T00:00:00.000Z" });
  expect([isKey(text, key), isKey(`${text.slice(0, -1)}!`, key), isKey(text, { ...key, revokedAt: key.at })]).toEqual([true, false, false]);
  expect(compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual(Array.from({ length: 3 }, () => [32, 32]));
});

test("secrets of any length are the same only where they are", () => {
  expect([isSame("", ""), isSame("a", "a"), isSame("a", "b"), isSame("a", "aa"), isSame("", "a")]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
