/** What a worker is at, in milliseconds. */
export interface Occupation {
  /** Since when, on the monotonic clock; undefined where it has nothing, or has not started yet. */
  readonly began: number | undefined;
  /** How long such an action usually takes; undefined where nobody knows. */
  readonly usual: number | undefined;
}

/** Calls wait for this long while no worker becomes free before another is started, which costs more than a hundred small actions. */
export const patienceMs = 25;

/** The same behind an action that is usually over in less than {@link patienceMs}: what holds it up is likely a machine that is busy, and one process more makes that
 *  busier. Where it is the action itself, it is not known as short any more after this once. */
const patienceWithShortMs = 250;

/** Whether the queue would stand still: beyond one worker for each core, one that ends action after action serves it sooner than a new process.
 *  @param at.since when the first in the queue began to wait; undefined: none does */
export function standsStill(at: { now: number; since: number | undefined; workers: readonly Occupation[]; cores: number }): boolean {
  const { now, since, workers, cores } = at;
  if (since === undefined || now - since < patienceMs) return false;
  if (workers.length < cores) return true;
  return !workers.some(({ began, usual }) => began !== undefined && now - began < patienceWith(usual));
}

function patienceWith(usual: number | undefined): number {
  return usual !== undefined && usual < patienceMs ? patienceWithShortMs : patienceMs;
}
