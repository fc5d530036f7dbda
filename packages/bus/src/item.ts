import { problem, readWire, versionOf, type Problem } from "@bellhop/contracts";
import type { ConsumeOptions } from "./delivery.ts";
import type { Wording } from "./parking.ts";
import { decode } from "./payload.ts";
import type { Pulled } from "./pull.ts";
import { killsItsHandlers } from "./verdict.ts";

/** A message in hand. */
export interface Item<Payload> {
  readonly id: string;
  sequence: number;
  readonly storedAt: number;
  readonly payload: Payload | undefined;
  readonly raw: string;
  readonly subject: string;
  /** As it came, where it could not be read: it may be no text. */
  readonly unread: Uint8Array | undefined;
  /** Why it can only be buried. */
  fault: Problem | undefined;
  /** Its letter is stored; whoever waits may not have been told yet. */
  buried: boolean;
  /** Of a newer version, which says why: it waits for a newer program. */
  readonly newer: Problem | undefined;
  deliveries: number;
  /** Where to acknowledge the newest delivery. */
  reply: string;
  /** `aside`: its handler waits, and others go on in its place. */
  state: "waiting" | "busy" | "aside" | "acknowledging";
  /** Which group it counts in. */
  readonly group: string | undefined;
  readonly wording: Wording | undefined;
  acknowledged: Promise<void> | undefined;
  crashes: number;
  retries: number;
  touchedAt: number;
}

/** What is to be done with a message as it came.
 *  @param at.reply where to answer this delivery
 *  @param at.deliveredBefore up to this sequence messages may have been in other hands, although they come as if for the first time */
export function readItem<Payload>(
  pulled: Pulled,
  at: Pick<ConsumeOptions<Payload>, "subject" | "retry" | "newerLives" | "groups"> & { reply: string; deliveredBefore: number },
): Item<Payload> {
  const { id, sequence, storedAt, message, deliveries } = pulled;
  const { subject, retry, newerLives, groups, reply, deliveredBefore } = at;
  const raw = decode(message.data);
  const value = parsed(raw);
  const read = "read" in subject ? subject.read(message.subject, value) : readWire(subject, value);
  const payload = read.kind === "ok" ? read.payload : undefined;
  let fault = read.kind === "ok" || read.kind === "newer" ? undefined : read.problem;
  // Where messages are given back, to be retried or for a newer program, deliveries say nothing of deaths.
  const givenBack = retry === "anywhere" || (newerLives !== undefined && versionOf(value) > 1);
  if (payload !== undefined && !givenBack && killsItsHandlers(deliveries)) {
    fault = problem("internal", { why: `its handlers died ${deliveries} times`, run: "-" });
  }
  return {
    id,
    sequence,
    storedAt,
    payload,
    raw,
    subject: message.subject,
    unread: fault === undefined || payload !== undefined ? undefined : message.data,
    fault,
    buried: false,
    newer: read.kind === "newer" ? read.problem : undefined,
    deliveries: deliveries + (sequence <= deliveredBefore ? 1 : 0),
    reply,
    state: "waiting",
    group: payload === undefined ? undefined : groups?.of(payload),
    wording: payload === undefined ? undefined : groups?.wording?.(payload),
    acknowledged: undefined,
    crashes: 0,
    retries: 0,
    touchedAt: performance.now(),
  };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
