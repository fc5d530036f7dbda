import type { Send } from "@bellhop/contracts";
import { conversationKey } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import type { Spool } from "./spool.ts";

interface FullNoticesOptions {
  platform: string;
  account: string;
  spool: Pick<Spool, "onFull" | "settled">;
  /** A queue that is full for less is nobody's business, in milliseconds. */
  afterMs: number;
  /** Says it where this gateway sends for the account; elsewhere the gateway that does has rooms of its own to tell. */
  say: (send: Send) => Promise<void>;
  log: Log;
}

/** Tells each conversation once that what is said there waits, because the queue that engines take from is full; again only after nothing has waited here. */
export function createFullNotices({ platform, account, spool, afterMs, say, log }: FullNoticesOptions): { stop(): void } {
  const told = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  const forget = spool.onFull((heard, stored) => {
    if (heard.kind !== "message" || heard.message.platform !== platform || heard.message.account !== account) return;
    const { key, replyTo: to } = heard.message;
    const conversation = conversationKey(heard.message);
    if (told.has(conversation)) return;
    if (told.size === 0) void spool.settled().then(() => told.clear(), ignore);
    told.add(conversation);
    const timer = setTimeout(() => {
      const send: Send = {
        v: 1,
        key: `${key}/full`,
        revision: 1,
        platform,
        account,
        to,
        body: { text, tone: "warn" },
        answers: key,
        final: false,
      };
      say(send).catch((error: unknown) => log.warn({ key, why: String(error) }, "nobody was told that a queue is full"));
    }, afterMs);
    timers.add(timer);
    const over = () => {
      clearTimeout(timer);
      timers.delete(timer);
    };
    stored.then(over, over);
  });
  return {
    stop() {
      forget();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const text = "There is more to do than can be taken right now. What is said here waits and is done in its turn.";

const ignore = () => {};
