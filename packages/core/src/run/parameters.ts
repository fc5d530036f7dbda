import { problem, type ActionDefinition, type Parameter, type Problem } from "@bellhop/contracts";
import { kinds } from "./kinds.ts";

export type Parameters = Readonly<Record<string, Parameter>>;

/** The parameters of an action with those of its kind. Of a kind's own parameter an action may change the default, the description, the choice,
 *  whether it is required, and may fix it; never its type. */
export function parametersOf(action: ActionDefinition): Parameters {
  let merged = known.get(action);
  if (merged === undefined) known.set(action, (merged = merge(action)));
  return merged;
}

/** One for each definition, so that what is compiled for them is compiled once for each version of a pack. */
const known = new WeakMap<ActionDefinition, Parameters>();

function merge(action: ActionDefinition): Parameters {
  const merged: Record<string, Parameter> = { ...kinds[action.kind] };
  for (const [name, own] of Object.entries(action.parameters)) {
    const base = merged[name];
    merged[name] = base === undefined ? own : { ...base, ...overrides(own), immutable: base.immutable === true || own.immutable === true };
  }
  return merged;
}

/** The refusal of a value; a secret one is not shown. */
export function invalid(at: { action: string; name: string; value: unknown; parameter: Parameter; expected: string }): Problem {
  const shown = typeof at.value === "string" ? `"${at.value}"` : (JSON.stringify(at.value) ?? "nothing");
  const found = at.parameter.secret === true ? "what was given" : shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return problem("parameter_invalid", { action: at.action, parameter: at.name, found, expected: at.expected });
}

function overrides(own: Parameter): Partial<Parameter> {
  const { default: value, description, enum: choice, required, secret } = own;
  return Object.fromEntries(
    Object.entries({ default: value, description, enum: choice, required, secret }).filter(([, entry]) => entry !== undefined),
  );
}
