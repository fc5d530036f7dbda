import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isSealed, type Sealed } from "@bellhop/contracts";

/** Seals secrets for the wire and the log, and opens them where they are used. */
export interface Keyring {
  /** AES-256-GCM of the value's JSON, under a fresh IV. */
  seal(value: unknown): Sealed;
  /** @throws Error when it was sealed under another key, or changed */
  open(sealed: Sealed): unknown;
  /** A copy of the value in which everything sealed is opened. */
  openAll(value: unknown): unknown;
  /** Tells texts apart without showing them: whoever has not the key can't try out what it may have been. 32 hexadecimal characters. */
  fingerprint(text: string): string;
}

/** Reads the key file (32 bytes, base64), or makes it (mode 0600). Two processes that start together agree on one key. */
export async function openKeyring(path: string): Promise<Keyring> {
  const key = Buffer.from(await readOrCreate(path), "base64");
  if (key.length !== 32) throw new Error(`${path} holds no 32-byte key in base64`);
  const kid = createHash("sha256").update(key).digest("hex").slice(0, 8);
  // A key of its own: what one key does for two purposes has to be thought about each time.
  const marking = Buffer.from(hkdfSync("sha256", key, "", "fingerprint", 32));
  const keyring: Keyring = {
    seal(value) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const data = Buffer.concat([cipher.update(JSON.stringify(value ?? null), "utf8"), cipher.final()]);
      const [ivText, dataText, tag] = [iv, data, cipher.getAuthTag()].map((part) => part.toString("base64")) as [string, string, string];
      return { $sealed: { kid, iv: ivText, data: dataText, tag } };
    },
    open({ $sealed }) {
      if ($sealed.kid !== kid) throw new Error(`sealed under key ${$sealed.kid}; the key here is ${kid} (${path})`);
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from($sealed.iv, "base64"));
      decipher.setAuthTag(Buffer.from($sealed.tag, "base64"));
      const data = Buffer.concat([decipher.update(Buffer.from($sealed.data, "base64")), decipher.final()]);
      return JSON.parse(data.toString("utf8"));
    },
    openAll(value) {
      if (Array.isArray(value)) return value.map((item) => keyring.openAll(item));
      if (typeof value !== "object" || value === null) return value;
      if (isSealed(value)) return keyring.open(value);
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, keyring.openAll(inner)]));
    },
    fingerprint: (text) => createHmac("sha256", marking).update(text).digest("hex").slice(0, 32),
  };
  return keyring;
}

async function readOrCreate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Written aside and linked: whoever links first wins, and nobody ever reads half a key.
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, randomBytes(32).toString("base64"), { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
  return await readFile(path, "utf8");
}
