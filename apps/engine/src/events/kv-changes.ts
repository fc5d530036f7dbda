import { fire, type WatchedEntry } from "@bellhop/bus";
import { buckets, isSealed, kvPurpose, type KvRecord } from "@bellhop/contracts";
import type { Engine } from "../engine.ts";

/** What rules wait for, in StackStorm's names. */
const triggers = {
  created: "core.st2.key_value_pair.create",
  updated: "core.st2.key_value_pair.update",
  changed: "core.st2.key_value_pair.value_change",
  deleted: "core.st2.key_value_pair.delete",
} as const;

/** Where it stands which change is told next. */
const position = "kv";

/** So many changes are told before it is written down how far that is: a crash tells them again, which are the same events. */
const writtenEvery = 64;

/** So many changes wait here to be told: those after them are read again when these are. */
const mostWaiting = 256;

/** Fires the changes of the datastore that rules wait for. Whoever holds shard 0 does it for all. An event is named by the revision of what changed, so one that
 *  is fired by two, or again after a crash, is one. */
export function tellKvChanges(engine: Pick<Engine, "bus" | "keyring" | "knowledge" | "log" | "durations">): { stop(): void } {
  const { bus, log, durations } = engine;
  const bucket = bus.bucket(buckets.kv);
  const positions = bus.bucket(buckets.checkpoint);
  const waiting: WatchedEntry<KvRecord>[] = [];
  let atWork = false;
  let stopped = false;
  let full = false;
  let follow: { stop(): void } | undefined;
  let retry: NodeJS.Timeout | undefined;

  const later = (work: () => Promise<void>, what: string) => {
    work().catch((error: unknown) => {
      if (stopped) return;
      log.warn({ error: String(error) }, what);
      retry = setTimeout(() => later(work, what), durations.publishRetry);
    });
  };
  const work = async (): Promise<void> => {
    atWork = true;
    let told = 0;
    for (let [next] = waiting; next !== undefined && !stopped; [next] = waiting) {
      if (next.value !== undefined) await tell(engine, next.key, next.revision, next.value);
      waiting.shift();
      told += 1;
      if (waiting.length === 0 || told % writtenEvery === 0) await positions.put(position, { v: 1, liveFrom: next.revision + 1 });
    }
    atWork = false;
    if (full && !stopped) await begin();
  };
  const begin = async (): Promise<void> => {
    const from = (await positions.get(position))?.value.liveFrom ?? (await fromNow());
    if (stopped) return;
    full = false;
    follow = bucket.changes(from, (entry) => {
      if (full) return;
      waiting.push(entry);
      if (waiting.length >= mostWaiting) {
        full = true;
        follow?.stop();
      }
      if (!atWork) later(work, "a change of the datastore could not be told, it is tried again");
    });
  };
  /** Nobody waited for what was before. */
  const fromNow = async (): Promise<number> => {
    const from = (await bucket.lastRevision()) + 1;
    await positions.put(position, { v: 1, liveFrom: from });
    return from;
  };
  later(begin, "the changes of the datastore can't be followed, it is tried again");
  return {
    stop() {
      stopped = true;
      clearTimeout(retry);
      follow?.stop();
    },
  };
}

async function tell(
  { bus, keyring, knowledge }: Pick<Engine, "bus" | "keyring" | "knowledge">,
  key: string,
  revision: number,
  record: KvRecord,
): Promise<void> {
  const { change, was, at, scope, name, chain } = record;
  if (change === "resealed") return;
  const rules = knowledge.rules();
  const said = async (trigger: string, payload: Record<string, unknown>) => {
    if (!rules.waitsFor(trigger)) return;
    const source = { kind: "datastore", name: `${scope}:${name}` } as const;
    await fire(bus, { trigger, payload, source, key: `kv/${key}/${revision}/${trigger}`, at, ...chain });
  };
  const before = was === undefined ? undefined : shown({ ...record, ...was });
  if (change === "deleted") return said(triggers.deleted, { object: before });
  const object = shown(record);
  if (change === "created") return said(triggers.created, { object });
  await said(triggers.updated, { object });
  const opened = (value: unknown) => (isSealed(value) ? keyring.open(value, kvPurpose) : value);
  if (
    was === undefined ||
    !isSame(
      () => opened(was.value),
      () => opened(record.value),
    )
  ) {
    await said(triggers.changed, { old_object: before ?? null, new_object: object });
  }
}

/** As StackStorm shows a value of its datastore. A secret stays sealed. */
function shown({ scope, owner, name, value, secret = false, description, expires }: Omit<KvRecord, "v" | "change" | "was">) {
  return {
    name: scope === "system" ? name : `${owner ?? ""}:${name}`,
    scope: `st2kv.${scope}`,
    value,
    secret,
    encrypted: secret,
    description: description ?? null,
    expire_timestamp: expires ?? null,
  };
}

/** What can't be opened any more counts as another. */
function isSame(one: () => unknown, other: () => unknown): boolean {
  try {
    return JSON.stringify(one()) === JSON.stringify(other());
  } catch {
    return false;
  }
}
