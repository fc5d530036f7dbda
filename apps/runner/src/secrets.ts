import { isSealed, maskText, secretMask } from "@bellhop/contracts";
import type { Keyring } from "@bellhop/service";

export { maskText, maskValue } from "@bellhop/contracts";

/** An attempt's input with its secrets opened, which happens here and nowhere else. */
export interface OpenedInput {
  input: Record<string, unknown>;
  /** Names of the inputs that came sealed. */
  sealed: ReadonlySet<string>;
  /** What must not be seen in anything that leaves the runner. */
  secrets: readonly string[];
}

/** @throws Error when something was sealed under another key */
export function openInput(input: Readonly<Record<string, unknown>>, keyring: Keyring): OpenedInput {
  const found: unknown[] = [];
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== "object" || value === null) return value;
    if (!isSealed(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, open(inner)]));
    const opened = keyring.open(value);
    found.push(opened);
    return opened;
  };
  const opened = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, open(value)]));
  const sealed = new Set(Object.keys(input).filter((name) => JSON.stringify(input[name])?.includes('"$sealed"') === true));
  return { input: opened, sealed, secrets: secretTexts(found) };
}

/** The texts that stand in secret values. The longest first: a secret may contain another. */
export function secretTexts(values: readonly unknown[]): string[] {
  const texts = new Set([...leaves(values)].filter((text) => text.length >= shortest));
  return [...texts].toSorted((a, b) => b.length - a.length);
}

/** Shorter texts stand everywhere by chance: masking them would tell them. */
const shortest = 4;

/** {@link maskText} for a file's content: where the UTF-8 of a secret stands in it. Gives the same bytes back where there is none. */
export function maskBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter((secret) => bytes.includes(secret));
  if (found.length === 0) return bytes;
  const oneByteEach = (text: string) => Buffer.from(text).toString("latin1");
  return Buffer.from(maskText(bytes.toString("latin1"), found.map(oneByteEach)), "latin1");
}

/** Masks a text that comes in pieces: what may be the beginning of a secret waits for the next piece, also where a shorter secret ends in it.
 *  @param secrets the longest first */
export function streamMask(secrets: readonly string[]): { push(text: string): string; flush(): string } {
  const pattern = new RegExp(secrets.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
  let waiting = "";
  return {
    push(text) {
      if (secrets.length === 0) return text;
      const whole = waiting + text;
      let masked = "";
      let from = 0;
      let open = openIn(whole, from, secrets);
      for (const { index, 0: found } of whole.matchAll(pattern)) {
        if (index >= open) break;
        masked += whole.slice(from, index) + secretMask;
        from = index + found.length;
        if (open < from) open = openIn(whole, from, secrets);
      }
      waiting = whole.slice(open);
      return masked + whole.slice(from, open);
    },
    flush() {
      const rest = maskText(waiting, secrets);
      waiting = "";
      return rest;
    },
  };
}

/** Where the first secret begins that the text after `from` ends within; the text's end where there is none. */
function openIn(text: string, from: number, secrets: readonly string[]): number {
  return text.length - Math.max(...secrets.map((secret) => begun(text.slice(Math.max(from, text.length - secret.length)), secret)));
}

/** Length of the longest end of the text that is a beginning of the secret. */
function begun(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}

function leaves(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leaves);
}
