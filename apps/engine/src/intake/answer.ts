import type { Address, Body, Command, Send } from "@bellhop/contracts";
import type { StandingReply } from "@bellhop/core";

/** The final reply to a message or ask that leads to no run of its own. `key` is that of what it answers.
 *  @param at.after what stands already and is reworded by this
 *  @param at.only the one person who may see it
 *  @param at.run whose answer it is a page of
 *  @param at.more how to read on
 *  @param at.follow what it begins that has answers of its own */
export function answer(at: {
  key: string;
  to: Address;
  body: Body;
  outcome: NonNullable<Send["outcome"]>;
  askedAt?: string;
  after?: StandingReply;
  only?: string;
  run?: string;
  more?: Send["more"];
  follow?: Send["follow"];
}): Extract<Command, { kind: "send" }> {
  const { key, to, body, outcome, askedAt, after, only, run, more, follow } = at;
  const { platform, account } = to;
  const named = after ?? { key: `${key}/answer`, revision: 0, answers: key };
  const send: Send = {
    v: 1,
    key: named.key,
    revision: named.revision + 1,
    platform,
    account,
    to,
    body,
    ...(only === undefined ? {} : { only }),
    answers: named.answers,
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(run === undefined ? {} : { run }),
    final: true,
    outcome,
    ...(follow === undefined ? {} : { follow }),
    ...(more === undefined ? {} : { more }),
  };
  return { kind: "send", send };
}
