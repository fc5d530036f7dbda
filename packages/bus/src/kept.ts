import type { ObjectRef, Problem, RunRecord } from "@bellhop/contracts";

/** The runs' logs: stream RUN, one subject per run. */
export interface RunLog {
  /** Appends if the last record of this run's log is still at sequence `after`; 0: if there is none. `json`: the record as JSON, where it is there already. */
  append(
    record: RunRecord,
    options: { after: number; json?: string | undefined },
  ): Promise<{ kind: "appended"; sequence: number } | { kind: "conflict" }>;
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

/** A record of a run, and where it stands in the stream. */
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
  watch(filter: string, onEntry: (entry: WatchedEntry<V>) => void, options?: { onReady?: () => void }): BucketWatch;
  /** Every revision that still stands, from one on, in order, and then what comes. `onEntry` also hears of what it can't read, without a value. */
  changes(from: number, onEntry: (entry: WatchedEntry<V>) => void, options?: { onReady?: () => void }): { stop(): void };
  /** The bucket's last revision, whichever key it is of; 0 when it is empty. */
  lastRevision(): Promise<number>;
  /** Takes away what a key was before a revision. */
  forget(key: string, before: number): Promise<void>;
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

interface BucketWatch {
  stop(): void;
  /** Resolves when everything that was written before the call has been seen. */
  caughtUp(): Promise<void>;
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
