import { buckets, instanceOfKey, nameOfToken, type PackConfig } from "@bellhop/contracts";
import type { Bus } from "./bus.ts";

/** What was set of packs' configurations, kept in memory as it is now. */
interface SetConfigs {
  /** Of a pack, each with its instance; secrets sealed. */
  of(pack: string): { instance?: string; values: PackConfig["values"] }[];
  /** Tells of each pack whose configuration changes, once all was read. @param listener.instance absent: of the unnamed one */
  onChange(listener: (pack: string, instance: string | undefined) => void): { stop(): void };
  /** Resolves when everything is known that was set before the call. */
  caughtUp(): Promise<void>;
  ready: Promise<void>;
  stop(): void;
}

/** Reads the bucket `config`, and follows it until it is stopped. */
export function followConfigs(bus: Pick<Bus, "bucket">): SetConfigs {
  const stored = new Map<string, PackConfig>();
  const listeners = new Set<(pack: string, instance: string | undefined) => void>();
  const ready = Promise.withResolvers<void>();
  let isRead = false;
  const watch = bus.bucket(buckets.config).watch(
    ">",
    ({ key, value }) => {
      if (value === undefined) stored.delete(key);
      else stored.set(key, value);
      if (!isRead) return;
      const [pack = "", instance] = key.split(".");
      for (const listener of listeners) listener(nameOfToken(pack), instance);
    },
    {
      onReady: () => {
        isRead = true;
        ready.resolve();
      },
    },
  );
  return {
    of: (pack) =>
      [...stored].flatMap(([key, { values }]) => {
        const belongs = instanceOfKey(pack, key);
        return belongs === undefined ? [] : [{ ...belongs, values }];
      }),
    onChange(listener) {
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
    caughtUp: () => watch.caughtUp(),
    ready: ready.promise,
    stop: () => watch.stop(),
  };
}
