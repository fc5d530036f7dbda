import type { Bus } from "@bellhop/bus";
import { buckets, type ApiKey, type PackVersion, type TriggerDefinition } from "@bellhop/contracts";
import { followSwitches, followVersions } from "@bellhop/pack-loader";
import type { Log } from "@bellhop/service";
import { trimmed } from "./config.ts";

/** What rules wait for, and who may send: followed while it changes. */
export interface Known {
  /** Whether a rule that is on waits for this webhook. */
  isHook(path: string): boolean;
  isTrigger(ref: string): boolean;
  /** What a pack says of it; undefined where only rules name it. */
  trigger(ref: string): TriggerDefinition | undefined;
  key(id: string): ApiKey | undefined;
  /** Resolves when all of it was read once. */
  ready: Promise<void>;
  stop(): void;
}

export const webhook = "core.st2.webhook";

/** @param at.retryMs how soon what could not be fetched is asked for again, in milliseconds */
export function follow({ bus, log, retryMs }: { bus: Bus; log: Log; retryMs: number }): Known {
  const packs = new Map<string, PackVersion>();
  const keys = new Map<string, ApiKey>();
  let hooks: ReadonlySet<string> | undefined;
  let triggers: ReadonlyMap<string, TriggerDefinition | undefined> | undefined;
  let unread = 3;
  const ready = Promise.withResolvers<void>();
  const changed = () => {
    hooks = undefined;
    triggers = undefined;
  };
  const once = () => {
    let read = false;
    return () => {
      if (!read) unread -= 1;
      read = true;
      if (unread === 0) ready.resolve();
    };
  };
  const rules = () => [...packs.values()].flatMap((pack) => (pack.rules ?? []).filter((rule) => switches.isOn(rule)));
  const triggersNow = () =>
    (triggers ??= new Map([
      ...rules().map(({ trigger }) => [trigger.type, undefined] as const),
      ...[...packs.values()].flatMap((pack) => (pack.triggers ?? []).map((trigger) => [trigger.ref, trigger] as const)),
    ]));
  const switches = followSwitches({ store: bus, onChange: changed, onReady: once() });
  const watches = [
    followVersions({
      store: bus,
      log,
      retryMs,
      take(name, version) {
        if (version === undefined) packs.delete(name);
        else packs.set(name, version);
        changed();
      },
      onSettled: once(),
    }),
    switches,
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
      return triggersNow().has(ref);
    },
    trigger: (ref) => triggersNow().get(ref),
    key: (id) => keys.get(id),
    ready: ready.promise,
    stop: () => watches.forEach((watch) => watch.stop()),
  };
}
