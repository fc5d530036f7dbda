import type { Address, Body, Command, Send } from "@bellhop/contracts";

/** The final reply to a message or ask that leads to no run of its own. `key` is that of what it answers. */
export function answer(at: {
  key: string;
  to: Address;
  body: Body;
  outcome: NonNullable<Send["outcome"]>;
}): Extract<Command, { kind: "send" }> {
  const { key, to, body, outcome } = at;
  const { platform, account } = to;
  return {
    kind: "send",
    send: { v: 1, key: `${key}/answer`, revision: 1, platform, account, to, body, answers: key, final: true, outcome },
  };
}
