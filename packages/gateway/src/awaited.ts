import type { Bus } from "@bellhop/bus";
import { buckets, questionKey, token, type Conversation } from "@bellhop/contracts";

/** Who said what, as far as it takes to know whether it is an answer. */
export interface Said {
  conversation: Conversation;
  /** Their id on the platform. */
  author: string;
  /** It answers something that we said, which no thread has to tell. */
  below?: boolean;
}

/** Knows who was asked something and has not answered: their next words in that thread, or below what we said, are said to us. */
export interface Awaited {
  has(said: Said): boolean;
  stop(): void;
}

/** Follows what the people of an account are asked. A question is written down before it is said, so whoever reads it is known already. */
export function followAwaited({ bus, platform, account }: { bus: Bus; platform: string; account: string }): Awaited {
  const open = new Set<string>();
  const watch = bus.bucket(buckets.question).watch(`${token(platform)}.${token(account)}.>`, ({ key, value }) => {
    if (value === undefined || value.over !== undefined) open.delete(key);
    else open.add(key);
  });
  return {
    has: ({ conversation, author: asker, below = false }) =>
      open.size > 0 &&
      (below || conversation.thread !== undefined) &&
      open.has(questionKey({ platform, account, ...conversation }, { asker, direct: conversation.kind === "direct" })),
    stop: () => watch.stop(),
  };
}
