import type { z } from "zod";
import { problem, type Problem } from "./problems.ts";

/** The newest version of the wire that this program reads. A payload's `v` is the least version that a reader has to know to do right by it: docs/decisions/0016. */
export const wireVersion = 2;

export type Read<Payload> = { kind: "ok"; payload: Payload } | { kind: "newer"; problem: Problem } | { kind: "invalid"; problem: Problem };

/** What is read: where it comes from, and how it looks. A subject is one. */
export interface Shape<Payload> {
  readonly template: string;
  readonly schema: z.ZodType<Payload>;
}

/** Reads what came over the wire. One of a newer version is not an error of the message: whoever meets it leaves it to a newer program. Fields that only a
 *  newer program knows are kept, at any depth, so that they are there again when the payload is rewritten. */
export function readWire<Payload>({ template, schema }: Shape<Payload>, raw: unknown): Read<Payload> {
  const version = versionOf(raw);
  if (version > wireVersion) {
    return { kind: "newer", problem: problem("version_newer", { subject: template, found: version, known: wireVersion }) };
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) {
    keepUnknown(raw, parsed.data);
    return { kind: "ok", payload: parsed.data };
  }
  const why = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`).join("; ");
  return { kind: "invalid", problem: problem("message_invalid", { subject: template, why }) };
}

/** The version that what came says of itself; 0 where it says none. */
export function versionOf(raw: unknown): number {
  return typeof raw === "object" && raw !== null && "v" in raw && typeof raw.v === "number" ? raw.v : 0;
}

/** Copies into what was read the fields that its schema passed over. */
function keepUnknown(raw: unknown, read: unknown): void {
  // What a schema lets through as it is, is the same object.
  if (raw === read || !isObject(raw) || !isObject(read)) return;
  // All that travels passes here: `for … in` would take twice as long.
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (Object.hasOwn(read, name)) {
      if (typeof value === "object") keepUnknown(value, read[name]);
    } else if (name !== "__proto__") read[name] = value;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
