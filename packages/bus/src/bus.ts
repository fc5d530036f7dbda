import type {
  BucketDeclaration,
  Durations,
  Member,
  ObjectRef,
  objectStores,
  Problem,
  Read,
  RunRecord,
  StreamDeclaration,
  StreamLayout,
  Subject,
  Value,
} from "@bellhop/contracts";
import type { FiguresWanted, StreamFigures } from "./figures.ts";

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
}

export interface PublishOptions {
  /** The server drops what comes with an id that it remembers. */
  id: string;
  /** Called once if the stream has no room for it: it is tried again until there is, one of its subject at a time. */
  whenFull?: () => void;
}

export interface BusStatus {
  connected: boolean;
  /** Requests and publishes that wait for their answer. */
  outbox: number;
  /** Messages delivered and not yet acknowledged, over all consumptions. */
  inHand: number;
  /** Times the connection came back. */
  reconnects: number;
}

/** Subjects of one stream that one durable takes in the order in which they were stored: `several({ … })` makes it. */
export interface Several<Payload> {
  /** Reads what came on a concrete subject, by that subject's own schema. */
  read(subject: string, raw: unknown): Read<Payload>;
}

export interface ConsumeOptions<Payload> {
  subject: Subject<Payload> | Several<Payload>;
  stream: Pick<StreamDeclaration, "name">;
  /** The concrete subjects or wildcards of this durable: `subject.filter({ shard: 3 })`. Of a work queue no two durables may take the same. */
  filter: string | readonly string[];
  /** Its name in the stream. One that an earlier start left with another filter is changed; none of what waits is passed over. */
  durable: string;
  /** The server removes the durable, never its messages, when nobody asked it for any for this long, in milliseconds. Kept for ever when not given. */
  removeIdleAfterMs?: number;
  /** Handlers at work at one time. */
  concurrency: number | (() => number);
  /** Messages fetched ahead of need; `concurrency` when not given. 0 where one must not hold what another could do. */
  prefetch?: number;
  /** Messages of one key are handled one after the other, in order. */
  keyOf(payload: Payload): string;
  /** The message is acknowledged when this resolves. A Problem with `retry: true` is tried again with backoff and not counted; anything
   *  else is a crash, and the fifth makes the message a dead letter. */
  handle(payload: Payload, delivery: Delivery): Promise<void>;
  /** Keeps the order of a key over the death of whoever took its messages before. `wait`: what they left is waited for, `durations.ackWait` or a little more,
   *  before anything is handled. `anew`: the durable is made anew, and all that was not acknowledged comes at once; of deliveries only two are counted, so it
   *  is for messages that may be retried anywhere. */
  inOrder?: "wait" | "anew";
  /** Groups of messages of which only so many are given out at a time, so that one that has thousands waiting does not stand before the others. Everything that
   *  waits is taken out of the queue, up to 64 Ki messages, and what is not in hand costs some hundred bytes. */
  groups?: Groups<Payload>;
  /** Called once the message's dead letter is stored; when it throws, it is called again later. A message that was killed with its handler in between comes
   *  again, and may be found dealt with: the letter is there all the same.
   *  @param payload undefined when it could not be read */
  onDead?(payload: Payload | undefined, raw: string, problem: Problem): Promise<void>;
  /** Where others take from this durable as well: whether one of them reads more than this program. Then what is too new is given back for them; until then
   *  it waits in hand. */
  newerLives?: () => boolean;
  /** Where a retry happens: `here` keeps the order within the key (the default), `anywhere` gives the message back with a delay. */
  retry?: "here" | "anywhere";
}

export interface Groups<Payload> {
  of(payload: Payload): string;
  /** In hand of one group; only one once `all` are in hand. */
  each: number;
  all: number;
  /** Of what is not in hand, an earlier wording is acknowledged unseen for a later one, which takes its place; never the last one. */
  wording?(payload: Payload): { key: string; revision: number; last: boolean };
}

export interface Delivery {
  /** In the stream. */
  sequence: number;
  /** Epoch milliseconds, by the server's clock. */
  storedAt: number;
  /** How often it was delivered, this time included. Says nothing of whether it was seen: a killed server forgets. */
  deliveries: number;
  /** Acknowledges before the handler is done; resolves when the server has confirmed it. */
  ack(): Promise<void>;
  /** From now on the handler only waits: others may begin in its place, also those of its key. The message stays unacknowledged until it is done; it is
   *  given back when the consumption is drained before. */
  stepAside: () => void;
}

export interface Consumption {
  /** Stops pulling, gives back what no handler has begun, waits for handlers and acknowledgements. */
  drain(): Promise<void>;
}

