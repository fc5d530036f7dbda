import { Secret } from "@bellhop/service";
import { startFakeMatrix, type FakeMatrix } from "@bellhop/testkit/matrix";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkMatrix } from "./check.ts";

let matrix: FakeMatrix;
beforeEach(async () => {
  matrix = await startFakeMatrix();
});
afterEach(() => matrix.close());

const check = (password: string) =>
  checkMatrix({ homeserver: matrix.url, login: { user: matrix.bot.user, password: new Secret(password) } }, AbortSignal.timeout(20_000));

test("a password is tried, and no device of it stays", async () => {
  expect(await check(matrix.bot.password)).toMatchObject({ found: `${matrix.bot.userId}, by its password`, faults: [] });
  expect(matrix.requests().map(({ path }) => path)).toEqual(["/v3/login", "/v3/logout"]);
});

test("a wrong one is told, without a word of it", async () => {
  const { found, faults } = await check("wrong-password");
  expect([found, faults]).toMatchObject([
    "nobody",
    [{ what: expect.stringMatching(/refuses the password of bellhop: M_FORBIDDEN \(403\)$/), grave: true }],
  ]);
  expect(JSON.stringify(faults)).not.toContain("wrong-password");
});

test("one that can't be tried now is no fault", async () => {
  matrix.failCalls({ call: "login", fault: { kind: "rate_limit", retryAfterMs: 60_000 } });
  expect(await check(matrix.bot.password)).toMatchObject({ found: expect.stringContaining("asks to wait"), faults: [] });
});
