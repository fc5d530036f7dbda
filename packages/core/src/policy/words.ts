import type { Pass } from "@bellhop/contracts";
import type { Limit } from "./policies.ts";

/** Why a limit lets nobody in now, who asks with these values. @param at.times when something began (rate) or ended (cooldown) there lately, epoch milliseconds */
export function whyHeld(
  limit: Limit,
  at: { inside: number; times: readonly number[]; now: number; shown?: Pass["shown"] | undefined },
): string {
  const { policy, attributes } = limit;
  const { inside, times, now, shown = {} } = at;
  const values = attributes.map((name) => shown[name]);
  const isShown = values.every((value) => value !== undefined);
  const groups = attributes.map((name, index) => (isShown ? `${name} ${values[index]}` : name)).join(", ");
  const alike = attributes.length === 0 ? "" : ` with ${isShown ? "" : "the same "}${groups}`;
  switch (limit.kind) {
    case "concurrency":
      return limit.most === 0
        ? `policy ${policy} lets nobody in`
        : `${inside} of ${limit.most} ${runs(limit.most)}${alike} ${inside === 1 ? "is" : "are"} at work (policy ${policy})`;
    case "rate": {
      const [first = now] = times.filter((time) => time + limit.ms > now);
      return `${limit.most} ${runs(limit.most)}${alike} began within ${lengthInWords(limit.ms)}, the next may at ${moment(first + limit.ms)} (policy ${policy})`;
    }
    case "cooldown": {
      if (inside > 0) return `one run${alike} is at work already (policy ${policy})`;
      const last = times.at(-1) ?? now;
      return `one${alike} ended at ${moment(last)}, the next may begin at ${moment(last + limit.ms)} (policy ${policy})`;
    }
  }
}

/** What a limit says, in few words. */
export function limitInWords(limit: Limit): string {
  const alike = limit.attributes.length === 0 ? "" : ` for each ${limit.attributes.join(", ")}`;
  const more = limit.over === "delay" ? "more wait" : "more are canceled";
  switch (limit.kind) {
    case "concurrency":
      return `${limit.most} at once${alike}, ${more}`;
    case "rate":
      return `${limit.most} in ${lengthInWords(limit.ms)}${alike}, ${more}`;
    case "cooldown": {
      const after = limit.after === "success" ? "after one that succeeded" : "after the last";
      return `one at a time${alike}, the next ${lengthInWords(limit.ms)} ${after}; ${more}`;
    }
  }
}

/** A length of time: `45 seconds`, `5 minutes`, `2 hours`. */
export function lengthInWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [count, unit] =
    seconds < 120 ? [seconds, "second"] : seconds < 7_200 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3_600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function moment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function runs(count: number): string {
  return count === 1 ? "run" : "runs";
}