export interface ReadOptions<Payload> {
  subject: Subject<Payload>;
  stream: Pick<StreamDeclaration, "name">;
  /** A concrete subject or wildcards: `subject.filter({ … })`. */
  filter: string;
  /** The sequence to begin with. */
  from: number;
}

/** Batches as they are asked for: where nobody asks, no more than some hundred messages wait here. What can't be read is logged and passed over; of a newer
 *  version, it ends the reading. @throws Problem version_newer */
export interface Reading<Payload> extends AsyncIterable<ReadBatch<Payload>> {
  stop(): void;
}

export interface ReadBatch<Payload> {
  /** Empty once, where nothing was there at the beginning. */
  entries: { payload: Payload; sequence: number; storedAt: number }[];
  /** All up to this sequence was read. */
  last: number;
  /** How many more there were; 0: all was read that was there. */
  pending: number;
}

/** What could not be handled: stream DEAD. */
export interface DeadLetters {
  /** All that are there, oldest first. @param read what is kept of each */
  list<T>(read: (letter: DeadLetter) => T, options?: { stream?: string }): Promise<T[]>;
  get(number: number): Promise<DeadLetter | undefined>;
  /** Publishes a letter on the subject it came from, or what takes its place; the letter stays. Repeated for as long as NATS remembers the id, nothing more
   *  comes of it; after that whoever gets it must know it by its key. @throws Problem dead_kept where its subject is not known */
  replay(letter: DeadLetter, payload?: object): Promise<void>;
  /** @returns false when it was not there */
  drop(number: number): Promise<boolean>;
}

export interface DeadLetter {
  /** Its name: never given again. */
  number: number;
  /** When it died, and when it had been stored: epoch milliseconds, by the server's clock. */
  at: number;
  storedAt: number;
  /** Where it came from. */
  stream: string;
  subject: string;
  sequence: number;
  /** Who gave up, and after how many deliveries. */
  by: string;
  durable: string;
  deliveries: number;
  problem: { code: string; message: string; hint: string };
  /** As it came: perhaps no text, or no JSON. */
  data: Uint8Array;
}

/** The runs' logs: stream RUN, one subject per run. */
export interface RunLog {
  /** Appends if the last record of this run's log is still at sequence `after`; 0: if there is none. */
  append(record: RunRecord, options: { after: number }): Promise<{ kind: "appended"; sequence: number } | { kind: "conflict" }>;
  last(run: string): Promise<LogEntry | undefined>;
  /** The record that began the log. */
  first(run: string): Promise<LogEntry | undefined>;
  /** Its records from a sequence on, oldest first. */
  records(run: string, options: { from: number }): Promise<LogEntry[]>;
  /** The last record of every run of a shard, up to now, oldest first; from sequence `from` on, every record.
   *  @param options.onNewer hears of what only a newer program can read, which ends the scan where it is not given */
  scan(options: { shard: number; from?: number; onNewer?: (sequence: number, problem: Problem) => void }): AsyncIterable<LogEntry>;
  /** The stream's last sequence; 0 when it is empty. */
  lastSequence(): Promise<number>;
  /** When the stream was made (ISO 8601, the server's clock), and which sequences it holds; `first` is one above `last` when it is empty. */
  extent(): Promise<{ made: string; first: number; last: number }>;
}

export interface LogEntry {
  record: RunRecord;
  sequence: number;
}

/** A typed key-value bucket. Keys are made of tokens joined by dots. Entries that this program can't read are logged and passed over. */
export interface Bucket<V> {
  /** @throws Problem version_newer: there is one, and only a newer program can read it */
  get(key: string): Promise<Entry<V> | undefined>;
  /** @returns the revision; undefined when the key exists */
  create(key: string, value: V): Promise<number | undefined>;
  /** @returns the new revision; undefined when somebody else was first */
  update(key: string, value: V, revision: number): Promise<number | undefined>;
  put(key: string, value: V): Promise<number>;
  /** @returns false when `revision` was given and is no longer the last */
  delete(key: string, revision?: number): Promise<boolean>;
  /** @param filter a key or a wildcard; all when not given */
  entries(filter?: string): Promise<Entry<V>[]>;
  /** What is there, then every change. Deleted keys come without value; what only a newer program can read does not come. Survives reconnects. */
  watch(filter: string, onEntry: (entry: WatchedEntry<V>) => void, options?: { onReady?: () => void }): { stop(): void };
  /** Removes the marks that deleted keys leave, where they are older. Nothing else does. */
  sweep(options: { olderThanMs: number }): Promise<number>;
}

export interface Entry<V> {
  key: string;
  value: V;
  revision: number;
  /** When this revision was written: epoch milliseconds, by the server's clock. */
  createdAt: number;
}

