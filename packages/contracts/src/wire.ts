import { problem, type Problem } from "./problems.ts";
import type { Subject } from "./subjects.ts";

export type Read<Payload> = { kind: "ok"; payload: Payload } | { kind: "newer"; problem: Problem } | { kind: "invalid"; problem: Problem };

/** Reads what came over the wire. One of a newer version is not an error of the message: whoever meets it waits for its own upgrade. */
export function readWire<Payload>(subject: Subject<Payload>, raw: unknown): Read<Payload> {
  const version = typeof raw === "object" && raw !== null && "v" in raw ? raw.v : undefined;
  if (typeof version === "number" && version > subject.version) {
    return { kind: "newer", problem: problem("version_newer", { subject: subject.template, found: version, known: subject.version }) };
  }
  const parsed = subject.schema.safeParse(raw);
  if (parsed.success) return { kind: "ok", payload: parsed.data };
  const why = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`).join("; ");
  return { kind: "invalid", problem: problem("message_invalid", { subject: subject.template, why }) };
}
