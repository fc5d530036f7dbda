import { attemptKey } from "./keys.ts";
import type { AttemptRef } from "./action.ts";
import { hash } from "./token.ts";

/** The W3C trace id (32 hexadecimal characters) of all that a message or ask leads to. It follows from its key, so every process and every redelivery has the
 *  same one; edits and replays of a message belong to its trace. */
export function traceOf(key: string): string {
  return hash(`trace ${originalOf(key)}`).slice(0, 32);
}

/** The trace of a run: of what it was asked for by, where that belongs to another, as a task does to its workflow and what an event leads to, to the event. */
export function traceOfRun({ answers, trace }: { answers: string; trace?: string | undefined }): string {
  return trace ?? traceOf(answers);
}

/** A station on the way of a command, as OpenTelemetry has it. Ids follow from what is worked on: what is done again after a crash is the same span. */
export interface SpanRef {
  name: "receive" | "decide" | "attempt" | "finish" | "send";
  trace: string;
  /** 16 hexadecimal characters. */
  span: string;
  parent?: string;
}

export const spans = {
  /** A gateway heard of it. */
  receive: (key: string): SpanRef => refOf(traceOf(key), "receive", { of: key }),
  /** An engine decided what a message, an edit or an ask leads to. No gateway heard of an ask, which may belong to another's trace. */
  decide(key: string, within?: string): SpanRef {
    const trace = traceOf(key);
    if (within !== undefined && within !== trace) return refOf(within, "decide", { of: key, parent: decideIn(within).span });
    const parent = originalOf(key).split("/").length < partsOfMessageKey ? undefined : spans.receive(key).span;
    return key === originalOf(key) ? { ...decideIn(trace), parent } : refOf(trace, "decide", { of: key, parent });
  },
  /** A runner works on it. */
  attempt: (trace: string, attempt: AttemptRef): SpanRef =>
    refOf(trace, "attempt", { of: attemptKey(attempt), parent: decideIn(trace).span }),
  /** An engine has its result. */
  finish: (trace: string, attempt: AttemptRef): SpanRef =>
    refOf(trace, "finish", { of: attemptKey(attempt), parent: spans.attempt(trace, attempt).span }),
  /** A gateway says something about it. */
  send: (trace: string, send: { key: string; revision: number }): SpanRef =>
    refOf(trace, "send", { of: `${send.key} ${send.revision}`, parent: decideIn(trace).span }),
} as const;

/** platform, account, space, channel, id: an edit's revision comes after them. */
const partsOfMessageKey = 5;

function originalOf(key: string): string {
  const parts = key.replace(/\/replay\d+$/, "").split("/");
  return parts.slice(0, parts[0] === ofEvents ? 2 : partsOfMessageKey).join("/");
}

/** What rules make of an event is asked for under the event's key, and so belongs to its trace. */
const ofEvents = "event";

/** The key of what an event leads to: of itself, and of the ask of a rule. */
export function eventKey(event: string, rule?: string): string {
  return [ofEvents, event, ...(rule === undefined ? [] : [rule])].join("/");
}

/** The first of a trace: what follows names it as its parent without knowing the key. */
function decideIn(trace: string): SpanRef {
  return refOf(trace, "decide", { of: "first" });
}

function refOf(trace: string, name: SpanRef["name"], { of, parent }: { of: string; parent?: string | undefined }): SpanRef {
  const span = hash(`span ${trace} ${name} ${of}`).slice(0, 16);
  return { name, trace, span, ...(parent === undefined ? {} : { parent }) };
}
