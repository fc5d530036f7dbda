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
  trace: string;
  /** 16 hexadecimal characters. */
  span: string;
  parent?: string;
}

export const spans = {
  /** A gateway heard of it. */
  receive: (key: string): SpanRef => refOf(traceOf(key), ["receive", key]),
  /** An engine decided what a message leads to. */
  decide: (key: string): SpanRef => decideIn(traceOf(key), spans.receive(key).span),
  /** The same of an ask, which no gateway heard. */
  decideAsk: (key: string): SpanRef => decideIn(traceOf(key)),
  /** A runner works on it. */
  attempt: (trace: string, attempt: AttemptRef): SpanRef => refOf(trace, ["attempt", attemptKey(attempt)], decideIn(trace).span),
  /** An engine has its result. */
  finish: (trace: string, attempt: AttemptRef): SpanRef =>
    refOf(trace, ["finish", attemptKey(attempt)], spans.attempt(trace, attempt).span),
  /** A gateway says something about it. */
  send: (trace: string, send: { key: string; revision: number }): SpanRef =>
    refOf(trace, ["send", send.key, String(send.revision)], decideIn(trace).span),
} as const;

/** platform, account, space, channel, id: an edit's revision comes after them. */
const partsOfMessageKey = 5;

/** One for each trace: what follows names it as its parent without knowing the key. */
function decideIn(trace: string, parent?: string): SpanRef {
  return refOf(trace, ["decide"], parent);
}

function refOf(trace: string, names: readonly string[], parent?: string): SpanRef {
  const span = hash(["span", trace, ...names].join(" ")).slice(0, 16);
  return { trace, span, ...(parent === undefined ? {} : { parent }) };
}
