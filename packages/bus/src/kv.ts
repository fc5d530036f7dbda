import {
  buckets,
  holdsSealed,
  isThere,
  kvKey,
  limits,
  nestsTooDeep,
  problem,
  type KvPlace,
  type KvRecord,
  type KvScope,
} from "@bellhop/contracts";
import type { Bus } from "./bus.ts";
import type { Entry } from "./kept.ts";

/** What is to be kept. */
interface KvGiven {
  /** Text, or anything that is JSON; where it is secret, sealed already. */
  value: unknown;
  secret?: boolean | undefined;
  description?: string | undefined;
  /** Seconds until it is not there any more. */
  ttl?: number | undefined;
  /** Who says so. */
  by: string;
  /** What brought it about, where a run did. */
  chain?: KvRecord["chain"];
  /** Only on top of this revision; 0: only where there is nothing. */
  ifRevision?: number | undefined;
}

/** A value, and the revision that it is. */
export interface KvFound extends KvRecord {
  revision: number;
}

type KvSet = { kind: "set"; revision: number; created: boolean } | { kind: "conflict" };

/** The datastore, as whoever has no copy of it reads and writes it. What is deleted or over is not there. */
export interface Kv {
  get(place: KvPlace): Promise<KvFound | undefined>;
  /** @throws Problem kv_refused where it looks sealed and is said to be no secret, kv_too_large, kv_busy */
  set(place: KvPlace, given: KvGiven): Promise<KvSet>;
  /** @returns whether there was one, and it was of that revision where one is named */
  delete(place: KvPlace, how: { by: string; chain?: KvRecord["chain"]; ifRevision?: number | undefined }): Promise<boolean>;
  /** By name. @param which.prefix what the names begin with; @param which.owner absent: everybody's */
  list(which: { scope: KvScope; owner?: string | undefined; prefix?: string | undefined }): Promise<KvFound[]>;
}

/** Each write stands on the revision that it saw, and says what it changed: so nothing is overwritten unseen, and every change can be told. */
export function openKv(bus: Pick<Bus, "bucket">): Kv {
  const bucket = bus.bucket(buckets.kv);

  async function write(key: string, record: KvRecord, before: Entry<KvRecord> | undefined): Promise<number | undefined> {
    return before === undefined ? await bucket.create(key, record) : await bucket.update(key, record, before.revision);
  }

  return {
    async get(place) {
      const found = await bucket.get(kvKey(place));
      return found !== undefined && isThere(found.value, Date.now()) ? { ...found.value, revision: found.revision } : undefined;
    },
    async set(place, { ttl, ifRevision, value, secret, description, by, chain }) {
      checkSize(place, { value, description });
      if (nestsTooDeep(value)) {
        const why = `${place.name} is nested more than ${limits.nesting} levels deep.`;
        throw problem("kv_refused", { why, next: "Keep it as a text, e.g. of JSON." });
      }
      // Whoever reads it hands it on as it is, and it would be opened there.
      if (secret !== true && holdsSealed(value)) {
        const why = `${place.name} has \`$sealed\` in it, which stands for what Bellhop itself has sealed.`;
        throw problem("kv_refused", { why, next: "Give the value itself, as a secret where it is one." });
      }
      const key = kvKey(place);
      for (let tries = 0; tries < mostTries; tries++) {
        const before = await bucket.get(key);
        const now = Date.now();
        const stands = before !== undefined && isThere(before.value, now) ? before : undefined;
        if (ifRevision !== undefined && ifRevision !== (stands?.revision ?? 0)) return { kind: "conflict" };
        const record: KvRecord = {
          v: 1,
          ...placeOf(place),
          value,
          ...(secret === true ? { secret } : {}),
          ...(description === undefined ? {} : { description }),
          ...(ttl === undefined ? {} : { expires: new Date(Math.min(now + ttl * 1000, lastMoment)).toISOString() }),
          by,
          at: new Date(now).toISOString(),
          change: stands === undefined ? "created" : "updated",
          ...(stands === undefined ? {} : { was: whatOf(stands.value) }),
          ...(chain === undefined ? {} : { chain }),
        };
        const revision = await write(key, record, before);
        if (revision !== undefined) return { kind: "set", revision, created: stands === undefined };
        if (ifRevision !== undefined) return { kind: "conflict" };
      }
      throw problem("kv_busy", { name: place.name });
    },
    async delete(place, { by, chain, ifRevision }) {
      const key = kvKey(place);
      for (let tries = 0; tries < mostTries; tries++) {
        const before = await bucket.get(key);
        if (before === undefined || !isThere(before.value, Date.now())) return false;
        if (ifRevision !== undefined && ifRevision !== before.revision) return false;
        const was = whatOf(before.value);
        const at = new Date().toISOString();
        const record: KvRecord = {
          v: 1,
          ...placeOf(place),
          value: null,
          by,
          at,
          change: "deleted",
          was,
          ...(chain === undefined ? {} : { chain }),
        };
        if ((await bucket.update(key, record, before.revision)) !== undefined) return true;
      }
      throw problem("kv_busy", { name: place.name });
    },
    async list({ scope, owner, prefix = "" }) {
      const now = Date.now();
      const filter = scope === "system" || owner === undefined ? `${scope}.>` : kvKey({ scope, owner, name: "" }).replace(/[^.]*$/, ">");
      return (await bucket.entries(filter))
        .filter(({ value }) => isThere(value, now) && value.name.startsWith(prefix))
        .map(({ value, revision }) => ({ ...value, revision }))
        .toSorted((a, b) => compare(a.owner ?? "", b.owner ?? "") || compare(a.name, b.name));
    },
  };
}

/** ISO 8601 writes years of four digits. */
const lastMoment = Date.UTC(9999, 11, 31);

/** Whoever loses so often against others is told. */
const mostTries = 16;

function placeOf({ scope, owner, name }: KvPlace): Pick<KvRecord, "scope" | "owner" | "name"> {
  return { scope, ...(scope === "system" || owner === undefined ? {} : { owner }), name };
}

function whatOf({ value, secret, description, expires, by, at }: KvRecord): NonNullable<KvRecord["was"]> {
  return {
    value,
    ...(secret === undefined ? {} : { secret }),
    ...(description === undefined ? {} : { description }),
    ...(expires === undefined ? {} : { expires }),
    by,
    at,
  };
}

function checkSize({ name }: KvPlace, { value, description = "" }: Pick<KvGiven, "value" | "description">): void {
  const bytes = [name, description, JSON.stringify(value) ?? "null"].reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
  if (bytes > limits.kvValue) throw problem("kv_too_large", { name, bytes, most: limits.kvValue });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
