import { readWire, type BucketDeclaration, type Read } from "@bellhop/contracts";
import type { Bucket, Entry, WatchedEntry } from "./kept.ts";
import { Feed, readAll } from "./feed.ts";
import { apiOrThrow, lastMessage, nonce, store, type Link } from "./link.ts";
import { decode, encode } from "./payload.ts";
import type { Pulled } from "./pull.ts";
import { readFromLeader } from "./stored.ts";

const operation = "KV-Operation";

/** A bucket as NATS's own tools know it: stream `KV_<name>`, one message per key on `$KV.<name>.<key>`. */
export function openBucket<V>(link: Link, declaration: BucketDeclaration<V>): Bucket<V> {
  const { name, schema } = declaration;
  const stream = `KV_${name}`;
  const prefix = `$KV.${name}.`;

  function read(key: string, data: Uint8Array): Read<V> {
    const found = readWire({ template: prefix + key, schema }, parse(data));
    if (found.kind !== "ok") link.log.warn({ bucket: name, key, problem: found.problem.data }, "a value in a bucket can't be read");
    return found;
  }

  async function write(key: string, value: V, expect?: number): Promise<number | undefined> {
    const subject = prefix + key;
    const data = encode({ subject, payload: value, limit: link.limit });
    const stored = await store(link, { subject, data, id: `kv:${nonce()}`, stream, ...(expect === undefined ? {} : { expect }) });
    return stored.kind === "stored" ? stored.sequence : undefined;
  }

  async function create(key: string, value: V): Promise<number | undefined> {
    const first = await write(key, value, 0);
    if (first !== undefined) return first;
    // A key that was deleted leaves a mark, on which the new value must stand; the mark may be swept meanwhile.
    for (let tries = 0; tries < 3; tries++) {
      const last = await lastMessage(link, { stream, subject: prefix + key });
      if (last !== undefined && !isMark(last.header(operation))) return undefined;
      const revision = await write(key, value, last?.sequence ?? 0);
      if (revision !== undefined) return revision;
    }
    return undefined;
  }

  /** Undefined for what only a newer program can read: it is neither a value nor deleted. */
  function entryOf(pulled: Pulled): (WatchedEntry<V> & { createdAt: number }) | undefined {
    const { message, sequence, storedAt } = pulled;
    const key = message.subject.slice(prefix.length);
    const entry = { key, revision: sequence, createdAt: storedAt };
    if (isMark(message.headers?.get(operation))) return entry;
    const found = read(key, message.data);
    if (found.kind === "newer") return undefined;
    return found.kind === "ok" ? { ...entry, value: found.payload } : entry;
  }

  /** As the leader knows it: a copy may lag behind. */
  async function lastOf(filter: string): Promise<number> {
    return (await readFromLeader(link, { stream, which: { last_by_subj: filter } }))?.sequence ?? 0;
  }

  return {
    create,
    async get(key) {
      const last = await lastMessage(link, { stream, subject: prefix + key });
      if (last === undefined || isMark(last.header(operation))) return undefined;
      const found = read(key, last.data);
      if (found.kind === "newer") throw found.problem;
      return found.kind === "invalid" ? undefined : { key, value: found.payload, revision: last.sequence, createdAt: last.storedAt };
    },
    update: (key, value, revision) => write(key, value, revision),
    async put(key, value) {
      return (await write(key, value)) ?? 0;
    },
    async delete(key, revision) {
      const stored = await store(link, {
        subject: prefix + key,
        data: "",
        id: `kv:${nonce()}`,
        stream,
        headers: { [operation]: "DEL" },
        ...(revision === undefined ? {} : { expect: revision }),
      });
      return stored.kind === "stored";
    },
    async entries(filter = ">") {
      const found = new Map<string, Entry<V>>();
      for (const entry of await readAll(link, { stream, filter: prefix + filter, from: "last-per-subject", read: entryOf })) {
        if (entry === undefined) continue;
        const { value } = entry;
        if (value === undefined) found.delete(entry.key);
        else found.set(entry.key, { ...entry, value });
      }
      return [...found.values()];
    },
    watch(filter, onEntry, { onReady } = {}) {
      const feed = new Feed(link, {
        stream,
        filter: prefix + filter,
        from: "last-per-subject",
        onMessage(pulled) {
          const entry = entryOf(pulled);
          if (entry !== undefined) onEntry(entry);
        },
        onReady: () => onReady?.(),
        onError: (thrown) => link.log.error({ bucket: name, why: String(thrown) }, "what a bucket has could not be taken in"),
      });
      return { stop: () => feed.stop(), caughtUp: async () => feed.reach(await lastOf(prefix + filter)) };
    },
    changes(from, onEntry, { onReady } = {}) {
      return new Feed(link, {
        stream,
        filter: `${prefix}>`,
        from,
        onMessage: (pulled) => onEntry(entryOf(pulled) ?? { key: pulled.message.subject.slice(prefix.length), revision: pulled.sequence }),
        onReady: () => onReady?.(),
        onError: (thrown) => link.log.error({ bucket: name, why: String(thrown) }, "what changed in a bucket could not be taken in"),
      });
    },
    lastRevision: () => lastOf(`${prefix}>`),
    async forget(key, before) {
      await apiOrThrow(link, { subject: `$JS.API.STREAM.PURGE.${stream}`, body: { filter: prefix + key, seq: before } });
    },
    async sweep({ olderThanMs }) {
      const all = await readAll(link, {
        stream,
        filter: `${prefix}>`,
        from: "last-per-subject",
        read: ({ message, sequence, storedAt }) => ({
          subject: message.subject,
          sequence,
          storedAt,
          mark: isMark(message.headers?.get(operation)),
        }),
      });
      // Age by the server's clock alone: against the newest message of the bucket.
      const newest = Math.max(0, ...all.map((entry) => entry.storedAt));
      const old = all.filter((entry) => entry.mark && newest - entry.storedAt >= olderThanMs);
      for (const { subject, sequence } of old) {
        // Up to the mark: a value written since stays.
        await apiOrThrow(link, { subject: `$JS.API.STREAM.PURGE.${stream}`, body: { filter: subject, seq: sequence + 1 } });
      }
      return old.length;
    },
  };
}

function isMark(value: string | undefined): boolean {
  return value === "DEL" || value === "PURGE";
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(decode(data));
  } catch {
    return undefined;
  }
}
