import { createHash, type Hash } from "node:crypto";
import { hash, limits, objectStores, problem, type ObjectRef, type Value } from "@bellhop/contracts";
import type { Objects } from "./bus.ts";
import { lastMessage, nextMessage, nonce, store, type Link } from "./link.ts";

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

  async function meta(name: string): Promise<Meta | undefined> {
    const last = await lastMessage(link, { stream, subject: metaSubject(name) });
    if (last === undefined) return undefined;
    const found = JSON.parse(new TextDecoder().decode(last.data)) as Meta;
    return found.deleted === true ? undefined : found;
  }

  async function storeChunk(id: string, at: number, data: Uint8Array): Promise<void> {
    await store(link, { subject: `$O.${bucket}.C.${id}`, data, id: `obj:${id}/${at}` });
  }

  /** What makes the chunks an object. */
  async function storeMeta({ id, ...facts }: Pick<Meta, "name" | "size" | "chunks" | "digest"> & { id: string }): Promise<void> {
    const record: Meta = { ...facts, bucket, nuid: id, mtime: new Date().toISOString(), options: { max_chunk_size: chunkSize } };
    const headers = { "Nats-Rollup": "sub" };
    await store(link, { subject: metaSubject(facts.name), data: JSON.stringify(record), id: `obj:${id}/meta`, headers });
  }

  return {
    async put(name, bytes) {
      const ref: ObjectRef = { object: name, bytes: bytes.length };
      const digest = digestOf(bytes);
      // The same content again: nothing to do. Names here are hashes, or as good.
      if ((await meta(name))?.digest === digest) return ref;
      const id = nonce();
      const chunks: Promise<void>[] = [];
      for (const data of pieces(bytes)) chunks.push(storeChunk(id, chunks.length, data));
      await Promise.all(chunks);
      await storeMeta({ id, name, size: bytes.length, chunks: chunks.length, digest });
      return ref;
    },
    async putStream(name, bytes) {
      if ((await meta(name)) !== undefined) return;
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
      await storeMeta({ id, name, size, chunks, digest: named(digest) });
    },
    async get(name) {
      const found = await meta(name);
      if (found === undefined) return undefined;
      const parts: Uint8Array[] = [];
      for (let from = 1; parts.length < found.chunks;) {
        const chunk = await nextMessage(link, { stream, subject: `$O.${bucket}.C.${found.nuid}`, from });
        if (chunk === undefined) return undefined;
        parts.push(chunk.data);
        from = chunk.sequence + 1;
      }
      const bytes = new Uint8Array(Buffer.concat(parts));
      if (digestOf(bytes) !== found.digest) throw problem("internal", { why: `object ${name} of ${bucket} is damaged`, run: "-" });
      return bytes;
    },
    async has(name) {
      return (await meta(name)) !== undefined;
    },
  };
}

/** Large values lie in the object store under the hash of their JSON, stored before anything refers to them. */
export function openValues(link: Link): { storeValue(value: unknown): Promise<Value>; loadValue(value: Value): Promise<unknown> } {
  const objects = openObjects(link, objectStores.values);
  return {
    async storeValue(value) {
      const text = JSON.stringify(value ?? null);
      const bytes = new TextEncoder().encode(text);
      if (bytes.length <= limits.inlineValue) return { inline: value ?? null };
      return { ref: await objects.put(hash(text), bytes) };
    },
    async loadValue(value) {
      if (!("ref" in value)) return value.inline;
      const bytes = await objects.get(value.ref.object);
      if (bytes === undefined) throw problem("internal", { why: `the value ${value.ref.object} is gone from the object store`, run: "-" });
      return JSON.parse(new TextDecoder().decode(bytes));
    },
  };
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
