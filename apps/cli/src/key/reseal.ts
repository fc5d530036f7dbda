import type { Bus } from "@bellhop/bus";
import { buckets, fieldsOf, isSealed, kvPurpose, type KvRecord, type Sealed } from "@bellhop/contracts";
import type { Keyring } from "@bellhop/service";

/** How many of the values that are kept are sealed under each key: of the datastore, and of packs' configurations. */
export async function keptUnder(bus: Bus): Promise<Map<string, number>> {
  const [values, configs] = await Promise.all([bus.bucket(buckets.kv).entries(), bus.bucket(buckets.config).entries()]);
  const kept = new Map<string, number>();
  const standing = values.filter(({ value }) => value.change !== "deleted");
  for (const { $sealed } of [...standing, ...configs].flatMap(({ value }) => sealedIn(value)))
    kept.set($sealed.kid, (kept.get($sealed.kid) ?? 0) + 1);
  return kept;
}

export interface Left {
  what: string;
  why: string;
}

/** Seals everything that is kept under the key that seals now. What somebody changes meanwhile is sealed so already. */
export async function resealAll(bus: Bus, keyring: Keyring): Promise<{ resealed: number; left: Left[] }> {
  const left: Left[] = [];
  let resealed = 0;
  const values = bus.bucket(buckets.kv);
  const told = (await bus.bucket(buckets.checkpoint).get("kv"))?.value.liveFrom ?? 0;
  for (const { key, value: record, revision } of await values.entries()) {
    // What was deleted is swept by itself.
    if (record.change === "deleted" || sealedIn(record).length === 0) continue;
    const what = `${record.scope} ${record.name}`;
    const again = isOld(record, keyring) ? attempt(() => resealedRecord(record, keyring)) : undefined;
    if (again?.kind === "failed") {
      left.push({ what, why: again.why });
      continue;
    }
    const written = again === undefined ? revision : await values.update(key, again.value, revision);
    if (written === undefined) continue;
    if (again !== undefined) resealed += 1;
    // What it was before is kept for whoever tells the changes.
    if (told > revision) await values.forget(key, written);
    else left.push({ what, why: "its last change is not told yet, so what it was is kept: say it again while an engine is at work" });
  }
  const configs = bus.bucket(buckets.config);
  for (const { key, value, revision } of await configs.entries()) {
    if (!isOld(value, keyring)) continue;
    const again = attempt(() => ({ ...value, values: { ...fieldsOf(resealedIn(value.values, keyring)) } }));
    if (again.kind === "failed") left.push({ what: `configuration ${key}`, why: again.why });
    else if ((await configs.update(key, again.value, revision)) !== undefined) resealed += sealedIn(value).length;
  }
  return { resealed, left };
}

function resealedRecord(record: KvRecord, keyring: Keyring): KvRecord {
  const { was: _, ...rest } = record;
  return {
    ...rest,
    value: isSealed(record.value) ? keyring.seal(keyring.open(record.value, kvPurpose), kvPurpose) : record.value,
    change: "resealed",
  };
}

function resealedIn(value: unknown, keyring: Keyring): unknown {
  if (Array.isArray(value)) return value.map((item) => resealedIn(item, keyring));
  if (typeof value !== "object" || value === null) return value;
  if (isSealed(value)) return keyring.seal(keyring.open(value));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resealedIn(inner, keyring)]));
}

function isOld(value: unknown, { kid }: Keyring): boolean {
  return sealedIn(value).some(({ $sealed }) => $sealed.kid !== kid);
}

function sealedIn(value: unknown): Sealed[] {
  if (typeof value !== "object" || value === null) return [];
  if (isSealed(value)) return [value];
  return Object.values(value).flatMap(sealedIn);
}

function attempt<Value>(work: () => Value): { kind: "done"; value: Value } | { kind: "failed"; why: string } {
  try {
    return { kind: "done", value: work() };
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
  }
}
