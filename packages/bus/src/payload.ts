import { problem } from "@bellhop/contracts";

const encoder = new TextEncoder();
// Making one for each message takes longer than reading the message.
const decoder = new TextDecoder();

/** A payload as it travels.
 *  @param options.json the payload as JSON, where it is there already
 *  @throws Problem message_too_large, which names the largest field */
export function encode(options: { subject: string; payload: unknown; json?: string | undefined; limit: number }): Uint8Array {
  const data = encoder.encode(options.json ?? JSON.stringify(options.payload));
  if (data.length <= options.limit) return data;
  const { field, bytes } = largestField(options.payload);
  throw problem("message_too_large", {
    subject: options.subject,
    bytes: data.length,
    limit: options.limit,
    field,
    fieldBytes: bytes,
  });
}

/** The text of a payload that came. */
export function decode(data: Uint8Array): string {
  return decoder.decode(data);
}

/** The path to the field that makes a value large: down as long as one child is more than half of its parent. */
export function largestField(value: unknown): { field: string; bytes: number } {
  const path: string[] = [];
  let bytes = sizeOf(value);
  for (let current = value; typeof current === "object" && current !== null;) {
    let largest: { name: string; value: unknown; bytes: number } | undefined;
    for (const [name, inner] of Object.entries(current)) {
      const size = sizeOf(inner);
      if (largest === undefined || size > largest.bytes) largest = { name, value: inner, bytes: size };
    }
    if (largest === undefined || (path.length > 0 && largest.bytes * 2 < bytes)) break;
    path.push(largest.name);
    bytes = largest.bytes;
    current = largest.value;
  }
  return { field: path.join(".") || "(whole)", bytes };
}

function sizeOf(value: unknown): number {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? 0 : encoder.encode(text).length;
}
