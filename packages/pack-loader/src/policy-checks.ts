import type { ActionDefinition, PolicyDefinition } from "@bellhop/contracts";
import { parametersOf } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";
import type { Located, Path } from "./located.ts";
import type { PackProblem } from "./problem.ts";

/** Looks at what a pack's policies are for: what leads to nothing is a warning, since StackStorm takes it. */
export function checkPolicies(pack: {
  name: string;
  actions: readonly Located<ActionDefinition>[];
  policies: readonly Located<PolicyDefinition>[];
  actionNames: ReadonlySet<string>;
}): { problems: PackProblem[]; warnings: PackProblem[] } {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const first = new Map<string, string>();
  for (const policy of pack.policies) {
    const { name, type, action: ref, parameters } = policy.definition;
    const complaint = (path: Path, message: string, hint: string, needle?: string): PackProblem => ({
      file: policy.file,
      ...policy.at(path, needle),
      message,
      hint,
    });
    const before = first.get(name);
    if (before !== undefined)
      problems.push(complaint(["name"], `There is already a policy ${name}, in ${before}.`, "Rename one of the two."));
    first.set(name, policy.file);
    const own = ref.startsWith(`${pack.name}.`) ? ref.slice(pack.name.length + 1) : undefined;
    const action = pack.actions.find(({ definition }) => definition.ref === ref)?.definition;
    if (own !== undefined && action === undefined && !pack.actionNames.has(own)) {
      const known = [...pack.actionNames].map((one) => `${pack.name}.${one}`);
      warnings.push(
        complaint(["resource_ref"], `There is no action ${ref} in this pack, so it holds for nothing.`, didYouMean(ref, known)),
      );
    }
    const { attributes, threshold, action: over } = parameters as { attributes?: readonly string[]; threshold?: number; action?: string };
    if (threshold === 0 && over === "delay") {
      const hint = "They wait until it is raised. Say `action: cancel` to have them end, or `enabled: false` in the action.";
      warnings.push(complaint(["parameters", "threshold"], `A threshold of 0 lets no run of ${ref} begin.`, hint));
    }
    if (type === "action.wait" && !pack.policies.some(({ definition }) => definition.action === ref && bounds(definition))) {
      const hint = "It bounds how long others have a run wait: action.concurrency, action.rate or action.cooldown.";
      warnings.push(complaint(["policy_type"], `No policy of this pack has ${ref} wait.`, hint));
    }
    const known = action === undefined ? undefined : Object.keys(parametersOf(action));
    for (const attribute of known === undefined ? [] : (attributes ?? []).filter((one) => !known.includes(one))) {
      const message = `${attribute} is no parameter of ${ref}.`;
      warnings.push(complaint(["parameters", "attributes"], message, didYouMean(attribute, known ?? []), attribute));
    }
  }
  return { problems, warnings };
}

function bounds({ type, enabled }: PolicyDefinition): boolean {
  return enabled && type !== "action.wait" && type !== "action.retry";
}
