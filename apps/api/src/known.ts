import type { Bus } from "@bellhop/bus";
import { buckets, nameOfToken, type ApiKey, type PackVersion } from "@bellhop/contracts";
import { fetchVersion } from "@bellhop/pack-loader";
import type { Log } from "@bellhop/service";
import { trimmed } from "./config.ts";

/** What rules wait for, and who may send: followed while it changes. */
export interface Known {
  /** Whether a rule that is on waits for this webhook. */
  isHook(path: string): boolean;
  isTrigger(ref: string): boolean;
  key(id: string): ApiKey | undefined;
  /** Resolves when all of it was read once. */
  ready: Promise<void>;
  stop(): void;
}

export const webhook = "core.st2.webhook";

export function follow(bus: Bus, log: Log): Known {
  const packs = new Map<string, PackVersion>();
  const switches = new Map<string, boolean>();
  const keys = new Map<string, ApiKey>();
  let hooks: ReadonlySet<string> | undefined;
  let triggers: ReadonlySet<string> | undefined;
  let unread = 3;
  const ready = Promise.withResolvers<void>();
  // Versions come one after the other, so that the newest of a pack is the last to be taken.
  let fetching = Promise.resolve();
  const changed = () => {
    hooks = undefined;
    triggers = undefined;
  };
  const once = () => {
    let read = false;
    return () => {
      if (!read) unread -= 1;
      read = true;
      if (unread === 0) void fetching.then(ready.resolve);
    };
  };
  const rules = () => [...packs.values()].flatMap((pack) => (pack.rules ?? []).filter(({ ref, enabled }) => switches.get(ref) ?? enabled));
  const watches = [
    bus.bucket(buckets.catalog).watch(
      "active.>",
      ({ key, value }) => {
        fetching = fetching.then(async () => {
          try {
            if (value === undefined) packs.delete(key.slice("active.".length));
            else packs.set(value.name, await fetchVersion(bus, value.digest));
          } catch (error) {
            log.error({ pack: value?.name, digest: value?.digest, error: String(error) }, "a pack version can't be used");
          }
          changed();
        });
      },
      { onReady: once() },
    ),
    bus.bucket(buckets.rule).watch(
      ">",
      ({ key, value }) => {
        if (value === undefined) switches.delete(nameOfToken(key));
        else switches.set(value.rule, value.enabled);
        changed();
      },
      { onReady: once() },
    ),
    bus.bucket(buckets.apiKey).watch(
      ">",
      ({ key, value }) => {
        if (value === undefined) keys.delete(key);
        else keys.set(key, value);
      },
      { onReady: once() },
    ),
  ];
  return {
    isHook(path) {
      hooks ??= new Set(rules().flatMap(({ trigger }) => (trigger.type === webhook ? [trimmed(String(trigger.parameters["url"]))] : [])));
      return hooks.has(path);
    },
    isTrigger(ref) {
      triggers ??= new Set([
        ...[...packs.values()].flatMap((pack) => (pack.triggers ?? []).map((trigger) => trigger.ref)),
        ...rules().map(({ trigger }) => trigger.type),
      ]);
      return triggers.has(ref);
    },
    key: (id) => keys.get(id),
    ready: ready.promise,
    stop: () => watches.forEach((watch) => watch.stop()),
  };
}
