import { durables, isFields } from "@bellhop/contracts";
import type { Change, Finding, Stuck } from "./bus.ts";
import { mark, type Config, type WantedDurable, type WantedStream } from "./layout.ts";

/** What the server holds. */
export interface Found {
  streams: readonly FoundStream[];
  /** Of our own streams. */
  consumers: readonly FoundConsumer[];
  /** Whether the server is one of several. */
  clustered: boolean;
}

export interface FoundStream {
  config: Config & { name: string; subjects?: readonly string[] };
  /** What it holds: epoch milliseconds, the server's clock. */
  holds: { messages: number; bytes: number; oldestAt: number; now: number };
}

export interface FoundConsumer {
  stream: string;
  config: Config;
  /** Messages that it has yet to hand out, or have acknowledged. */
  waiting: number;
}

/** Compares what there should be with what is there. Pure. */
export function planOf(at: { streams: readonly WantedStream[]; consumers: readonly WantedDurable[]; found: Found }): Finding[] {
  const { streams, consumers, found } = at;
  return [
    ...streams.map((wanted) => ofStream(wanted, found)),
    ...consumers.map((wanted) => ofConsumer(wanted, found)),
    ...leftOver(streams, consumers, found),
  ];
}

/** Whether `apply` would do something about it. */
export function isDoable(finding: Finding): boolean {
  if (finding.kind === "missing") return finding.stuck === undefined;
  return finding.kind === "differs" && finding.changes.some(({ stuck }) => stuck === undefined);
}

/** Whether only a person can mend it. */
export function isStuck(finding: Finding): boolean {
  if (finding.kind === "missing") return finding.stuck !== undefined;
  return finding.kind === "differs" && finding.changes.some(({ stuck }) => stuck !== undefined);
}

function ofStream({ what, name, stream, config: declared }: WantedStream, found: Found): Finding {
  const named = { what, name, stream };
  const there = found.streams.find(({ config }) => config.name === stream);
  const config = { ...declared, allow_direct: readsAnyReplica(declared, there?.config, found) };
  if (there === undefined) {
    const stuck = tooFewServers(config, found) ?? takenBy(config, found);
    return { ...named, kind: "missing", config, ...(stuck === undefined ? {} : { stuck }) };
  }
  const changes = Object.entries(config)
    .map(([field, wanted]) => ({ field, is: there.config[field], wanted: merged(field, there.config[field], wanted) }))
    .filter(({ field, is, wanted }) => !isSame(plain(field, is), wanted))
    .map((change) => ({ ...change, stuck: whyStuck(change, there, found) }));
  const most = changes.find(({ field }) => field === "max_msgs_per_subject");
  const all = changes.map(({ stuck, ...change }): Change => {
    // The one does not go without the other.
    const why = change.field === "discard_new_per_subject" ? most?.stuck : stuck;
    return { ...change, ...(why === undefined ? {} : { stuck: why }) };
  });
  return all.length === 0 ? { ...named, kind: "right" } : { ...named, kind: "differs", changes: all, config };
}

function ofConsumer({ what, name, stream, config }: WantedDurable, { consumers }: Found): Finding {
  const named = { what, name, stream };
  const there = consumers.find((one) => one.stream === stream && one.config.durable_name === name);
  if (there === undefined) return { ...named, kind: "missing", config };
  const changes = Object.entries(config)
    .map(([field, wanted]) => ({ field, is: there.config[field], wanted }))
    .filter(({ is, wanted }) => !isSame(is, wanted))
    .map((change) => ({ ...change, ...(fixedOfConsumers.has(change.field) ? { stuck: madeAnew(stream, name) } : {}) }));
  return changes.length === 0 ? { ...named, kind: "right" } : { ...named, kind: "differs", changes, config };
}

/** What carries our mark or stands in our streams, and is declared by nobody. */
function leftOver(streams: readonly WantedStream[], consumers: readonly WantedDurable[], found: Found): Finding[] {
  const known = new Set(streams.map(({ stream }) => stream));
  const ofStreams = found.streams
    .filter(({ config }) => !known.has(config.name) && markOf(config.metadata) !== undefined)
    .map(({ config, holds }): Finding => {
      const why = `this release has no use for it; it holds ${holds.messages} messages`;
      const todo = `Look at it, then take it away: nats stream rm ${config.name}`;
      return { what: "stream", name: config.name, stream: config.name, kind: "left over", stuck: { why, todo } };
    });
  const ofConsumers = found.consumers
    .map(({ stream, config, waiting }) => ({ stream, durable: config.durable_name, waiting }))
    .flatMap(({ stream, durable, waiting }): Finding[] => {
      if (typeof durable !== "string" || durables.isMadeByNeed({ stream, durable })) return [];
      if (consumers.some((wanted) => wanted.stream === stream && wanted.name === durable)) return [];
      const why = `nothing of this release takes from it; ${waiting} messages wait for it`;
      const todo = `Unless a tool of yours uses it, take it away: nats consumer rm ${stream} ${durable}`;
      return [{ what: "consumer", name: durable, stream, kind: "left over", stuck: { why, todo } }];
    });
  return [...ofStreams, ...ofConsumers];
}

