import type { Call, Lane } from "@bellhop/gateway";
import type { Address } from "@bellhop/contracts";

/** Slack counts calls per method: docs.slack.dev/apis/web-api/rate-limits, and each method's page. A tier is so many calls in any minute, so
 *  what goes at once and what comes after it make that many together. */
const methodLanes = {
  "chat.update": tier(50),
  "chat.delete": tier(50),
  /** The rest of these two is for what somebody waits for while we catch up. */
  "conversations.history": tier(40),
  "conversations.replies": tier(40),
  "reactions.add": tier(50),
  "reactions.remove": tier(20),
  "users.conversations": tier(50),
  /** files.getUploadURLExternal and files.completeUploadExternal, one each per file. */
  files: tier(100),
} as const satisfies Record<string, Omit<Lane, "name">>;

export type LaneName = keyof typeof methodLanes;

export function lane(name: LaneName): Lane {
  return { name, ...methodLanes[name] };
}

/** chat.postMessage goes by rules of its own: one a second in each channel, a few at once are let through; and several hundred a minute in
 *  the whole workspace, here 300. */
export function postLanes(to: Address): readonly [Lane, Lane] {
  return [
    { name: `chat.postMessage ${to.channel}`, everyMs: 1_000, burst: 3 },
    { name: "chat.postMessage", everyMs: 250, burst: 60 },
  ];
}

/** The lanes of each call that the gateway makes. */
export function lanesOf({ kind, to, file, gone, again }: Call): readonly Lane[] {
  switch (kind) {
    case "post":
      return [...postLanes(to), ...(file === true ? [lane("files")] : []), ...(again === true ? [lane(findLane(to))] : [])];
    case "reword":
      return [lane("chat.update")];
    case "remove":
      return [lane("chat.delete")];
    case "find":
      return [lane(findLane(to))];
    case "react":
      return [lane(gone === true ? "reactions.remove" : "reactions.add")];
  }
}

/** For reading what was missed: what the looks above leave of a tier where somebody waits for it, half a tier while nothing is looked for where nobody does. */
export function readingLane(name: LaneName, haste: "urgent" | "calm"): Lane {
  return haste === "urgent" ? { name: `${name}, urgent`, everyMs: 12_000, burst: 5 } : { name, everyMs: 2_400, burst: 5 };
}

/** So many places are read at once because somebody waits there. */
export const urgentPlaces: Lane = { name: "urgent places", everyMs: 30_000, burst: 10 };

/** What is said in a thread is looked for there. */
export function findLane(to: Address): LaneName {
  return to.thread === undefined ? "conversations.history" : "conversations.replies";
}

function tier(perMinute: number): Omit<Lane, "name"> {
  const burst = perMinute / 5;
  return { burst, everyMs: 60_000 / (perMinute - burst) };
}
