import { limits, readWire, shardOfRun, streams, subjects, type Read } from "@bellhop/contracts";
import type { LogEntry, RunLog } from "./kept.ts";
import { readAll } from "./feed.ts";
import { apiOrThrow, lastMessage, nextMessage, nonce, store, type Link } from "./link.ts";
import { decode, encode } from "./payload.ts";

/** The runs' logs: compare-and-set appends to `run.changed.{shard}.{run}`. */
export function openRunLog(link: Link): RunLog {
  const stream = streams.run.name;

  function read(data: Uint8Array, sequence: number): Read<LogEntry> {
    const { template, schema } = subjects.run.changed;
    const found = readWire({ template: `${template} (sequence ${sequence})`, schema }, JSON.parse(decode(data)));
    return found.kind === "ok" ? { kind: "ok", payload: { record: found.payload, sequence } } : found;
  }

  function readOrThrow(data: Uint8Array, sequence: number): LogEntry {
    const found = read(data, sequence);
    if (found.kind === "ok") return found.payload;
    throw found.problem;
  }

  async function extent() {
    const { created, state } = await apiOrThrow<StreamInfo>(link, { subject: `$JS.API.STREAM.INFO.${stream}` });
    return { made: created, first: Math.max(1, state.first_seq), last: state.last_seq };
  }

  return {
    async append(record, { after, json }) {
      const subject = subjects.run.changed.of(record);
      const data = encode({ subject, payload: record, json, limit: Math.min(limits.logRecord, link.limit) });
      // With a nonce: another writer of the same revision must lose, not count as a repeat of this one.
      const id = `log:${record.run}/${record.revision}/${nonce()}`;
      const stored = await store(link, { subject, data, id, expect: after, stream });
      return stored.kind === "stored" ? { kind: "appended", sequence: stored.sequence } : stored;
    },
    async last(run) {
      const subject = subjectOf(run);
      const last = subject === undefined ? undefined : await lastMessage(link, { stream, subject });
      return last === undefined ? undefined : readOrThrow(last.data, last.sequence);
    },
    async first(run) {
      const subject = subjectOf(run);
      const first = subject === undefined ? undefined : await nextMessage(link, { stream, subject, from: 1 });
      return first === undefined ? undefined : readOrThrow(first.data, first.sequence);
    },
    async records(run, { from }) {
      const filter = subjectOf(run);
      if (filter === undefined) return [];
      const found = await readAll(link, { stream, filter, from, read: ({ message, sequence }) => ({ data: message.data, sequence }) });
      return found.map(({ data, sequence }) => readOrThrow(data, sequence));
    },
    async *scan({ shard, from, onNewer }) {
      const filter = subjects.run.changed.filter({ shard });
      const found = await readAll(link, {
        stream,
        filter,
        from: from ?? "last-per-subject",
        read: ({ message, sequence }) => ({ data: message.data, sequence }),
      });
      for (const { data, sequence } of found) {
        const entry = read(data, sequence);
        if (entry.kind === "ok") yield entry.payload;
        else if (entry.kind === "newer" && onNewer !== undefined) onNewer(sequence, entry.problem);
        else throw entry.problem;
      }
    },
    async lastSequence() {
      return (await extent()).last;
    },
    extent,
  };
}

interface StreamInfo {
  created: string;
  state: { first_seq: number; last_seq: number };
}

function subjectOf(run: string): string | undefined {
  const shard = shardOfRun(run);
  return shard === undefined ? undefined : subjects.run.changed.filter({ shard, run });
}
