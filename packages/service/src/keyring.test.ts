import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openKeyring } from "./keyring.ts";

const folder = await mkdtemp(join(tmpdir(), "bellhop-keyring-"));

test("what one process seals, another opens with the same key file, and the file is nobody else's", async () => {
  const path = join(folder, "a", "key");
  const [one, two] = await Promise.all([openKeyring(path), openKeyring(path)]);
  expect(two.open(one.seal({ token: "t0p" }))).toEqual({ token: "t0p" });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a sealed value shows nothing of what it holds, and the same value never seals twice alike", async () => {
  const keyring = await openKeyring(join(folder, "key"));
  const sealed = JSON.stringify(keyring.seal("hunter2"));
  expect(sealed).not.toContain("hunter2");
  expect(sealed).not.toBe(JSON.stringify(keyring.seal("hunter2")));
});

test("a changed value, or one sealed under another key, is refused", async () => {
  const keyring = await openKeyring(join(folder, "key"));
  const other = await openKeyring(join(folder, "other"));
  const sealed = keyring.seal("x");
  expect(() => other.open(sealed)).toThrow(/sealed under key/);
  const changed = { $sealed: { ...sealed.$sealed, data: Buffer.from("y").toString("base64") } };
  expect(() => keyring.open(changed)).toThrow();
});

test("openAll opens what is sealed at any depth and leaves the rest", async () => {
  const keyring = await openKeyring(join(folder, "key"));
  expect(keyring.openAll({ a: [keyring.seal(1), "b"], c: null })).toEqual({ a: [1, "b"], c: null });
});

test("a fingerprint tells texts apart, is the same for whoever has the key, and for nobody else", async () => {
  const [one, two] = [await openKeyring(join(folder, "key")), await openKeyring(join(folder, "key"))];
  expect(one.fingerprint("login hunter2")).toBe(two.fingerprint("login hunter2"));
  expect(one.fingerprint("login hunter2")).not.toBe(one.fingerprint("login hunter3"));
  expect(one.fingerprint("login hunter2")).not.toBe((await openKeyring(join(folder, "other"))).fingerprint("login hunter2"));
});
