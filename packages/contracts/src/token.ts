import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const plain = /^[A-Za-z0-9_-]{1,48}$/;

/** The one way from a name to a NATS subject token or KV key part, never over 48 characters. Short plain names stay readable; others
 *  become `=b` + base64url of their UTF-8 bytes, or `=h` + 32 hexadecimal characters of their SHA-256 where that would be too long.
 *  Injective up to collisions of the hash: `=` is in no plain name, and the letter after it says which of the two it is. */
export function token(name: string): string {
  if (plain.test(name)) return name;
  const encoded = base64url(utf8ToBytes(name));
  return encoded.length <= 46 ? `=b${encoded}` : `=h${hash(name).slice(0, 32)}`;
}

/** The name that a token was made of; the token itself where it holds no more than a hash of it. */
export function nameOfToken(text: string): string {
  if (!text.startsWith("=b")) return text;
  return new TextDecoder().decode(
    Uint8Array.from(atob(text.slice(2).replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0)),
  );
}

/** SHA-256 of the UTF-8 text, in hexadecimal. Names content (packs, values) and spreads keys over shards. */
export function hash(text: string): string {
  const known = young.get(text) ?? old.get(text);
  if (known !== undefined) return known;
  const hashed = bytesToHex(sha256(utf8ToBytes(text)));
  if (text.length > longestKept) return hashed;
  if (young.size === mostKept) [old, young] = [young, new Map<string, string>()];
  young.set(text, hashed);
  return hashed;
}

/** What was hashed lately, in two halves, of which the older one goes as a whole: one key gives a shard, an id, a token and a trace on its way through a process, and
 *  hashing is the dearest of it. */
let young = new Map<string, string>();
let old = new Map<string, string>();
const mostKept = 64;
const longestKept = 256;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function base64url(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const characters = Math.min(bytes.length - i, 3) + 1;
    for (let c = 0; c < characters; c++) out += alphabet[(word >> (18 - 6 * c)) & 63];
  }
  return out;
}
