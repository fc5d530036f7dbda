import type { Receipt, Send } from "@bellhop/contracts";
import type { Adapter, Capabilities } from "./adapter.ts";

/** A send as it will be seen. */
export interface Wording {
  readonly send: Send;
  /** When it was to be said, where that is told with it. */
  readonly late?: string;
  /** What {@link Adapter.write} makes of it; none of a gesture. */
  readonly pieces: readonly unknown[];
}

/** A send that waits: `storedAt` in epoch milliseconds, by the server's clock. */
export interface Words {
  readonly send: Send;
  readonly storedAt: number;
}

/** Words one send after the other, as its receipt says it was begun.
 *  @param at.lateMs after how long a reply says that it is late
 *  @param at.now epoch milliseconds */
export function createWriter(at: {
  adapter: Pick<Adapter, "write" | "capabilities">;
  lateMs: number;
  now: () => number;
}): (words: Words, receipt: Receipt | undefined) => Wording {
  const { adapter, lateMs, now } = at;
  let last: (Wording & { from: Send }) | undefined;
  return ({ send, storedAt }, receipt) => {
    const late = begunAs(send, receipt)
      ? receipt.late
      : lateSince(send, { storedAt, now: now(), lateMs, capabilities: adapter.capabilities });
    if (last?.from === send && last.late === late) return last;
    const worded = late === undefined ? send : withLateLine(send, late);
    last = {
      from: send,
      send: worded,
      pieces: send.gesture === undefined ? adapter.write(worded) : [],
      ...(late === undefined ? {} : { late }),
    };
    return last;
  };
}

/** Whether some of this wording may stand already, so that the rest has to be of one piece with it. */
function begunAs(send: Send, receipt: Receipt | undefined): receipt is Receipt {
  return receipt?.revision === send.revision && (receipt.late !== undefined || receipt.pieces.length > 0);
}

/** When a send was to be said, where that is so long ago that it has to be told. Two machines' clocks are compared: one that goes wrong costs a
 *  line, or saves it. */
export function lateSince(
  send: Pick<Send, "gesture" | "passing">,
  at: { storedAt: number; now: number; lateMs: number; capabilities: Pick<Capabilities, "direct"> },
): string | undefined {
  const { storedAt, now, lateMs, capabilities } = at;
  // Who sits at a prompt sees that it waits; in a chat the conversation has gone on.
  if (send.gesture !== undefined || send.passing === true || capabilities.direct === "none") return undefined;
  return now - storedAt > lateMs ? new Date(storedAt).toISOString() : undefined;
}

/** The same for every try: some platforms know their messages by the words. */
export function withLateLine(send: Send, since: string): Send {
  const line = `Late: this was to be said at ${since.slice(0, 10)} ${since.slice(11, 16)} UTC, but could not be until now.`;
  return { ...send, body: { ...send.body, text: [line, send.body.text].filter(Boolean).join("\n\n") } };
}
