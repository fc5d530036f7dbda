import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "@bellhop/contracts";

export interface Key {
  /** What is sealed under it says so. */
  readonly kid: string;
  readonly key: Buffer;
}

/** The keys of a file. */
export interface Keys {
  /** Which seals. */
  readonly first: Key;
  /** Which open. */
  readonly all: readonly Key[];
  /** Which makes fingerprints. */
  readonly marking: Buffer;
  readonly stamp: string;
}

const next = "next:";
const marking = "marking:";

/** Reads a key file: a key (32 bytes, base64) on each line. The first seals, all open; one after `next:` opens only, until it is its turn. What makes
 *  fingerprints follows from the first key there ever was, and stands after `marking:` once there was another. */
export function readKeys(text: string, { path, stamp }: { path: string; stamp: string }): Keys {
  const lines = linesOf(text);
  const keys = lines.filter((line) => !line.startsWith(marking)).map((line) => keyOf(line.replace(next, ""), path));
  const sealing = lines.filter((line) => !line.startsWith(next) && !line.startsWith(marking)).map((line) => keyOf(line, path));
  const [first] = sealing;
  const oldest = sealing.at(-1);
  if (first === undefined || oldest === undefined) throw new Error(`${path} holds no 32-byte key in base64`);
  const marked = lines.find((line) => line.startsWith(marking));
  return { first, all: keys, stamp, marking: marked === undefined ? markingOf(oldest.key) : bytesOf(marked.replace(marking, ""), path) };
}

/** Makes the file where there is none. */
export async function createKeyFile(path: string): Promise<void> {
  if (await isThere(path)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Written aside and linked: whoever links first wins, and nobody ever reads half a key.
  const draft = await drafted(path, newKey());
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
}

/** Gives a key file another key, which seals from now on; the others go on opening what they sealed.
 *  @param how.prepare only has the new key ready, for files that are copied to other machines first: the next rotation takes it
 *  @returns the ids of the keys, the one that seals first
 *  @throws Error also where another rotation is under way */
export async function rotateKeyFile(path: string, { prepare }: { prepare: boolean }): Promise<{ sealing: string; all: string[] }> {
  const lock = `${path}.rotating`;
  await (await taken(lock)).close();
  try {
    const text = await readFile(path, "utf8");
    const { marking: mark } = readKeys(text, { path, stamp: "" });
    const lines = linesOf(text).filter((line) => !line.startsWith(marking));
    const ready = lines.find((line) => line.startsWith(next))?.replace(next, "");
    const others = lines.filter((line) => !line.startsWith(next));
    const [sealing = "", ...rest] = others;
    const fresh = ready ?? newKey();
    const after = prepare ? [sealing, `${next}${fresh}`, ...rest] : [fresh, ...others];
    const made = [...after, `${marking}${mark.toString("base64")}`, ""].join("\n");
    await rename(await drafted(path, made), path);
    const { first, all } = readKeys(made, { path, stamp: "" });
    return { sealing: first.kid, all: all.map(({ kid }) => kid) };
  } finally {
    await unlink(lock);
  }
}

/** Takes the keys out of a file that open only, but for those named. @returns the ids of those that went */
export async function dropKeys(path: string, { keep }: { keep: ReadonlySet<string> }): Promise<string[]> {
  const lock = `${path}.rotating`;
  await (await taken(lock)).close();
  try {
    const text = await readFile(path, "utf8");
    const { first, marking: mark } = readKeys(text, { path, stamp: "" });
    const lines = linesOf(text).filter((line) => !line.startsWith(marking));
    const gone = lines.filter((line) => !line.startsWith(next) && ![first.kid, ...keep].includes(keyOf(line, path).kid));
    if (gone.length === 0) return [];
    const left = lines.filter((line) => !gone.includes(line));
    await rename(await drafted(path, [...left, `${marking}${mark.toString("base64")}`, ""].join("\n")), path);
    return gone.map((line) => keyOf(line, path).kid);
  } finally {
    await unlink(lock);
  }
}

async function taken(lock: string) {
  try {
    return await open(lock, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    throw new Error(`another rotation is under way; where none is, remove ${lock}`, { cause: error });
  }
}

async function drafted(path: string, text: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, text, { mode: 0o600 });
  return draft;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return false;
  }
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function keyOf(text: string, path: string): Key {
  const key = bytesOf(text, path);
  return { key, kid: createHash("sha256").update(key).digest("hex").slice(0, 8) };
}

function bytesOf(text: string, path: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 32) throw new Error(`${path} holds no 32-byte key in base64`);
  return bytes;
}

/** A key of its own: what one key does for two purposes has to be thought about each time. */
function markingOf(key: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", "fingerprint", 32));
}
