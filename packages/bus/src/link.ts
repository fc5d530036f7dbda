import { limits, problem, type Durations } from "@bellhop/contracts";
import { headers, type MsgHdrs, type NatsConnection, nuid } from "nats";
import { readApi, readPubAck, type ApiError, type Expected, type Stored } from "./answers.ts";
import type { BusLog, BusRole } from "./bus.ts";
import type { Outbox } from "./outbox.ts";
import { readStored, type StoredMessage } from "./stored.ts";

/** What every part of the bus stands on: the connection, the outbox, and the few requests that JetStream knows. */
export interface Link {
  readonly nc: NatsConnection;
  readonly outbox: Outbox;
  readonly log: BusLog;
  /** Who we are, for people. */
  readonly name: string;
  readonly role: BusRole | undefined;
  readonly durations: Durations;
  readonly inboxPrefix: string;
  /** The largest payload, in bytes. */
  readonly limit: number;
  /** Calls back after every reconnect. @returns takes it away */
  onReconnect(listener: () => void): () => void;
}

interface StoreRequest {
  subject: string;
  data: Uint8Array | string;
  /** Becomes `Nats-Msg-Id`. */
  id: string;
  /** Stored only if the subject's last message is at this sequence; 0: if there is none. */
  expect?: number;
  /** The stream whose subject it is: needed with `expect`, to read back what became of a try without an answer. */
  stream?: string;
  headers?: Record<string, string>;
  /** Called once if there is no room for it. */
  whenFull?: () => void;
}

/** Publishes into a stream until it is stored. With `expect`, whoever is first wins; a try whose answer was lost is cleared up. */
export async function store(link: Link, request: StoreRequest): Promise<Stored> {
  const { subject, id, expect, stream } = request;
  const all = headersOf({
    "Nats-Msg-Id": id,
    ...(expect === undefined ? {} : { "Nats-Expected-Last-Subject-Sequence": String(expect) }),
    ...request.headers,
  });
  let repeated = false;
  const stored = await link.outbox.ask<Stored>({
    subject,
    data: request.data,
    headers: all,
    ordered: true,
    whenFull: request.whenFull,
    read(reply, tries) {
      repeated = tries > 1;
      return readPubAck(reply, subject);
    },
  });
  if (stored.kind === "stored" || !repeated || stream === undefined) return stored;
  // The first try may have been stored and its id forgotten since: then the last message there carries our id.
  const last = await lastMessage(link, { stream, subject });
  return last?.id === id ? { kind: "stored", sequence: last.sequence, duplicate: true } : stored;
}

/** The last message of a subject, or undefined. */
export function lastMessage(link: Link, at: { stream: string; subject: string }): Promise<StoredMessage | undefined> {
  return readStored(link, { stream: at.stream, which: { last_by_subj: at.subject } });
}

/** The first message of a subject at or after a sequence, or undefined. */
export function nextMessage(link: Link, at: { stream: string; subject: string; from: number }): Promise<StoredMessage | undefined> {
  return readStored(link, { stream: at.stream, which: { seq: at.from, next_by_subj: at.subject } });
}

/** The message of a sequence, or undefined. */
export function messageAt(link: Link, at: { stream: string; sequence: number }): Promise<StoredMessage | undefined> {
  return readStored(link, { stream: at.stream, which: { seq: at.sequence } });
}

/** Asks JetStream's API until it answers. Errors in `expected` are handed back, others are tried again or thrown. */
export function api<T extends object>(
  link: Link,
  request: { subject: string; body?: unknown; expected?: Expected },
): Promise<T | { error: ApiError }> {
  const { subject, body, expected = [] } = request;
  return link.outbox.ask({
    subject,
    data: body === undefined ? "" : JSON.stringify(body),
    read: (reply) => readApi<T>(reply, subject, expected),
  });
}

/** The same where no error is expected. */
export async function apiOrThrow<T extends object>(link: Link, request: { subject: string; body?: unknown }): Promise<T> {
  const answer = await api<T>(link, request);
  if ("error" in answer && isApiError(answer.error)) throw problem("internal", { why: answer.error.description, run: "-" });
  return answer as T;
}

export function headersOf(entries: Record<string, string>): MsgHdrs {
  const all = headers();
  for (const name of Object.keys(entries)) all.append(name, entries[name] ?? "");
  return all;
}

/** A message id that nobody else makes. */
export function nonce(): string {
  return nuid.next();
}

export function largestPayload(nc: NatsConnection): number {
  return Math.min(limits.message, nc.info?.max_payload ?? limits.message) - roomForHeaders;
}

/** Whether the server is one of several. */
export function isClustered({ nc }: Pick<Link, "nc">): boolean {
  return nc.info?.cluster !== undefined;
}

export const nanoseconds = (ms: number): number => Math.round(ms * 1_000_000);

// The server counts headers into the payload.
const roomForHeaders = 1024;

function isApiError(value: unknown): value is ApiError {
  return typeof value === "object" && value !== null && "description" in value;
}
