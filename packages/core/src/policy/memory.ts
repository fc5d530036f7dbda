import type { Gate, Pass } from "@bellhop/contracts";
import { groupOf } from "./crowd.ts";
import type { Limit } from "./policies.ts";

/** What lately happened at a gate. It may be changed as often as one likes: what it was made of stays as it is. */
export interface Memory {
  /** When something of a pass's group began (rates) or ended (cooldowns) that counts still, the first of them first. */
  times(limit: Limit, pass: Pick<Pass, "values">, now: number): readonly number[];
  /** How many that were. */
  count(limit: Limit, pass: Pick<Pass, "values">, now: number): number;
  note(limit: Limit, pass: Pick<Pass, "values">, now: number): void;
  /** Lets go of what counts no more. What no policy asks for is kept for a while. */
  forget(limits: readonly Limit[], at: { now: number; doubtMs: number }): void;
  /** What of the record became of it: the same objects where nothing changed. */
  readonly kept: Remembered;
}

type Remembered = Pick<Gate, "lately" | "many">;

/** A rate of more than so many counts those together that began in so many parts of its time: a record has no room for the times of thousands, in thousands of
 *  groups. What is counted together counts from its last moment on, so that there are never more than the rate allows. */
const timesAtMost = 64;

export function memoryOf({ lately, many }: Remembered): Memory {
  let kept: Remembered = many === undefined ? { lately } : { lately, many };
  const copied = new Set<string>();
  const timesIn = (limit: Limit, group: string, now: number) =>
    limit.kind === "concurrency" ? [] : (kept.lately[limit.policy]?.[group] ?? []).filter((time) => time + limit.ms > now);
  const countAt = (policy: string, group: string, time: number) => kept.many?.[policy]?.[group]?.[time] ?? 1;
  /** The groups of a policy, ready to be changed: a gate may have thousands, and as many may go in at once. */
  const own = (policy: string) => {
    if (!copied.has(policy)) {
      copied.add(policy);
      const groups = { ...kept.lately[policy] };
      kept = { lately: { ...kept.lately, [policy]: groups }, many: { ...kept.many, [policy]: { ...kept.many?.[policy] } } };
    }
    const [times, counts] = [kept.lately[policy], kept.many?.[policy]];
    if (times === undefined || counts === undefined) throw new Error("what was copied is there");
    return { times, counts };
  };
  return {
    get kept() {
      const several = Object.entries(kept.many ?? {}).filter(([, groups]) => Object.keys(groups).length > 0);
      return several.length === 0 ? { lately: kept.lately } : { lately: kept.lately, many: Object.fromEntries(several) };
    },
    times: (limit, pass, now) => timesIn(limit, groupOf(limit, pass), now),
    count(limit, pass, now) {
      const group = groupOf(limit, pass);
      return timesIn(limit, group, now).reduce((sum, time) => sum + countAt(limit.policy, group, time), 0);
    },
    note(limit, pass, now) {
      if (limit.kind === "concurrency") return;
      const group = groupOf(limit, pass);
      const before = timesIn(limit, group, now);
      const counts = new Map(before.map((time) => [time, countAt(limit.policy, group, time)]));
      const time = limit.kind === "rate" ? noted(limit, now) : now;
      if (limit.kind === "cooldown") counts.clear();
      counts.set(time, (counts.get(time) ?? 0) + 1);
      const { times, counts: many } = own(limit.policy);
      times[group] = [...counts.keys()].toSorted((a, b) => a - b);
      const several = [...counts].filter(([, count]) => count > 1);
      if (several.length > 0) many[group] = Object.fromEntries(several);
      else delete many[group];
    },
    forget(limits, { now, doubtMs }) {
      for (const [policy, groups] of Object.entries(kept.lately)) {
        const limit = limits.find((one) => one.policy === policy);
        const ms = Math.max(doubtMs, limit === undefined || limit.kind === "concurrency" ? 0 : limit.ms);
        for (const [group, before] of Object.entries(groups)) {
          if (before.every((time) => time + ms > now)) continue;
          const { times, counts } = own(policy);
          const alive = before.filter((time) => time + ms > now);
          const several = Object.entries(counts[group] ?? {}).filter(([time]) => alive.includes(Number(time)));
          if (alive.length > 0) times[group] = alive;
          else delete times[group];
          if (several.length > 0) counts[group] = Object.fromEntries(several);
          else delete counts[group];
        }
        if (copied.has(policy) && Object.keys(kept.lately[policy] ?? {}).length === 0) {
          const { [policy]: _, ...others } = kept.lately;
          kept = { ...kept, lately: others };
          copied.delete(policy);
        }
      }
    },
  };
}

/** The time by which one that begins now is remembered. */
function noted({ most, ms }: Extract<Limit, { kind: "rate" }>, now: number): number {
  const part = most > timesAtMost ? Math.ceil(ms / timesAtMost) : 1;
  return Math.ceil(now / part) * part;
}
