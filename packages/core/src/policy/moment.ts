import type { Pass } from "@bellhop/contracts";
import { groupName, type Crowd } from "./crowd.ts";
import type { Memory } from "./memory.ts";
import type { Limit } from "./policies.ts";
import { whyHeld } from "./words.ts";

/** A gate at one moment, as limits look at it. */
export interface Moment {
  readonly crowd: Crowd;
  readonly memory: Memory;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Whether a limit lets nobody more in of the group of a pass. */
export function isFull({ crowd, memory, now }: Moment, limit: Limit, pass: Pass): boolean {
  if (crowd.isUnder(limit, pass)) return false;
  switch (limit.kind) {
    case "concurrency":
      return crowd.counted(limit, pass).length >= limit.most;
    case "rate":
      return memory.count(limit, pass, now) >= limit.most;
    case "cooldown":
      return crowd.counted(limit, pass).length > 0 || memory.count(limit, pass, now) > 0;
  }
}

/** Whether somebody before waits for what the limit bounds.
 *  @param held the groups in which somebody does */
export function isHeld(held: Pick<ReadonlySet<string>, "has">, { crowd }: Moment, limit: Limit, pass: Pass): boolean {
  return held.has(groupName(limit, pass)) && !crowd.isUnder(limit, pass);
}

/** Why a limit lets a pass wait, or refuses it. */
export function heldWords({ crowd, memory, now }: Moment, limit: Limit, pass: Pass): string {
  return whyHeld(limit, { inside: crowd.counted(limit, pass).length, times: memory.times(limit, pass, now), now, shown: pass.shown });
}
