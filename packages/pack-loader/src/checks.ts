import type { ActionDefinition, AliasDefinition, PackVersion, SensorDefinition } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { actionFaults } from "./action-checks.ts";
import { aliasFaults } from "./alias-checks.ts";
import { didYouMean } from "./did-you-mean.ts";
import { formatFaults } from "./format-checks.ts";
import { complaint, type Located } from "./located.ts";
import type { Checked, PackProblem } from "./problem.ts";

/** StackStorm's kinds that no runner here carries out yet, older names included. */
const elsewhere = new Set(
  (
    "python-script run-python http-request http-runner orquesta action-chain mistral-v1 mistral-v2 inquirer noop remote-shell-cmd " +
    "remote-shell-script run-remote run-remote-script run-local run-local-script winrm-cmd winrm-ps-cmd winrm-ps-script cloudslang"
  ).split(" "),
);

/** Looks across a pack's definitions: names, kinds, and what refers to what. The same for both spellings. A problem is what StackStorm would not take; what it takes
 *  and what can't work is a warning. */
export function checkDefinitions(pack: {
  name: string;
  actions: readonly Located<ActionDefinition>[];
  aliases: readonly Located<AliasDefinition>[];
  sensors: readonly Located<SensorDefinition>[];
  kinds: readonly string[];
  /** Every action there is a file for, also where the file is too faulty to give a definition. */
  actionNames: ReadonlySet<string>;
  version: PackVersion;
}): Checked {
  const { name, actions, aliases, kinds, version } = pack;
  const problems: PackProblem[] = [...twice(actions, "an action"), ...twice(aliases, "an alias"), ...twice(pack.sensors, "a sensor")];
  const warnings: PackProblem[] = [];
  for (const action of actions) {
    const faults = actionFaults(action, version.config);
    problems.push(...faults.problems);
    warnings.push(...faults.warnings);
    const { kind } = action.definition;
    if (kinds.includes(kind)) continue;
    const hint = `Kinds there are: ${kinds.join(", ")}.`;
    if (elsewhere.has(kind)) {
      const message = `No runner here can carry out an action of the kind ${kind}.`;
      warnings.push(complaint(action, ["runner_type"], { message, hint }));
      continue;
    }
    const near = nearest(
      kind,
      kinds.filter((one) => one !== "typescript"),
    );
    const message = `There is no kind of action ${kind}.`;
    problems.push(complaint(action, ["runner_type"], { message, hint: near === undefined ? hint : `Did you mean ${near}? ${hint}` }));
  }
  const byRef = new Map(actions.map((action) => [action.definition.ref, action.definition]));
  for (const alias of aliases) {
    const { action: ref } = alias.definition;
    const action = byRef.get(ref);
    if (action === undefined && ref.startsWith(`${name}.`) && ref !== `${name}.` && !pack.actionNames.has(ref.slice(name.length + 1))) {
      // Those as well that have faults of their own.
      const known = [...byRef.keys(), ...[...pack.actionNames].map((one) => `${name}.${one}`)];
      const message = `There is no action ${ref} in this pack.`;
      warnings.push(complaint(alias, ["action"], { message, hint: didYouMean(ref, known), needle: ref }));
    }
    warnings.push(...aliasFaults(alias, action, version.config !== undefined));
  }
  warnings.push(...formatFaults(aliases, version));
  return { problems, warnings };
}

function twice(definitions: readonly Located<{ name: string }>[], what: string): PackProblem[] {
  const first = new Map<string, string>();
  return definitions.flatMap((one) => {
    const { name } = one.definition;
    const before = first.get(name);
    if (before === undefined) first.set(name, one.file);
    if (before === undefined) return [];
    return [
      complaint(one, ["name"], {
        message: `There is already ${what} ${name}, in ${before}.`,
        hint: "Give one of the two another name.",
      }),
    ];
  });
}
