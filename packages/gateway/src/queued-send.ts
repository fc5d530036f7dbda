import { token, type Address, type Receipt, type Send } from "@bellhop/contracts";
import type { Bucket } from "@bellhop/bus";
import type { Adapter } from "./adapter.ts";
import type { Words } from "./wording.ts";

/** A send as its queue has it. */
export interface QueuedSend {
  /** The newest wording: may change until `begin`. */
  words(): Words;
  /** Nobody is known to have begun it. */
  readonly fresh: boolean;
  begin(): void;
  /** Nothing of it was said after all. */
  rest(): void;
  /** The wording before is not to be had any more. */
  readonly blind: boolean;
}

/** The same send where its words belong below something else: there, if that stands, and else beside it. What stands keeps its name, so every try finds the
 *  same place. In a thread there is no other. */
export async function below(
  queued: QueuedSend,
  { adapter, receipts }: { adapter: Adapter; receipts: Bucket<Receipt> },
): Promise<QueuedSend> {
  const { under } = queued.words().send;
  const ref = under === undefined ? undefined : (await receipts.get(token(under)))?.value.pieces[0]?.ref;
  if (ref === undefined) return queued;
  const place = (to: Address): Address => (to.thread === undefined ? (adapter.below?.(ref, to) ?? { ...to, thread: ref }) : to);
  let placed: Words | undefined;
  let from: Send | undefined;
  return {
    ...queued,
    get fresh() {
      return queued.fresh;
    },
    get blind() {
      return queued.blind;
    },
    words() {
      const words = queued.words();
      const { send } = words;
      if (placed === undefined || from !== send) {
        placed = { ...words, send: { ...send, to: place(send.to) } };
        from = send;
      }
      return placed;
    },
  };
}