export interface WatchedEntry<V> {
  key: string;
  /** Absent when the key was deleted. */
  value?: V;
  revision: number;
}

export interface Objects {
  /** What is there already is written down as put anew: from then on it is as young as what is not there yet. So whoever means to refer to an object puts it
   *  first, every time. */
  put(name: string, bytes: Uint8Array): Promise<ObjectRef>;
  /** The same without holding all of it. Where the name is there already, nothing is read: names are hashes, or as good. */
  putStream(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  /** Those that nobody put for so long, by the server's clock. */
  old(options: { olderThanMs: number }): Promise<OldObject[]>;
  /** Takes one away, unless somebody put it since it was found to be old. @returns whether it is gone */
  remove(object: OldObject): Promise<boolean>;
  /** Takes away what is left of removals and of puts that were killed on the way. @returns how many objects there were remains of */
  tidy(options: { olderThanMs: number }): Promise<number>;
}

export interface OldObject {
  name: string;
  bytes: number;
  /** Of the record that names its chunks. */
  sequence: number;
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

/** A message as a stream holds it. */
export interface StoredBytes {
  subject: string;
  sequence: number;
  /** Epoch milliseconds, by the server's clock. */
  storedAt: number;
  data: Uint8Array;
}

export interface StreamState {
  /** When it was made, and now: ISO 8601, by the server's clock. */
  made: string;
  now: string;
  messages: number;
  bytes: number;
  /** The last sequence that was given. */
  last: number;
}

/** A stream with its sequences and times, and without its consumers. */
export interface Snapshot {
  /** As the server calls it: `MESSAGE`, `KV_attempt`, `OBJ_values`. */
  stream: string;
  config: Record<string, unknown>;
  state: Record<string, unknown>;
  /** To be read to its end, without long pauses. */
  chunks: AsyncIterable<Uint8Array>;
}

export interface Snapshots {
  /** Undefined where there is no such stream. */
  state(stream: string): Promise<StreamState | undefined>;
  /** @throws Problem snapshot_failed, also while its chunks are read */
  take(stream: string): Promise<Snapshot>;
  /** Makes a stream that is not there. @throws Problem snapshot_failed */
  restore(snapshot: Snapshot): Promise<void>;
  remove(stream: string): Promise<void>;
  /** Leaves a sign, for whoever comes later, in the name of a stream; `text` is what it says. */
  mark(name: string, text: string): Promise<void>;
  marked(name: string): Promise<string | undefined>;
}

export type ProcessIdentity = NonNullable<Member["process"]>;

export interface JoinOptions {
  role: Member["role"];
  /** Made up when not given. A second process with the same id takes it over: the first one's membership is lost. */
  id?: string;
  lengthMs: number;
  renewalMs: number;
  /** Of a runner: whose requests it takes. */
  pools?: readonly string[];
  /** This process, for others on this machine: `processIdentity()` of the service package. */
  process?: ProcessIdentity;
  /** Whether that process provably runs no more: `isGone` of the service package. */
  isGone?(identity: ProcessIdentity): boolean;
}

export interface MemberRef {
  id: string;
  epoch: string;
}

/** Something this member holds; give it to {@link Membership.release}. */
export interface Hold {
  what: string;
  revision: number;
}

/** A living place among the processes. No decision compares two machines' clocks. */
export interface Membership extends MemberRef {
  /** False once that member's lease is over, was given up, or its process is gone. */
  isAlive(member: string, epoch: string): boolean;
  /** Those alive now. */
  members(role?: Member["role"]): MemberRef[];
  /** Runners alive now that take requests of the pool, and those that do not say. */
  runnersOf(pool: string): MemberRef[];
  /** Those of this role that are alive now and read what this program reads, or more; itself among them. */
  peers(): MemberRef[];
  /** Whether one of this role lives that reads more than this program: what may be held is theirs (docs/decisions/0016).
   *  @param pool of a runner: whether one lives that works for this pool */
  outdated(pool?: string): boolean;
  /** Takes `what` if it is free, its holder is over, or this member has it already; undefined when somebody else holds it. */
  hold(what: string): Promise<Hold | undefined>;
  release(hold: Hold): Promise<void>;
  /** The living holder, as last seen. */
  holder(what: string): MemberRef | undefined;
  /** All that living members hold and that begins so, as last seen. */
  held(prefix: string): string[];
  /** Called when a member comes or is over, and when a holding changes hands. @returns takes the listener away */
  onChange(listener: () => void): () => void;
  /** Resolves when this lease was not renewed for its length, or somebody took over the id: stop what depends on it. */
  readonly lost: Promise<void>;
  /** Gives everything back; the others see it at once. */
  leave(): Promise<void>;
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
