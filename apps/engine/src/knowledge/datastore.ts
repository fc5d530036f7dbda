import type { Bus } from "@bellhop/bus";
import { buckets, isThere, kvKey, kvPurpose, neverSealed, type KvPlace, type KvRecord } from "@bellhop/contracts";
import type { Datastore } from "@bellhop/core";
import { maySee, type Keyring } from "@bellhop/service";
import { knownConfigs, type Configured } from "./known-configs.ts";

/** The datastore and packs' configurations, kept in memory: decisions look things up in them without asking anybody. */
export interface KnownDatastore extends Datastore {
  /** Closes what was opened, as inputs are closed. */
  seal(value: unknown): unknown;
  /** Resolves when everything is known that was written before the call. What asks for the datastore is decided after this: a task reads what the one before it
   *  wrote. */
  caughtUp(): Promise<void>;
  ready: Promise<void>;
  stop(): void;
}

/** @param at.systemValues whether packs' definitions may have the values of the installation, or which packs' may */
export function followDatastore(
  at: { bus: Pick<Bus, "bucket">; keyring: Keyring; systemValues: boolean | readonly string[] } & Configured,
): KnownDatastore {
  const { bus, keyring, systemValues } = at;
  const values = new Map<string, Pick<KvRecord, "value" | "secret" | "expires" | "change" | "name">>();
  /** How many names go on after each that ends before a dot. */
  const leads = new Map<string, number>();
  const ready = Promise.withResolvers<void>();

  const count = (key: string, name: string, by: 1 | -1) => {
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const before = `${parentOf(key)} ${name.slice(0, dot)}`;
      const left = (leads.get(before) ?? 0) + by;
      if (left === 0) leads.delete(before);
      else leads.set(before, left);
    }
  };
  const watch = bus.bucket(buckets.kv).watch(
    ">",
    ({ key, value: record }) => {
      const before = values.get(key);
      if (before !== undefined) count(key, before.name, -1);
      if (record === undefined || record.change === "deleted") return void values.delete(key);
      const { value, secret, expires, change, name } = record;
      // What is no secret was sealed by nobody, however it came to look so.
      values.set(key, { value: secret === true ? value : neverSealed(value), secret, expires, change, name });
      count(key, name, 1);
    },
    { onReady: () => ready.resolve() },
  );

  const kept: Datastore = {
    find(place) {
      const found = values.get(kvKey(place));
      return found !== undefined && isThere(found, Date.now()) ? found : undefined;
    },
    leadsOn: (place: KvPlace) => leads.has(`${parentOf(kvKey(place))} ${place.name}`),
    open: (sealed) => keyring.open(sealed, kvPurpose),
    maySee: (pack) => maySee(systemValues, pack),
  };
  const configs = knownConfigs({ ...at, datastore: kept });
  return {
    ...kept,
    configOf: (of) => configs.of(of),
    openConfig: (sealed) => keyring.open(sealed),
    seal: (value) => keyring.seal(value),
    caughtUp: async () => void (await Promise.all([watch.caughtUp(), configs.caughtUp()])),
    ready: Promise.all([ready.promise, configs.ready]).then(() => {}),
    stop() {
      watch.stop();
      configs.stop();
    },
  };
}

/** What a key has before its name: the scope, and whose it is. */
function parentOf(key: string): string {
  return key.slice(0, key.lastIndexOf("."));
}
