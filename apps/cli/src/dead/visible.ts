import { masked } from "@bellhop/contracts";

/** Text for a terminal: what would move the cursor, change colours or turn the direction of writing is spelled out. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A payload as people read it: JSON with its secrets masked, else text, else bytes in hexadecimal. */
export function payloadText(payload: unknown, data: Uint8Array): string {
  if (payload !== undefined) return visibleLines(JSON.stringify(masked(payload), undefined, 2));
  const text = textOf(data);
  return text === undefined ? hex(data) : visibleLines(text);
}

/** Undefined where the bytes are no UTF-8. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

const perLine = 16;
const mostShown = 64 * perLine;

/** The same, line by line. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function hex(data: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < Math.min(data.length, mostShown); at += perLine) {
    const row = data.subarray(at, at + perLine);
    const bytes = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(4, "0")}  ${bytes.padEnd(perLine * 3)} ${letters}`);
  }
  const left = data.length - mostShown;
  return left > 0 ? `${rows.join("\n")}\n… ${left} more bytes; --json has all of them` : rows.join("\n");
}
