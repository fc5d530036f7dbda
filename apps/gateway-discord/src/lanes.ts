import type { Call, Lane } from "@bellhop/gateway";

/** What a call goes through: Discord's calls a second, and what its headers say of a channel in practice. They may say something else at any time:
 *  then the SDK turns the call away before it is made, for as long as they say. */
export function lanesOf(call: Call): readonly Lane[] {
  return [everything, { name: laneOf(call), ...paces[call.kind] }];
}

/** The lane that is shut when Discord says "slower" to a call. */
export function laneOf({ kind, to }: Pick<Call, "kind" | "to">): string {
  return `${kind}/${to.channel}`;
}

/** Of the 50 calls that a bot has in any second (…/docs/topics/rate-limits#global-rate-limit): what goes at once and what comes after it make 40
 *  together, ten are for reading. */
const everything: Lane = { name: "account", everyMs: 33, burst: 10 };

const paces: Readonly<Record<Call["kind"], Pick<Lane, "everyMs" | "burst">>> = {
  post: { everyMs: 1_000, burst: 5 },
  reword: { everyMs: 1_000, burst: 5 },
  remove: { everyMs: 200, burst: 5 },
  react: { everyMs: 250, burst: 1 },
  find: { everyMs: 1_000, burst: 5 },
};
