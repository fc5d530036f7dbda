import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isSealed, type Sealed } from "@bellhop/contracts";
import { createKeyFile, readKeys, type Key, type Keys } from "./key-file.ts";

/** Seals secrets for the wire and the log, and opens them where they are used. What is sealed for one purpose is opened for no other; without one it is an
 *  action's input. A file that was changed is read again, so that whoever runs takes in a new key by itself. */
export interface Keyring {
  /** AES-256-GCM of the value's JSON, under a fresh IV and the file's first key. */
  seal(value: unknown, purpose?: string): Sealed;
  /** @throws Error when the file has not its key, or when it was sealed for something else, or changed */
  open(sealed: Sealed, purpose?: string): unknown;
  /** A copy of the value in which everything sealed is opened. */
  openAll(value: unknown): unknown;
  /** Tells texts apart without showing them: whoever has not the key can't try out what it may have been. 32 hexadecimal characters, the same however
   *  often keys are changed. */
  fingerprint(text: string): string;
  /** The id of the key that seals now. */
  readonly kid: string;
  /** Of all that open. */
  readonly kids: readonly string[];
}

/** Reads the key file, or makes it (mode 0600). Two processes that start together agree on one key. */
export async function openKeyring(path: string): Promise<Keyring> {
  await createKeyFile(path);
  let keys = read(path);
  let looked = performance.now();

  /** What is in the file now, looked for once a second at most. */
  const current = (): Keys => {
    const now = performance.now();
    if (now - looked < lookEveryMs) return keys;
    looked = now;
    return again();
  };
  const again = (): Keys => {
    // A file that is being replaced, or is away for a moment, changes nothing.
    try {
      if (stamp(path) !== keys.stamp) keys = read(path);
    } catch {
      return keys;
    }
    return keys;
  };
  const keyOf = (kid: string): Key => {
    const found = current().all.find((key) => key.kid === kid) ?? again().all.find((key) => key.kid === kid);
    if (found !== undefined) return found;
    throw new Error(`sealed under key ${kid}; the keys here are ${keys.all.map((key) => key.kid).join(", ")} (${path})`);
  };

  const keyring: Keyring = {
    seal(value, purpose) {
      const { kid, key } = current().first;
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      if (purpose !== undefined) cipher.setAAD(Buffer.from(purpose));
      const data = Buffer.concat([cipher.update(JSON.stringify(value ?? null), "utf8"), cipher.final()]);
      const tag = cipher.getAuthTag();
      return { $sealed: { kid, iv: iv.toString("base64"), data: data.toString("base64"), tag: tag.toString("base64") } };
    },
    open({ $sealed }, purpose) {
      const decipher = createDecipheriv("aes-256-gcm", keyOf($sealed.kid).key, Buffer.from($sealed.iv, "base64"), {
        // A shorter one, which Node takes otherwise, could be guessed.
        authTagLength: 16,
      });
      if (purpose !== undefined) decipher.setAAD(Buffer.from(purpose));
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
    fingerprint: (text) => createHmac("sha256", current().marking).update(text).digest("hex").slice(0, 32),
    get kid() {
      return current().first.kid;
    },
    get kids() {
      return current().all.map(({ kid }) => kid);
    },
  };
  return keyring;
}

const lookEveryMs = 1_000;

function read(path: string): Keys {
  // The stamp first: what is written in between is read next time.
  const stood = stamp(path);
  return readKeys(readFileSync(path, "utf8"), { path, stamp: stood });
}

function stamp(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}/${size}/${ino}`;
}
