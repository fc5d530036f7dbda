import { buckets, passName, type Gate, type GateVerdict, type Pass } from "@bellhop/contracts";
import { isLimited, nextLook, settle, verdicts, type GateSettings } from "@bellhop/core";
import { inSlices, point } from "@bellhop/service";
import type { Engine } from "../engine.ts";
import { startGateChecks } from "./gate-checks.ts";
import type { Gates } from "./gates.ts";

/** setTimeout's own limit. */
const furthest = 2 ** 31 - 1;

interface Known {
  gate: Gate;
  /** Runs until somebody may fare otherwise because time went by. */
  wait?: NodeJS.Timeout;
  /** Since when no policy is known for it, on the monotonic clock. */
  unlimitedSince?: number | undefined;
  /** What was told, by pass. */
  told: Map<string, GateVerdict["kind"]>;
}

/** Looks after the gates of a shard while it is held: tells each who is there how it fares, and lets in who may go in because time went by or policies changed. */
export function startGatekeeper(engine: Engine, shard: number): { stop(): void } {
  const { bus, gates, knowledge, durations, log } = engine;
  const known = new Map<string, Known>();
  let stopped = false;

  const look = (key: string): void => {
    const one = known.get(key);
    if (one === undefined || stopped) return;
    const { gate } = one;
    const settings = gates.settings(gate.action);
    clearTimeout(one.wait);
    const unlimitedSince = isLimited(settings.policies) ? undefined : (one.unlimitedSince ?? performance.now());
    one.unlimitedSince = unlimitedSince;
    const gone = unlimitedSince !== undefined && performance.now() - unlimitedSince >= durations.gateSweep;
    if (settle(gate, { ...settings, gone }) !== gate) {
      const settled = (before: Gate, now: GateSettings) => settle(before, { ...now, gone });
      // The watch comes back with what it is then.
      gates.change(gate.action, settled).catch((error: unknown) => tryAgain(key, error));
    }
    const fares = verdicts(gate, settings).map((fare) => ({ ...fare, name: passName(fare.pass) }));
    const news = fares.filter(({ name, verdict }) => one.told.get(name) !== verdict.kind);
    one.told = new Map(fares.map(({ name, verdict }) => [name, verdict.kind]));
    const notTold = (name: string, error: unknown) => {
      known.get(key)?.told.delete(name);
      tryAgain(key, error);
    };
    void inSlices(telling(gates, news, notTold));
    // Another engine may have heard of a policy that this one has not: that there is none is believed after a while.
    const next = unlimitedSince !== undefined && !gone ? settings.now + durations.gateSweep : nextLook(gate, settings);
    if (next !== undefined) one.wait = setTimeout(look, Math.min(Math.max(1, next - settings.now), furthest), key);
  };
  const tryAgain = (key: string, error: unknown) => {
    log.warn({ gate: key, error: String(error) }, "a gate could not be looked after, it is tried again");
    setTimeout(look, durations.publishRetry, key).unref();
  };
  const checked = startGateChecks(engine, shard, () => Array.from(known.values(), ({ gate }) => gate));
  const changes = knowledge.onRules(() => {
    for (const key of known.keys()) look(key);
  });
  const watch = bus.bucket(buckets.gate).watch(`${shard}.>`, ({ key, value }) => {
    const before = known.get(key);
    clearTimeout(before?.wait);
    if (value === undefined) return void known.delete(key);
    known.set(key, { gate: value, told: before?.told ?? new Map(), unlimitedSince: before?.unlimitedSince });
    look(key);
  });
  return {
    stop() {
      stopped = true;
      checked.stop();
      changes.stop();
      watch.stop();
      for (const { wait } of known.values()) clearTimeout(wait);
    },
  };
}

/** Of a shard that was taken over, thousands may be told. */
function* telling(
  gates: Pick<Gates, "tell">,
  news: readonly { pass: Pass; verdict: GateVerdict; name: string }[],
  notTold: (name: string, error: unknown) => void,
): Generator<void, void, void> {
  for (const { pass, verdict, name } of news) {
    point("engine.telling");
    gates.tell(pass, verdict).catch((error: unknown) => notTold(name, error));
    yield;
  }
}