/** A direct get is answered by any replica, also by one that lags behind. While copies are being made or given up, none is asked. */
function readsAnyReplica(wanted: Config, is: Config | undefined, found: Found): boolean {
  const now = is?.num_replicas ?? 1;
  return now === 1 && ((wanted.num_replicas ?? now) === 1 || tooFewServers(wanted, found) !== undefined);
}

function whyStuck({ field, is, wanted }: Change, { config, holds }: FoundStream, found: Found): Stuck | undefined {
  const { name } = config;
  if (field === "storage") return { why: "a stream keeps the storage that it was made with", todo: carryOver(name) };
  if (field === "retention") return { why: "a stream can't become a work queue, nor stop being one", todo: carryOver(name) };
  if (field === "deny_delete") return { why: "what was denied once stays denied", todo: carryOver(name) };
  if (field === "num_replicas") return tooFewServers({ num_replicas: wanted }, found);
  if (field === "subjects") return takenBy({ name, subjects: wanted }, found);
  const edit = `If that is meant: nats stream edit ${name}`;
  if (field === "max_bytes" && isLower(wanted, holds.bytes)) return { why: `it holds ${holds.bytes} bytes now`, todo: edit };
  if (field === "max_msgs" && isLower(wanted, holds.messages)) return { why: `it holds ${holds.messages} messages now`, todo: edit };
  if (field === "max_age" && holds.messages > 0 && isLower(wanted, (holds.now - holds.oldestAt) * 1e6)) {
    return { why: "what it holds of older age would be gone at once", todo: edit };
  }
  if (field === "max_msgs_per_subject" && config.retention === "workqueue") {
    // The server takes what is too much out of a subject, also of a queue.
    const waits = { why: `it holds ${holds.messages} messages now`, todo: "Let them be worked off, then apply." };
    return isLower(wanted, holds.messages) ? waits : undefined;
  }
  if (field === "max_msgs_per_subject" && isLower(wanted, Number(is))) return { why: "older revisions would be gone at once", todo: edit };
  return undefined;
}

function tooFewServers({ num_replicas: copies }: Config, { clustered }: Found): Stuck | undefined {
  if (typeof copies !== "number" || copies === 1 || clustered) return undefined;
  return {
    why: `this server stands alone, and ${copies} copies need as many servers`,
    todo: "Make it a cluster (docs/nats.md), or set replicas: 1.",
  };
}

function takenBy({ name, subjects }: Config, { streams }: Found): Stuck | undefined {
  const ours = Array.isArray(subjects) ? subjects.filter((one): one is string => typeof one === "string") : [];
  for (const { config } of streams) {
    if (config.name === name) continue;
    const taken = (config.subjects ?? []).find((theirs) => ours.some((subject) => overlap(subject, theirs)));
    if (taken === undefined) continue;
    return {
      why: `the stream ${config.name} takes ${taken}`,
      todo: "Two streams can't take the same subjects: give Bellhop an account of its own (docs/nats.md), or narrow that stream.",
    };
  }
  return undefined;
}

/** Whether some subject fits both. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split("."), other.split(".")];
  for (let at = 0; ; at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined || right === undefined) return left === right;
    if (left === ">" || right === ">") return true;
    if (left !== right && left !== "*" && right !== "*") return false;
  }
}

const fixedOfConsumers = new Set(["deliver_policy", "ack_policy", "replay_policy"]);

function madeAnew(stream: string, name: string): Stuck {
  return {
    why: "a consumer keeps this as long as it lives",
    todo: `Stop what takes from it, then nats consumer rm ${stream} ${name}: it is made anew, and no message is lost with it.`,
  };
}

function carryOver(name: string): string {
  return `Stop Bellhop once nothing waits in it, save what it keeps (nats stream backup ${name}), take it away (nats stream rm ${name}), then apply.`;
}

const unlimited = -1;

function isLower(wanted: unknown, than: number): boolean {
  return typeof wanted === "number" && wanted !== unlimited && wanted !== 0 && wanted < than;
}

/** The server leaves out what is false or zero, and a stream's metadata holds others' entries as well. */
function plain(field: string, is: unknown): unknown {
  return is ?? defaults.get(field);
}

const defaults: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["allow_direct", false],
  ["allow_rollup_hdrs", false],
  ["deny_delete", false],
  ["max_age", 0],
  ["num_replicas", 1],
  ["max_bytes", unlimited],
  ["max_msgs", unlimited],
  ["max_msgs_per_subject", unlimited],
  ["discard_new_per_subject", false],
]);

function merged(field: string, is: unknown, wanted: unknown): unknown {
  return field === "metadata" && isFields(is) && isFields(wanted) ? { ...is, ...wanted } : wanted;
}

function markOf(metadata: unknown): unknown {
  return isFields(metadata) ? metadata[mark] : undefined;
}

/** Of what the server says, only the fields that are wanted count. */
function isSame(is: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(is) && is.length === wanted.length && wanted.every((one) => is.includes(one));
  if (isFields(wanted)) return isFields(is) && Object.entries(wanted).every(([field, value]) => isSame(is[field], value));
  return is === wanted;
}
