import { passName, type Gate, type Pass } from "@bellhop/contracts";
import { mainTask } from "../run/main-task.ts";
import { crowdOf, groupName } from "./crowd.ts";
import type { ActionPolicies } from "./policies.ts";

/** Passes that wait for each other. Names stand for what was seen; the one that is to give way is among them. */
interface Circle {
  readonly names: ReadonlySet<string>;
  readonly victim: { readonly action: string; readonly pass: Pass };
  readonly policies: readonly string[];
}

interface Seen {
  readonly gate: Gate;
  readonly policies: ActionPolicies;
}

/** Looks for workflows that hold what others wait for, and wait for what those hold. A pass is stuck if something under it waits for a group that is full of such. What
 *  is read of several gates was not so at one moment: only what two looks in a row find is so.
 *  @param before what the look before found */
export function circleAmong(all: readonly Seen[], before?: ReadonlySet<string>): Circle | undefined {
  const isKnown = (name: string) => before === undefined || before.has(name);
  const seen = all.map(({ gate, policies }) => {
    const waiting = gate.line.filter((pass) => pass.refused === undefined && isKnown(passName(pass)));
    return { gate, policies, waiting };
  });
  const waitingUnder = new Map<string, string[]>();
  for (const { waiting } of seen) {
    for (const pass of waiting)
      for (const run of pass.within ?? []) waitingUnder.set(run, [...(waitingUnder.get(run) ?? []), passName(pass)]);
  }
  let stuck = new Set<string>();
  for (const { gate } of seen)
    for (const { run, task } of gate.inside) if (task === mainTask && waitingUnder.has(run) && isKnown(run)) stuck.add(run);
  for (;;) {
    const { names, policies, nested } = stuckWaiting(seen, stuck);
    const left = new Set([...stuck].filter((run) => waitingUnder.get(run)?.some((name) => names.has(name))));
    if (left.size < stuck.size) {
      stuck = left;
      continue;
    }
    if (left.size === 0) return undefined;
    const victim = nested.toSorted((a, b) => b.pass.at - a.pass.at || (passName(a.pass) < passName(b.pass) ? 1 : -1))[0];
    return victim === undefined ? undefined : { names: new Set([...names, ...left]), victim, policies: [...policies] };
  }
}

/** Who will never get in while these runs go on to hold what they hold. */
function stuckWaiting(
  seen: readonly (Seen & { waiting: readonly Pass[] })[],
  stuck: ReadonlySet<string>,
): { names: Set<string>; policies: Set<string>; nested: { action: string; pass: Pass }[] } {
  const names = new Set<string>();
  const held = new Set<string>();
  const nested: { action: string; pass: Pass }[] = [];
  for (const { gate, policies, waiting } of seen) {
    const behind = new Set<string>();
    const { limits } = policies;
    const crowd = crowdOf(gate.inside, limits);
    for (const pass of waiting) {
      const stage = limits.findIndex((limit) => {
        if (limit.kind === "rate" || limit.over !== "delay" || crowd.isUnder(limit, pass)) return false;
        const most = limit.kind === "concurrency" ? limit.most : 1;
        const full = crowd.counted(limit, pass).filter(({ run, task }) => task === mainTask && stuck.has(run)).length;
        return (most > 0 && full >= most) || behind.has(groupName(limit, pass));
      });
      const holding = limits[stage];
      if (holding === undefined) continue;
      names.add(passName(pass));
      held.add(holding.policy);
      for (const limit of limits.slice(0, stage + 1)) behind.add(groupName(limit, pass));
      if (pass.within?.some((run) => stuck.has(run)) === true) nested.push({ action: gate.action, pass });
    }
  }
  return { names, policies: held, nested };
}
