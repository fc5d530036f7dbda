import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forget, takeIdentity, takeOrphans } from "./identity.ts";

const root = () => mkdtempSync(join(tmpdir(), "identity-"));

test("who comes back gets the name it had", async () => {
  const at = root();
  const first = await takeIdentity(at);
  first.release();
  const second = await takeIdentity(at);
  expect(second.id).toBe(first.id);
  second.release();
});

test("two at the same time have different names", async () => {
  const at = root();
  const both = await Promise.all([takeIdentity(at), takeIdentity(at)]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(2);
  for (const one of both) one.release();
});

test("a name that is in use is refused", async () => {
  const at = root();
  const first = await takeIdentity(at, "build box");
  await expect(takeIdentity(at, "build box", 60)).rejects.toThrow("another process runs as build box");
  expect(first.id).not.toContain(" ");
  first.release();
});

test("orphans are the names that nobody has, and are forgotten once", async () => {
  const at = root();
  (await takeIdentity(at, "gone")).release();
  const living = await takeIdentity(at, "living");
  const own = await takeIdentity(at, "own");
  const orphans = await takeOrphans(at, "own");
  expect(orphans.map(({ id }) => id)).toEqual(["gone"]);
  orphans.forEach(forget);
  expect(readdirSync(at)).toEqual(["living", "own"]);
  living.release();
  own.release();
});

test("runners of two installations that are called alike are told apart", async () => {
  const here = await takeIdentity(root(), "runner-1");
  const there = await takeIdentity(root(), "runner-1");
  expect(here.uniqueName).not.toBe(there.uniqueName);
  here.release();
  there.release();
});
