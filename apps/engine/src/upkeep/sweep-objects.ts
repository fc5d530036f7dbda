import { setImmediate as turn } from "node:timers/promises";
import type { Bus, OldObject } from "@bellhop/bus";
import { buckets, objectStores, streams } from "@bellhop/contracts";

export interface Swept {
  /** Objects that nobody referred to, and their bytes. */
  objects: number;
  bytes: number;
  /** Remains of earlier removals, and of puts that were killed on the way. */
  remains: number;
}

/** Takes away what nobody refers to any more: docs/decisions/0019. Killed anywhere, the next sweep goes on; two at once do no harm. */
export async function sweepObjects(bus: Bus, { olderThanMs }: { olderThanMs: number }): Promise<Swept> {
  const swept: Swept = { objects: 0, bytes: 0, remains: 0 };
  const orphans = await orphanedObjects(bus, { olderThanMs });
  for (const { store, object } of orphans) {
    if (!(await bus.objects(store).remove(object))) continue;
    swept.objects++;
    swept.bytes += object.bytes;
  }
  for (const store of Object.values(objectStores)) swept.remains += await bus.objects(store).tidy({ olderThanMs });
  return swept;
}

type Store = (typeof objectStores)[keyof typeof objectStores];

/** Objects that are old and that nothing in NATS names. */
export async function orphanedObjects(bus: Bus, { olderThanMs }: { olderThanMs: number }): Promise<{ store: Store; object: OldObject }[]> {
  const old: { store: Store; object: OldObject; hash: string }[] = [];
  for (const store of Object.values(objectStores)) {
    for (const object of await bus.objects(store).old({ olderThanMs })) {
      const hash = hashIn(object.name);
      // What is named otherwise is not ours to judge.
      if (hash !== undefined) old.push({ store, object, hash });
    }
  }
  const unnamed = new Set(old.map(({ hash }) => hash));
  for (const stream of readInTurn) {
    if (unnamed.size === 0) break;
    await strike(bus, stream, unnamed);
  }
  if (old.some(({ object, hash }) => isModules(object) && unnamed.has(hash))) await strikeModules(bus, unnamed);
  if (old.some(({ object, hash }) => isPart(object) && unnamed.has(hash))) await strikeParts(bus, unnamed);
  return old.filter(({ hash }) => unnamed.has(hash));
}

/** In the order in which work flows. Dead letters flow back when they are replayed, so they are read before and after. */
const readInTurn: readonly string[] = [
  streams.dead.name,
  ...Object.values(streams)
    .map(({ name }) => name)
    .filter((name) => name !== streams.output.name && name !== streams.dead.name),
  ...Object.values(buckets)
    .filter((bucket) => bucket !== buckets.member && bucket !== buckets.holding)
    .map(({ name }) => `KV_${name}`),
  streams.dead.name,
];

/** So many messages at once keep the thread for about a millisecond. */
const atOnce = 100;

async function strike(bus: Bus, stream: string, unnamed: Set<string>): Promise<void> {
  let read = 0;
  for await (const { data } of bus.contents(stream)) {
    for (const hash of hashesIn(data)) unnamed.delete(hash);
    if (unnamed.size === 0) return;
    if (++read % atOnce === 0) await turn();
  }
}

function isModules({ name }: OldObject): boolean {
  return name.endsWith(".modules");
}

/** What a pack version depends on is named by its definitions, which are an object themselves: a log names the version alone. */
async function strikeModules(bus: Bus, unnamed: Set<string>): Promise<void> {
  const packs = bus.objects(objectStores.packs);
  for (const { name } of await packs.old({ olderThanMs: 0 })) {
    const digest = /^([0-9a-f]{64})\.definitions$/.exec(name)?.[1];
    if (digest === undefined || unnamed.has(digest)) continue;
    for (const hash of hashesIn((await packs.get(name)) ?? new Uint8Array())) unnamed.delete(hash);
    await turn();
  }
}

/** A value that lies alone, as those do that were taken out of a run's state. */
function isPart({ name }: OldObject): boolean {
  return !name.includes(".");
}

/** What a run holds that is too much for its record is an object itself, which names what was taken out of it before. */
async function strikeParts(bus: Bus, unnamed: Set<string>): Promise<void> {
  const values = bus.objects(objectStores.values);
  for (const { name } of await values.old({ olderThanMs: 0 })) {
    const hash = /^([0-9a-f]{64})\.state$/.exec(name)?.[1];
    if (hash === undefined || unnamed.has(hash)) continue;
    for (const part of hashesIn((await values.get(name)) ?? new Uint8Array())) unnamed.delete(part);
    await turn();
  }
}

/** By the bytes alone: a field that this program knows nothing of counts as well. Of longer runs of digits every part may be a name. */
function* hashesIn(data: Uint8Array): Generator<string> {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  for (const [digits] of text.matchAll(/[0-9a-f]{64,}/g)) {
    for (let at = 0; at + hashLength <= digits.length; at++) yield digits.slice(at, at + hashLength);
  }
}

const hashLength = 64;

/** A value's name is its hash; a pack's files have the digest of their version and a word behind it. */
function hashIn(name: string): string | undefined {
  return /^([0-9a-f]{64})(?:\.\w+)?$/.exec(name)?.[1];
}
