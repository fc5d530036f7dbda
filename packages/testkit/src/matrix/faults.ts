import type { CallFault as AnyCallFault, Plan } from "../faults.ts";

export { FaultQueue, type PlannedFault } from "../faults.ts";

export type CallFault =
  | AnyCallFault
  /** Not done: 429 M_LIMIT_EXCEEDED. */
  | { kind: "rate_limit"; retryAfterMs: number };

/** What becomes of one batch of a sync that holds something. */
export type SyncFault =
  /** Given again with the next one. */
  | { kind: "twice" }
  /** Held back for `ms`; what happens meanwhile is in it. */
  | { kind: "late"; ms: number };

/** The call as a fault's `when` sees it. */
export interface FaultyCall {
  method: string;
  /** Decoded, without `/_matrix/client`, or `/_matrix` before `/media`: `/v3/rooms/!room:server/send/m.room.message/txn`. */
  path: string;
  body: unknown;
}

/** What calls do, in words: faults are planned by them and the log tells them. */
export type CallName =
  | "send"
  | "react"
  | "redact"
  | "typing"
  | "upload"
  | "download"
  | "event"
  | "relations"
  | "sync"
  | "messages"
  | "createRoom"
  | "login"
  | "join"
  | "whoami"
  | "other";

export type CallPlan = Plan<CallFault, FaultyCall> & { call?: CallName };
export type SyncPlan = Plan<SyncFault, { since?: string }>;

export function nameOf({ method, path }: FaultyCall): CallName {
  return calls.find(([verb, place]) => verb === method && place.test(path))?.[2] ?? "other";
}

const calls: readonly (readonly [method: string, place: RegExp, name: CallName])[] = [
  ["PUT", /^\/v3\/rooms\/[^/]+\/send\/m\.reaction\//, "react"],
  ["PUT", /^\/v3\/rooms\/[^/]+\/send\//, "send"],
  ["PUT", /^\/v3\/rooms\/[^/]+\/redact\//, "redact"],
  ["PUT", /^\/v3\/rooms\/[^/]+\/typing\//, "typing"],
  ["POST", /^\/media\/v3\/upload$/, "upload"],
  ["GET", /^\/v1\/media\/download\//, "download"],
  ["GET", /^\/v3\/rooms\/[^/]+\/event\//, "event"],
  ["GET", /^\/v1\/rooms\/[^/]+\/relations\//, "relations"],
  ["GET", /^\/v3\/rooms\/[^/]+\/messages$/, "messages"],
  ["GET", /^\/v3\/sync$/, "sync"],
  ["POST", /^\/v3\/createRoom$/, "createRoom"],
  ["POST", /^\/v3\/login$/, "login"],
  ["POST", /^\/v3\/(?:join\/[^/]+|rooms\/[^/]+\/join)$/, "join"],
  ["GET", /^\/v3\/account\/whoami$/, "whoami"],
];
