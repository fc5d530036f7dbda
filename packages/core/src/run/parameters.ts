import { problem, type ActionDefinition, type Parameter, type Problem } from "@bellhop/contracts";
import { nearest } from "../near.ts";
import { castValue } from "./cast.ts";
import { kinds } from "./kinds.ts";

export type Parameters = Readonly<Record<string, Parameter>>;

/** The parameters of an action with those of its kind. Of a kind's own parameter an action may change the default, the description, the choice,
 *  whether it is required, and may fix it; never its type. */
export function parametersOf(action: ActionDefinition): Parameters {
  const merged: Record<string, Parameter> = { ...kinds[action.kind] };
  for (const [name, own] of Object.entries(action.parameters)) {
    const base = merged[name];
    merged[name] = base === undefined ? own : { ...base, ...overrides(own), immutable: base.immutable === true || own.immutable === true };
  }
  return merged;
}

/** Casts and checks what was given, and fills in the defaults. A default is not cast where it is text with a template in it. */
export function checkInput(at: {
  action: string;
  parameters: Parameters;
  given: Readonly<Record<string, unknown>>;
}): { kind: "ok"; input: Record<string, unknown>; defaulted: ReadonlySet<string> } | { kind: "refused"; problem: Problem } {
  const { action, parameters, given } = at;
  const input: Record<string, unknown> = {};
  const defaulted = new Set<string>();
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || (value === null && parameter !== undefined)) continue;
    if (parameter === undefined) return { kind: "refused", problem: unknownParameter(action, name, parameters) };
    if (parameter.immutable === true) return { kind: "refused", problem: problem("parameter_immutable", { action, parameter: name }) };
    const cast = castValue(value, parameter);
    if (cast.kind === "refused") return { kind: "refused", problem: invalid({ action, name, value, parameter, expected: cast.expected }) };
    input[name] = cast.value;
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (Object.hasOwn(input, name)) continue;
    if (parameter.default !== undefined && parameter.default !== null) {
      input[name] = parameter.default;
      defaulted.add(name);
    } else if (parameter.required === true) {
      const description = parameter.description === undefined || parameter.description === "" ? "" : `${parameter.description}.`;
      return { kind: "refused", problem: problem("parameter_missing", { action, parameter: name, description }) };
    }
  }
  return { kind: "ok", input, defaulted };
}

/** The refusal of a value; a secret one is not shown. */
export function invalid(at: { action: string; name: string; value: unknown; parameter: Parameter; expected: string }): Problem {
  const shown = typeof at.value === "string" ? `"${at.value}"` : JSON.stringify(at.value);
  const found = at.parameter.secret === true ? "what was given" : shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return problem("parameter_invalid", { action: at.action, parameter: at.name, found, expected: at.expected });
}

function overrides(own: Parameter): Partial<Parameter> {
  const { default: value, description, enum: choice, required, secret } = own;
  return Object.fromEntries(
    Object.entries({ default: value, description, enum: choice, required, secret }).filter(([, entry]) => entry !== undefined),
  );
}

function unknownParameter(action: string, name: string, parameters: Parameters): Problem {
  const open = Object.keys(parameters).filter((known) => parameters[known]?.immutable !== true);
  const near = nearest(name, open);
  const suggestion =
    near !== undefined ? `Did you mean ${near}?` : open.length === 0 ? "It takes none." : `It takes ${open.toSorted().join(", ")}.`;
  return problem("parameter_unknown", { action, parameter: name, suggestion });
}
