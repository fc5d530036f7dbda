import type { Send } from "@bellhop/contracts";

/** A send that waits for its turn in its conversation, with those that went before it under the same key and need not be said any more. */
export interface Slot {
  readonly send: Send;
  /** Its place in the conversation: the stream's sequence of the first that stood here. */
  readonly sequence: number;
  /** It is being said, or may have been by somebody else: no newer wording takes its place. */
  readonly begun: boolean;
  /** Not before this moment, on the queue's clock. */
  readonly notBefore: number;
}

export type Placed =
  | { readonly kind: "waits"; readonly at: number }
  /** It is newer than a wording that waits, which need not be said. */
  | { readonly kind: "replaces"; readonly at: number }
  /** A newer wording of it waits. */
  | { readonly kind: "superseded" };

/** Where a send goes among those of its conversation that wait, in their order. A final word is never left out for another.
 *  @param newcomer.begun whether somebody may have begun to say it */
export function placeFor(slots: readonly Slot[], newcomer: Pick<Slot, "send" | "sequence" | "begun">): Placed {
  const { send, sequence, begun } = newcomer;
  const at = slots.findIndex(
    (slot) => slot.send.key === send.key && !slot.begun && !(slot.send.final && slot.send.revision < send.revision),
  );
  const waiting = slots[at]?.send;
  if (waiting !== undefined && waiting.revision < send.revision) return { kind: "replaces", at };
  if (waiting !== undefined && !send.final && !begun) return { kind: "superseded" };
  const later = slots.findIndex((slot) => slot.sequence > sequence);
  return { kind: "waits", at: later < 0 ? slots.length : later };
}

export type Choice<S extends Slot> = { readonly kind: "say"; readonly slot: S } | { readonly kind: "wait"; readonly until: number };

/** Which one is to be said now: the first that may. One that has to wait lets others pass, but none of its own key.
 *  @param restUntil until when nothing more may be said under a key */
export function choose<S extends Slot>(slots: readonly S[], now: number, restUntil: (key: string) => number): Choice<S> {
  const passed = new Set<string>();
  let until = Infinity;
  for (const slot of slots) {
    const { key } = slot.send;
    if (passed.has(key)) continue;
    const due = Math.max(slot.notBefore, restUntil(key));
    if (due <= now) return { kind: "say", slot };
    passed.add(key);
    until = Math.min(until, due);
  }
  return { kind: "wait", until };
}
