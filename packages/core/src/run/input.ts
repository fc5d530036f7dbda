import { isSealed, problem, type ActionDefinition, type Parameter, type Problem } from "@bellhop/contracts";
import { nearest } from "../near.ts";
import { checkOf, type Violation } from "../schema/compile.ts";
import { withDefaults } from "../schema/defaults.ts";
import { holdsSecret } from "../config/secrets.ts";
import { castValue } from "./cast.ts";
import { invalid, parametersOf, type Parameters } from "./parameters.ts";
import { fillDefaults } from "./templates.ts";

/** What an action is given, complete; `secrets` names what of it has to be sealed. */
export type Input = { kind: "ok"; input: Record<string, unknown>; secrets: string[] } | { kind: "refused"; problem: Problem };

/** Values for an action's parameters become its input, as in StackStorm: they are cast, defaults are filled in, templates in those are rendered in the order in
 *  which they need one another, and the whole is checked. What was given is never a template.
 *  @param at.context what templates of defaults see as `action_context`
 *  @param at.open reads sealed values for templates of defaults, which are secrets then */
export function readInput(at: {
  action: ActionDefinition;
  given: Readonly<Record<string, unknown>>;
  context?: Readonly<Record<string, unknown>>;
  open?: ((value: unknown) => unknown) | undefined;
}): Input {
  const { action, context = {}, open } = at;
  const parameters = parametersOf(action);
  const taken = takeGiven(action.ref, parameters, at.given);
  if (taken.kind === "refused") return taken;
  const { input } = taken;
  const defaulted = new Set<string>();
  for (const [name, parameter] of Object.entries(parameters)) {
    const { default: value } = parameter;
    if (Object.hasOwn(input, name) || value === undefined || value === null) continue;
    input[name] = value;
    defaulted.add(name);
  }
  const secrets = new Set(Object.keys(input).filter((name) => holdsSecret(parameters[name] ?? {})));
  // A TypeScript action's defaults are values of its program; only YAML's are templates.
  const filled =
    action.kind === "typescript"
      ? undefined
      : fillDefaults({ action, parameters, input, defaulted, secrets, context, ...(open && { open }) });
  return filled ?? checked({ action, parameters, given: at.given, input, secrets });
}

type Taken = { kind: "ok"; input: Record<string, unknown> } | { kind: "refused"; problem: Problem };

function takeGiven(action: string, parameters: Parameters, given: Readonly<Record<string, unknown>>): Taken {
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || (value === null && parameter !== undefined)) continue;
    if (parameter === undefined) return { kind: "refused", problem: unknownParameter(action, name, parameters) };
    if (parameter.immutable === true) return { kind: "refused", problem: problem("parameter_immutable", { action, parameter: name }) };
    // It was checked when it was plain, where a workflow was asked for, and only a runner can read it now.
    if (isSealed(value)) {
      input[name] = value;
      continue;
    }
    const cast = castValue(value, parameter);
    if (cast.kind === "refused") return { kind: "refused", problem: invalid({ action, name, value, parameter, expected: cast.expected }) };
    if (cast.value !== null) input[name] = cast.value;
  }
  return { kind: "ok", input };
}

function checked(at: {
  action: ActionDefinition;
  parameters: Parameters;
  given: Readonly<Record<string, unknown>>;
  input: Record<string, unknown>;
  secrets: Set<string>;
}): Input {
  const { action, parameters, given, input, secrets } = at;
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!Object.hasOwn(input, name)) {
      if (parameter.required !== true) continue;
      const description = parameter.description === undefined || parameter.description === "" ? "" : `${parameter.description}.`;
      return { kind: "refused", problem: problem("parameter_missing", { action: action.ref, parameter: name, description }) };
    }
    if (isSealed(input[name])) continue;
    input[name] = withDefaults(input[name], parameter);
    const violation = checkOf(parameter)(input[name]);
    if (violation === undefined) continue;
    // As a whole it is quoted as it was given.
    const found = violation.path.length === 0 && Object.hasOwn(given, name) ? given[name] : violation.found;
    return { kind: "refused", problem: violated(action.ref, { name, parameter, violation: { ...violation, found } }) };
  }
  return { kind: "ok", input, secrets: Object.keys(input).filter((name) => secrets.has(name)) };
}

function violated(action: string, at: { name: string; parameter: Parameter; violation: Violation }): Problem {
  const { path, found, expected } = at.violation;
  const place = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  const secret = holdsSecret(at.parameter);
  return invalid({ action, name: `${at.name}${place}`, value: found, parameter: { secret }, expected });
}

function unknownParameter(action: string, name: string, parameters: Parameters): Problem {
  const open = Object.keys(parameters).filter((known) => parameters[known]?.immutable !== true);
  const near = nearest(name, open);
  const suggestion =
    near !== undefined ? `Did you mean ${near}?` : open.length === 0 ? "It takes none." : `It takes ${open.toSorted().join(", ")}.`;
  return problem("parameter_unknown", { action, parameter: name, suggestion });
}
