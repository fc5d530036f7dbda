import { problem, type Problem } from "@bellhop/contracts";

/** What the outbox needs to see of a reply. */
export interface Reply {
  readonly data: Uint8Array;
  readonly headers?: { readonly code: number; readonly description: string; get(name: string): string };
  json<T>(): T;
}

/** What a reply means for the request that waits for it. `full`: there is no room, for this or anything else on its subject. */
export type Answer<T> = { kind: "done"; value: T } | { kind: "again" | "full"; why: string } | { kind: "failed"; problem: Problem };

/** `conflict`: the expected sequence was not the last one. */
export type Stored = { kind: "stored"; sequence: number; duplicate: boolean } | { kind: "conflict" };

export interface ApiError {
  code: number;
  err_code?: number;
  description: string;
}

/** Reads the answer to a publish into a stream. What a stream can't take now (full, no leader, not there yet) is tried again. */
export function readPubAck(reply: Reply, subject: string): Answer<Stored> {
  if (reply.data.length === 0) return { kind: "again", why: statusOf(reply) };
  const ack = reply.json<{ seq?: number; duplicate?: boolean; error?: ApiError }>();
  if (ack.error === undefined)
    return { kind: "done", value: { kind: "stored", sequence: ack.seq ?? 0, duplicate: ack.duplicate === true } };
  if (wrongLastSequence.has(ack.error.err_code ?? 0)) return { kind: "done", value: { kind: "conflict" } };
  return readError(ack.error, subject);
}

/** Which errors of JetStream's API are values for the caller: some by their numbers, or all that trying again can't mend. */
export type Expected = readonly number[] | "lasting";

/** Reads the answer of JetStream's API. */
export function readApi<T extends object>(reply: Reply, subject: string, expected: Expected): Answer<T | { error: ApiError }> {
  if (reply.data.length === 0) return { kind: "again", why: statusOf(reply) };
  const answer = reply.json<T & { error?: ApiError }>();
  const { error } = answer;
  if (error === undefined) return { kind: "done", value: answer };
  if (expected === "lasting" ? isLasting(error) : expected.includes(error.err_code ?? 0)) return { kind: "done", value: { error } };
  return readError(error, subject);
}

/** JetStream's error numbers. */
export const errorCodes = {
  consumerNotFound: 10014,
  consumerExists: 10148,
  streamNotFound: 10059,
  messageNotFound: 10037,
  messageNotDeleted: 10057,
  streamNameInUse: 10058,
} as const;

const wrongLastSequence = new Set([10071, 10164]);

// The server's word for a limit: `maximum messages exceeded`, `maximum bytes exceeded`, `maximum messages per subject exceeded`.
const storeFailed = 10077;

// A 404 is a stream or consumer that somebody else has yet to create; 10158 and 10201 are a repeat that met its first try half-way;
// 10054 and the like (4xx) stay wrong however often they are said.
const passing = new Set<number>([errorCodes.streamNotFound, errorCodes.consumerNotFound, 10158, 10201]);

// Refusals that the server reports as its own failure: too few servers or too little room for as many copies, or for another stream.
const lastingOfServer = new Set([10005, 10011, 10023, 10028, 10047, 10074]);

function isLasting({ code, err_code = 0 }: ApiError): boolean {
  return lastingOfServer.has(err_code) || (code < 500 && !passing.has(err_code));
}

function readError(error: ApiError, subject: string): Answer<never> {
  const hint = error.err_code === errorCodes.streamNotFound ? whenMissing : "";
  const why = `${error.description} (${error.err_code ?? error.code})${hint}`;
  if (error.err_code === storeFailed && error.description.startsWith("maximum ")) return { kind: "full", why };
  if (error.code >= 500 || passing.has(error.err_code ?? 0)) return { kind: "again", why };
  return { kind: "failed", problem: problem("internal", { why: `${subject}: ${why}`, run: "-" }) };
}

function statusOf(reply: Reply): string {
  const code = reply.headers?.code ?? 0;
  return code === 503 ? `nobody answers (503)${whenMissing}` : `status ${code}`;
}

const whenMissing = "; should it stay so: bellhop nats plan";
