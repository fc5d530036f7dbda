import type { BucketDeclaration, Durations, objectStores, StreamDeclaration, StreamLayout, Subject, Value } from "@bellhop/contracts";
import type { ConsumeOptions, Consumption, DeadLetters, ReadOptions, Reading } from "./delivery.ts";
import type { Bucket, Objects, RunLog, Snapshots, StoredBytes } from "./kept.ts";
import type { JoinOptions, Membership } from "./members.ts";
import type { FiguresWanted, StreamFigures } from "./figures.ts";
import type { QueueStand } from "./queue-stand.ts";

/** What the bus needs of a log; `createLog` of the service package gives one. */
export interface BusLog {
  debug(fields: Record<string, unknown>, words: string): void;
  info(fields: Record<string, unknown>, words: string): void;
  warn(fields: Record<string, unknown>, words: string): void;
  error(fields: Record<string, unknown>, words: string): void;
  child(fields: Record<string, unknown>): BusLog;
}

export type BusRole = "engine" | "runner" | "gateway" | "api" | "cli" | "operator";

export interface BusOptions {
  /** `nats://host:port`; several servers of one cluster with commas between them. */
  url: string;
  /** A file with an nkey seed. */
  credentials?: string;
  /** Shown by the server's own tools. */
  name: string;
  /** With a role, inboxes are `_INBOX_<role>.>`, as the permissions of that role allow. */
  role?: BusRole;
  /** How long a server that is not there yet is waited for at first, in milliseconds; `durations.lease` when not given, 2 s at least. */
  patienceMs?: number;
  durations: Durations;
  log: BusLog;
}

/** One connection to NATS. Everything on it goes on over reconnects, for ever, until {@link Bus.drain}. */
export interface Bus {
  /** Makes every stream, bucket and object store of `contracts`, or changes it to what it should be. For the operator; the others wait until they exist.
   *  @param layout copies and limits; what it does not name is left as it is
   *  @throws Problem nats_denied, nats_set_up */
  setUp(layout?: StreamLayout): Promise<void>;
  /** What `apply` would do, and what only a person can; consumers included. Changes nothing. @throws Problem nats_denied */
  plan(layout?: StreamLayout): Promise<Finding[]>;
  /** Carries the plan out. Deletes nothing; safe to repeat, and by several at once. @throws Problem nats_denied */
  apply(layout?: StreamLayout): Promise<Applied>;
  /** Resolves when the payload is stored: sent again with the same id until then, in the order of the first tries.
   *  @throws Problem that trying again can't mend: `message_too_large`, `nats_denied`; or that the bus was drained */
  publish<Payload>(subject: Subject<Payload>, payload: Payload, options: PublishOptions): Promise<{ sequence: number; duplicate: boolean }>;
  /** Says it to whoever listens now; not stored. */
  tell<Payload>(subject: Subject<Payload>, payload: Payload): void;
  /** Hears what is told on `filter`. */
  hear<Payload>(subject: Subject<Payload>, filter: string, handler: (payload: Payload) => void): { stop(): void };
  consume<Payload>(options: ConsumeOptions<Payload>): Promise<Consumption>;
  /** Reads what a stream keeps, in order, and goes on with what comes. Takes nothing away, and survives reconnects. */
  read<Payload>(options: ReadOptions<Payload>): Reading<Payload>;
  readonly log: RunLog;
  readonly dead: DeadLetters;
  bucket<V>(declaration: BucketDeclaration<V>): Bucket<V>;
  objects(name: (typeof objectStores)[keyof typeof objectStores]): Objects;
  /** Everything a stream holds now, as bytes and in order; takes nothing. Nothing where there is no such stream.
   *  @param stream as the server calls it */
  contents(stream: string, options?: { from?: number }): AsyncIterable<StoredBytes>;
  /** For the operator. */
  readonly snapshots: Snapshots;
  server(): Promise<ServerFacts>;
  /** Puts a value over `limits.inlineValue` into the object store, under its hash. */
  storeValue(value: unknown): Promise<Value>;
  loadValue(value: Value): Promise<unknown>;
  join(options: JoinOptions): Promise<Membership>;
  /** Stops consumptions, waits for handlers, acknowledgements and the outbox, then closes; for `durations.drain` at most. */
  drain(): Promise<void>;
  status(): BusStatus;
  /** A ping to the server that it is connected to, in milliseconds. Waits while there is none. */
  roundTripMs(): Promise<number>;
  /** How much waits there, and for how long. What the role may not ask about is left out. */
  figures(wanted: readonly FiguresWanted[]): Promise<StreamFigures[]>;
  /** How far a work queue was taken off: what is neither in it nor after its end is in somebody's hands no more. */
  queueStand(queue: { stream: Pick<StreamDeclaration, "name">; filter: string }): Promise<QueueStand>;
}

interface PublishOptions {
  /** The server drops what comes with an id that it remembers. */
  id: string;
  /** Called once if the stream has no room for it: it is tried again until there is, one of its subject at a time. */
  whenFull?: () => void;
}

interface BusStatus {
  connected: boolean;
  /** Requests and publishes that wait for their answer. */
  outbox: number;
  /** Messages delivered and not yet acknowledged, over all consumptions. */
  inHand: number;
  /** Times the connection came back. */
  reconnects: number;
}

/** The server that this is connected to, as it describes itself. */
export interface ServerFacts {
  version: string;
  /** The largest message, in bytes. */
  maxPayload: number;
  /** Of its cluster; those that it does not tell about are not counted. */
  servers: number;
  jetStream: boolean;
  /** Of this account, in bytes; without `limit`, as much as the disk has. */
  storage?: { used: number; limit?: number };
  /** Its clock, epoch milliseconds, where there is a stream to ask about. */
  now?: number;
}

/** Why something can't be done by `apply`, and what a person can do. */
export interface Stuck {
  why: string;
  todo: string;
}

/** One field that is not as it should be; undefined: not set. */
export interface Change {
  field: string;
  is: unknown;
  wanted: unknown;
  stuck?: Stuck;
}

export interface Named {
  what: "stream" | "bucket" | "object store" | "consumer";
  /** As `contracts` call it. */
  name: string;
  /** The stream that it is, or is in. */
  stream: string;
}

export type Finding = Named &
  (
    | { kind: "right" }
    | { kind: "missing"; config: Readonly<Record<string, unknown>>; stuck?: Stuck }
    | { kind: "differs"; changes: Change[]; config: Readonly<Record<string, unknown>> }
    | { kind: "left over"; stuck: Stuck }
  );

/** What `apply` did. */
export interface Applied {
  made: Named[];
  changed: Named[];
  /** What the server refused. */
  failed: (Named & { why: string })[];
  /** How everything is now. */
  findings: Finding[];
}
