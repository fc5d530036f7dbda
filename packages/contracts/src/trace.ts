import { attemptKey } from "./keys.ts";
import type { AttemptRef } from "./action.ts";
import { hash } from "./token.ts";

/** The W3C trace id (32 hexadecimal characters) of all that a message or ask leads to. It follows from its key, so every process and every redelivery has the
 *  same one; edits and replays of a message belong to its trace. */
export function traceOf(key: string): string {
  const original = key
    .replace(/\/replay\d+$/, "")
    .split("/")
    .slice(0, partsOfMessageKey)
    .join("/");
  return hash(`trace ${original}`).slice(0, 32);
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
  /** An engine decided what a message leads to. */
  decide: (key: string): SpanRef => decideIn(traceOf(key), spans.receive(key).span),
  /** The same of an ask, which no gateway heard. */
  decideAsk: (key: string): SpanRef => decideIn(traceOf(key)),
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

/** One for each trace: what follows names it as its parent without knowing the key. */
function decideIn(trace: string, parent?: string): SpanRef {
  return refOf(trace, "decide", { of: "", parent });
}

function refOf(trace: string, name: SpanRef["name"], { of, parent }: { of: string; parent?: string }): SpanRef {
  const span = hash(`span ${trace} ${name} ${of}`).slice(0, 16);
  return { name, trace, span, ...(parent === undefined ? {} : { parent }) };
}
