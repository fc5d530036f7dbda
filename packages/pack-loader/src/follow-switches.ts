import { buckets, isRuleOn, isSwitchOver, nameOfToken, type RuleSwitch } from "@bellhop/contracts";
import type { FollowedStore } from "./follow-versions.ts";

/** Which rules are on, as somebody switched them. */
interface Switches {
  isOn(rule: { readonly ref: string; readonly enabled: boolean }): boolean;
  stop(): void;
}

/** A machine that slept has a timer that is late by its sleep: what ends is looked at this often, in milliseconds. */
const lookEvery = 5_000;

/** Follows how rules are switched.
 *  @param at.onChange called for each change, and when a switch ends that said for how long */
export function followSwitches(at: { store: Pick<FollowedStore, "bucket">; onChange: () => void; onReady: () => void }): Switches {
  const { store, onChange, onReady } = at;
  const switches = new Map<string, RuleSwitch>();
  let next: NodeJS.Timeout | undefined;
  /** @param now from before the change was told: what ends meanwhile is waited for as well */
  const wait = (now: number) => {
    clearTimeout(next);
    const ends = [...switches.values()].flatMap((one) =>
      one.until === undefined || isSwitchOver(one, now) ? [] : [Date.parse(one.until)],
    );
    if (ends.length === 0) return;
    const first = Math.min(...ends);
    next = setTimeout(
      () => {
        const then = Date.now();
        if (first <= then) onChange();
        wait(then);
      },
      Math.min(first - now, lookEvery),
    ).unref();
  };
  const watch = store.bucket(buckets.rule).watch(
    ">",
    ({ key, value }) => {
      if (value === undefined) switches.delete(nameOfToken(key));
      else switches.set(value.rule, value);
      const now = Date.now();
      onChange();
      wait(now);
    },
    { onReady },
  );
  return {
    isOn: (rule) => isRuleOn(rule, switches.get(rule.ref), Date.now()),
    stop() {
      clearTimeout(next);
      watch.stop();
    },
  };
}
