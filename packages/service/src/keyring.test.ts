import { mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dropKeys, rotateKeyFile } from "./key-file.ts";
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
  const short = { $sealed: { ...sealed.$sealed, tag: Buffer.from(sealed.$sealed.tag, "base64").subarray(0, 4).toString("base64") } };
  expect(() => keyring.open(short)).toThrow();
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

test("what is sealed for one purpose is opened for no other", async () => {
  const keyring = await openKeyring(join(folder, "key"));
  const sealed = keyring.seal("hunter2", "kv");
  expect(keyring.open(sealed, "kv")).toBe("hunter2");
  expect(() => keyring.open(sealed)).toThrow();
  expect(() => keyring.openAll({ given: sealed })).toThrow();
  expect(() => keyring.open(keyring.seal("hunter2"), "kv")).toThrow();
});

test("a new key seals, the old ones open, whoever runs takes it in, and fingerprints stay", async () => {
  const path = join(folder, "rotated");
  const running = await openKeyring(path);
  const [old, print] = [running.seal("before"), running.fingerprint("words")];
  const { sealing, all } = await rotateKeyFile(path, { prepare: false });
  expect(all).toEqual([sealing, old.$sealed.kid]);
  const fresh = await openKeyring(path);
  const made = fresh.seal("after");
  expect(made.$sealed.kid).toBe(sealing);
  expect(fresh.open(old)).toBe("before");
  // The file is read again for a key that is not known.
  expect(running.open(made)).toBe("after");
  expect(running.seal("x").$sealed.kid).toBe(sealing);
  expect(fresh.fingerprint("words")).toBe(print);

  expect(await dropKeys(path, { keep: new Set([old.$sealed.kid]) })).toEqual([]);
  expect(await dropKeys(path, { keep: new Set() })).toEqual([old.$sealed.kid]);
  const last = await openKeyring(path);
  expect(last.fingerprint("words")).toBe(print);
  expect(() => last.open(old)).toThrow(/sealed under key/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a key that is prepared opens, and seals only once it is rotated to", async () => {
  const path = join(folder, "prepared");
  const first = (await openKeyring(path)).kid;
  const prepared = await rotateKeyFile(path, { prepare: true });
  expect(prepared.sealing).toBe(first);
  const next = prepared.all.find((kid) => kid !== first);
  expect((await rotateKeyFile(path, { prepare: true })).all).toEqual(prepared.all);
  expect((await rotateKeyFile(path, { prepare: false })).sealing).toBe(next);
  expect((await readFile(path, "utf8")).match(/next:/)).toBeNull();
});
