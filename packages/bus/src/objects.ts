import { createHash } from "node:crypto";
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

  return {
    async put(name, bytes) {
      const ref: ObjectRef = { object: name, bytes: bytes.length };
      const digest = digestOf(bytes);
      // The same content again: nothing to do. Names here are hashes, or as good.
      if ((await meta(name))?.digest === digest) return ref;
      const id = nonce();
      const chunks: Promise<unknown>[] = [];
      for (let at = 0; at < bytes.length; at += chunkSize) {
        const data = bytes.subarray(at, at + chunkSize);
        chunks.push(store(link, { subject: `$O.${bucket}.C.${id}`, data, id: `obj:${id}/${chunks.length}` }));
      }
      await Promise.all(chunks);
      const record: Meta = {
        name,
        bucket,
        nuid: id,
        size: bytes.length,
        chunks: chunks.length,
        mtime: new Date().toISOString(),
        digest,
        options: { max_chunk_size: chunkSize },
      };
      const headers = { "Nats-Rollup": "sub" };
      await store(link, { subject: metaSubject(name), data: JSON.stringify(record), id: `obj:${id}/meta`, headers });
      return ref;
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

function digestOf(bytes: Uint8Array): string {
  return `SHA-256=${padded(createHash("sha256").update(bytes).digest("base64url"))}`;
}

function padded(base64url: string): string {
  return base64url.padEnd(Math.ceil(base64url.length / 4) * 4, "=");
}
