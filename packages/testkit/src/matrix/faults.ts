import type { Plan } from "../slack/faults.ts";

export { FaultQueue, type Plan, type PlannedFault } from "../slack/faults.ts";

/** What becomes of one call. "Done" means that the room has changed and people see it. */
export type CallFault =
  /** The connection breaks before the homeserver has read the call: nothing is done. */
  | { kind: "lose_request" }
  /** Done, then the connection breaks: the caller can't know. */
  | { kind: "lose_answer" }
  /** Done, then answered with an HTTP error (500 unless told). */
  | { kind: "error_after"; status?: number }
  /** Not done, answered with an HTTP error as a proxy gives it (503 unless told). */
  | { kind: "unavailable"; status?: number }
  /** Done after `ms`, whether or not the caller still waits; then answered. */
  | { kind: "hold"; ms: number }
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
  /** Decoded, without `/_matrix/client`: `/v3/rooms/!room:server/send/m.room.message/txn`. */
  path: string;
  body: unknown;
}

/** What calls do, in words: faults are planned by them and the log tells them. */
export type CallName = "send" | "sync" | "messages" | "login" | "join" | "whoami" | "other";

export type CallPlan = Plan<CallFault, FaultyCall> & { call?: CallName };
export type SyncPlan = Plan<SyncFault, { since?: string }>;

export function nameOf({ method, path }: FaultyCall): CallName {
  const place = path.replace(/^\/v3/, "");
  if (method === "PUT" && /^\/rooms\/[^/]+\/send\//.test(place)) return "send";
  if (place === "/sync" || place === "/login") return place === "/sync" ? "sync" : "login";
  if (/^\/rooms\/[^/]+\/messages$/.test(place)) return "messages";
  if (/^\/join\/|\/join$/.test(place)) return "join";
  return place === "/account/whoami" ? "whoami" : "other";
}
