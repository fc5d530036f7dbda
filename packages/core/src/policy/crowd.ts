import type { Pass } from "@bellhop/contracts";
import { mainTask } from "../run/main-task.ts";
import type { Limit } from "./policies.ts";

/** Who is inside, by the groups of limits: thousands may wait, and each of them asks. */
export interface Crowd {
  /** Those who count for a limit in the group of a pass: not who is there under another. */
  counted(limit: Limit, pass: Pick<Pass, "values">): readonly Pass[];
  /** Whether a run that a pass is part of is inside already, in the same group: it goes in with that. */
  isUnder(limit: Limit, pass: Pass): boolean;
  /** One goes in. Whatever is part of it comes after it. */
  add(pass: Pass): void;
}

export function crowdOf(inside: readonly Pass[], limits: readonly Limit[]): Crowd {
  const wholes = new Map(inside.filter(({ task }) => task === mainTask).map((pass) => [pass.run, pass]));
  const groups = new Map<string, Pass[]>();
  const isUnder = (limit: Limit, pass: Pass): boolean => {
    if (limit.kind === "rate" || pass.within === undefined) return false;
    const isAlike = (whole: Pass | undefined) => whole !== undefined && groupOf(limit, whole) === groupOf(limit, pass);
    return pass.within.some((run) => isAlike(wholes.get(run)));
  };
  const count = (pass: Pass): void => {
    for (const limit of limits) {
      if (isUnder(limit, pass)) continue;
      const name = groupName(limit, pass);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [pass]);
      else group.push(pass);
    }
  };
  for (const pass of inside) count(pass);
  return {
    counted: (limit, pass) => groups.get(groupName(limit, pass)) ?? [],
    isUnder,
    add(pass) {
      if (pass.task === mainTask) wholes.set(pass.run, pass);
      count(pass);
    },
  };
}

/** Names a group among those of all policies. Each of thousands is asked for whenever one more comes, and a text that was looked up before is found sooner. */
export function groupName(limit: Limit, pass: Pick<Pass, "values">): string {
  const known = names.get(limit) ?? new WeakMap<object, string>();
  names.set(limit, known);
  const name = known.get(pass) ?? `${limit.policy} ${groupOf(limit, pass)}`;
  known.set(pass, name);
  return name;
}

const names = new WeakMap<Limit, WeakMap<object, string>>();

/** Who was asked before a policy told runs apart by more is in the group of those without. */
export function groupOf({ attributes }: Limit, { values }: Pick<Pass, "values">): string {
  return attributes.map((name) => values?.[name] ?? "").join(".");
}
