import { createHash, type Hash } from "node:crypto";
import { hash, limits, objectStores, problem, type ObjectRef, type Value } from "@bellhop/contracts";
import type { Objects } from "./kept.ts";
import { streamInfo } from "./contents.ts";
import { readAll } from "./feed.ts";
import { apiOrThrow, lastMessage, nextMessage, nonce, store, type Link } from "./link.ts";
import { decode } from "./payload.ts";

interface Meta {
  name: string;
  bucket: string;
  nuid: string;
  size: number;
  chunks: number;
  mtime: string;
  digest: string;
  deleted?: boolean;
  options: { max_chunk_size: number };
}

const chunkSize = 128 * 1024;
/** Chunks of a stream that wait for their confirmation at one time. */
const window = 8;

/** An object store as NATS's own tools know it: stream `OBJ_<bucket>`, chunks first, then the record that names them. */
export function openObjects(link: Link, bucket: string): Objects {
  const stream = `OBJ_${bucket}`;
  const metaSubject = (name: string) => `$O.${bucket}.M.${padded(Buffer.from(name).toString("base64url"))}`;
  const chunkSubject = (id: string) => `$O.${bucket}.C.${id}`;

  async function find(name: string): Promise<{ meta: Meta; sequence: number } | undefined> {
    const last = await lastMessage(link, { stream, subject: metaSubject(name) });
    if (last === undefined) return undefined;
    const meta = readMeta(last.data);
    return meta.deleted === true ? undefined : { meta, sequence: last.sequence };
  }

  async function storeChunk(id: string, at: number, data: Uint8Array): Promise<void> {
    await store(link, { subject: chunkSubject(id), data, id: `obj:${id}/${at}` });
  }

  /** What makes the chunks an object. @param expect the record that it takes the place of. @returns whether it was stored */
  async function storeMeta(record: Meta, expect?: number): Promise<boolean> {
    const stored = await store(link, {
      subject: metaSubject(record.name),
      data: JSON.stringify({ ...record, mtime: new Date().toISOString() }),
      id: `obj:${nonce()}/meta`,
      stream,
      headers: { "Nats-Rollup": "sub" },
      ...(expect === undefined ? {} : { expect }),
    });
    return stored.kind === "stored";
  }

  function metaOf({ id, ...facts }: Pick<Meta, "name" | "size" | "chunks" | "digest"> & { id: string }): Meta {
    return { ...facts, bucket, nuid: id, mtime: "", options: { max_chunk_size: chunkSize } };
  }

  /** Whether the object is there, as young as if it were put now. False where somebody took it away at this moment. */
  async function renew(name: string, digest?: string): Promise<boolean> {
    for (;;) {
      const found = await find(name);
      if (found === undefined || (digest !== undefined && found.meta.digest !== digest)) return false;
      if (await storeMeta(found.meta, found.sequence)) return true;
    }
  }

  async function purge(subject: string, upTo?: number): Promise<void> {
    const body = { filter: subject, ...(upTo === undefined ? {} : { seq: upTo + 1 }) };
    await apiOrThrow(link, { subject: `$JS.API.STREAM.PURGE.${stream}`, body });
  }

  /** What a removal leaves to do once its tombstone stands; the tombstone goes last, so that whoever finds it knows what is still to be done. */
  async function clear({ name, nuid }: Pick<Meta, "name" | "nuid">, tombstone: number): Promise<void> {
    await purge(chunkSubject(nuid));
    // A record that was put since stays.
    await purge(metaSubject(name), tombstone);
  }

  function records(): Promise<{ meta: Meta; sequence: number; storedAt: number }[]> {
    return readAll(link, {
      stream,
      filter: `$O.${bucket}.M.>`,
      from: "last-per-subject",
      read: ({ message, sequence, storedAt }) => ({ meta: readMeta(message.data), sequence, storedAt }),
    });
  }

  /** Ids of chunks, some ten thousand to a page of the server's. */
  async function chunkIds(): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const info = await streamInfo(link, stream, { subjects_filter: chunkSubject(">"), offset: found.length });
      const subjects = Object.keys(info?.state.subjects ?? {});
      if (subjects.length === 0) return found.map((subject) => subject.slice(chunkSubject("").length));
      found.push(...subjects);
    }
  }

  /** Epoch milliseconds, by the server's clock. */
  async function now(): Promise<number> {
    return Date.parse((await streamInfo(link, stream))?.ts ?? "");
  }

  return {
    async put(name, bytes) {
      const ref: ObjectRef = { object: name, bytes: bytes.length };
      const digest = digestOf(bytes);
      // The same content again: names here are hashes, or as good.
      if (await renew(name, digest)) return ref;
      const id = nonce();
      const chunks: Promise<void>[] = [];
      for (const data of pieces(bytes)) chunks.push(storeChunk(id, chunks.length, data));
      await Promise.all(chunks);
      await storeMeta(metaOf({ id, name, size: bytes.length, chunks: chunks.length, digest }));
      return ref;
    },
    async putStream(name, bytes) {
      if (await renew(name)) return;
      const id = nonce();
      const digest = createHash("sha256");
      const storing: Promise<void>[] = [];
      let size = 0;
      let chunks = 0;
      for await (const some of bytes) {
        digest.update(some);
        size += some.length;
        for (const data of pieces(some)) {
          const chunk = storeChunk(id, chunks++, data);
          // It may fail while another is waited for.
          chunk.catch(() => {});
          storing.push(chunk);
          if (storing.length === window) await storing.shift();
        }
      }
      await Promise.all(storing);
      await storeMeta(metaOf({ id, name, size, chunks, digest: named(digest) }));
    },
    async get(name) {
      const found = (await find(name))?.meta;
      if (found === undefined) return undefined;
      const parts: Uint8Array[] = [];
      for (let from = 1; parts.length < found.chunks;) {
        const chunk = await nextMessage(link, { stream, subject: chunkSubject(found.nuid), from });
        if (chunk === undefined) return undefined;
        parts.push(chunk.data);
        from = chunk.sequence + 1;
      }
      const bytes = new Uint8Array(Buffer.concat(parts));
      if (digestOf(bytes) !== found.digest) throw problem("internal", { why: `object ${name} of ${bucket} is damaged`, run: "-" });
      return bytes;
    },
    async has(name) {
      return (await find(name)) !== undefined;
    },
    async old({ olderThanMs }) {
      const before = (await now()) - olderThanMs;
      const found = await records();
      return found.flatMap(({ meta: { name, size, deleted }, sequence, storedAt }) =>
        deleted === true || storedAt > before ? [] : [{ name, bytes: size, sequence }],
      );
    },
    async remove({ name, sequence }) {
      const found = await find(name);
      if (found === undefined) return true;
      const { meta } = found;
      if (!(await storeMeta({ ...meta, size: 0, chunks: 0, digest: "", deleted: true }, sequence))) return false;
      const tombstone = await lastMessage(link, { stream, subject: metaSubject(name) });
      if (tombstone !== undefined && readMeta(tombstone.data).deleted === true) await clear(meta, tombstone.sequence);
      return true;
    },
    async tidy({ olderThanMs }) {
      // Chunks first: a put that ends meanwhile is found among the records.
      const ids = await chunkIds();
      const before = (await now()) - olderThanMs;
      const found = await records();
      const tombstones = found.filter(({ meta }) => meta.deleted === true);
      for (const { meta, sequence } of tombstones) await clear(meta, sequence);
      const named = new Set(found.map(({ meta }) => meta.nuid));
      let left = tombstones.length;
      for (const id of ids) {
        if (named.has(id)) continue;
        const last = await lastMessage(link, { stream, subject: chunkSubject(id) });
        if (last === undefined || last.storedAt > before) continue;
        await purge(chunkSubject(id));
        left++;
      }
      return left;
    },
  };
}

/** Large values lie in the object store under the hash of their JSON, stored before anything refers to them. */
export function openValues(link: Link): { storeValue(value: unknown): Promise<Value>; loadValue(value: Value): Promise<unknown> } {
  const objects = openObjects(link, objectStores.values);
  return {
    async storeValue(value) {
      const text = JSON.stringify(value ?? null);
      if (Buffer.byteLength(text) <= limits.inlineValue) return { inline: value ?? null };
      return { ref: await objects.put(hash(text), new TextEncoder().encode(text)) };
    },
    async loadValue(value) {
      if (!("ref" in value)) return value.inline;
      const bytes = await objects.get(value.ref.object);
      if (bytes === undefined) throw problem("value_gone", { bytes: value.ref.bytes });
      return JSON.parse(decode(bytes));
    },
  };
}

function readMeta(data: Uint8Array): Meta {
  return JSON.parse(decode(data)) as Meta;
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
}

function digestOf(bytes: Uint8Array): string {
  return named(createHash("sha256").update(bytes));
}

function named(sha256: Hash): string {
  return `SHA-256=${padded(sha256.digest("base64url"))}`;
}

function padded(base64url: string): string {
  return base64url.padEnd(Math.ceil(base64url.length / 4) * 4, "=");
}
