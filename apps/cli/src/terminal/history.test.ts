import { mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mayBeKept, openHistory } from "./history.ts";

test.each(["!claim ABCD2345", "claim x", "login password=x", "deploy api_token: y", "get https://a:b@host/", "  ", 'x secret="a b"'])(
  "%j is not kept",
  (line) => expect(mayBeKept(line)).toBe(false),
);

test.each(["echo hello", "deploy api v2", "help claim", "status"])("%j is kept", (line) => expect(mayBeKept(line)).toBe(true));

test("lines come back newest first at the next prompt, in a file that is nobody else's", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "bellhop-history-")), "sub", "history");
  const first = await openHistory(path);
  for (const line of ["one", "claim CODE", "two"]) first.add(line);
  expect((await openHistory(path)).lines).toEqual(["two", "one"]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).not.toContain("CODE");
});
