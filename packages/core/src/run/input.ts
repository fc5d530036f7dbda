import {
  holdsSealed,
  isSealed,
  limits,
  nestsTooDeep,
  neverSealed,
  problem,
  type ActionDefinition,
  type Parameter,
  type Problem,
} from "@bellhop/contracts";
import type { KvNames } from "../kv/names.ts";
import { nearest } from "../near.ts";
import { checkOf, type Violation } from "../schema/compile.ts";
import { withDefaults } from "../schema/defaults.ts";
import { holdsSecret } from "../config/secrets.ts";
import { castValue } from "./cast.ts";
import { invalid, parametersOf, type Parameters } from "./parameters.ts";
import { fillDefaults, openedValue } from "./templates.ts";

/** What an action is given, complete; `secrets` names what of it has to be sealed. */
export type Input = { kind: "ok"; input: Record<string, unknown>; secrets: string[] } | { kind: "refused"; problem: Problem };

/** Values for an action's parameters become its input, as in StackStorm: they are cast, defaults are filled in, templates in those are rendered in the order in
 *  which they need one another, and the whole is checked. What was given is never a template.
 *  @param at.context what templates of defaults see as `action_context`
 *  @param at.open reads sealed values for templates of defaults, which are secrets then
 *  @param at.kv what templates of defaults see of the datastore, and of the pack's configuration in this `at.instance`
 *  @param at.sealed whether values may come sealed: from a run of ours. From outside nothing does, whatever it looks like */
export function readInput(at: {
  action: ActionDefinition;
  given: Readonly<Record<string, unknown>>;
  context?: Readonly<Record<string, unknown>>;
  open?: ((value: unknown) => unknown) | undefined;
  kv?: KvNames | undefined;
  instance?: string | undefined;
  sealed?: boolean | undefined;
}): Input {
  const { action, context = {}, open, kv, instance, sealed = false } = at;
  const parameters = parametersOf(action);
  const taken = takeGiven(action.ref, parameters, { given: at.given, sealed, open });
  if (taken.kind === "refused") return taken;
  const { input } = taken;
  const defaulted = new Set<string>();
  for (const [name, parameter] of Object.entries(parameters)) {
    const { default: value } = parameter;
    if (Object.hasOwn(input, name) || value === undefined || value === null) continue;
    input[name] = neverSealed(value);
    defaulted.add(name);
  }
  const secrets = new Set([...taken.opened, ...Object.keys(input).filter((name) => holdsSecret(parameters[name] ?? {}))]);
  // A TypeScript action's defaults are values of its program; only YAML's are templates.
  const filled =
    action.kind === "typescript" ? undefined : fillDefaults({ action, parameters, input, defaulted, secrets, context, open, kv, instance });
  return filled ?? checked({ action, parameters, given: at.given, input, secrets });
}

/** `opened`: names of what held something sealed and is plain now. */
type Taken = { kind: "ok"; input: Record<string, unknown>; opened: string[] } | { kind: "refused"; problem: Problem };

function takeGiven(
  action: string,
  parameters: Parameters,
  at: { given: Readonly<Record<string, unknown>>; sealed: boolean; open?: ((value: unknown) => unknown) | undefined },
): Taken {
  const input: Record<string, unknown> = {};
  const opened: string[] = [];
  for (const [name, value] of Object.entries(at.given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || (value === null && parameter !== undefined)) continue;
    if (parameter === undefined) return { kind: "refused", problem: unknownParameter(action, name, parameters) };
    if (parameter.immutable === true) return { kind: "refused", problem: problem("parameter_immutable", { action, parameter: name }) };
    // It was checked when it was plain, where a workflow was asked for, and only a runner can read it now.
    if (at.sealed && isSealed(value)) {
      input[name] = value;
      continue;
    }
    const plain = at.sealed && !fitsClosed(value, parameter) ? openedValue(value, at.open) : undefined;
    if (plain !== undefined) opened.push(name);
    const cast = castValue(plain === undefined ? value : plain.value, parameter);
    if (cast.kind === "refused") {
      const shown = holdsSealed(value) ? { ...parameter, secret: true } : parameter;
      return { kind: "refused", problem: invalid({ action, name, value, parameter: shown, expected: cast.expected }) };
    }
    if (nestsTooDeep(cast.value)) {
      const expected = `lists and fields in one another, ${limits.nesting} levels at most`;
      return { kind: "refused", problem: invalid({ action, name, value, parameter, expected }) };
    }
    // Only what we sealed ourselves may be opened: whoever came by such a value could have it read out.
    if (!at.sealed && holdsSealed(cast.value)) {
      const expected = "a value without `$sealed`, which stands for what Bellhop itself has sealed";
      return { kind: "refused", problem: invalid({ action, name, value: undefined, parameter: { secret: true }, expected }) };
    }
    if (cast.value !== null) input[name] = cast.value;
  }
  return { kind: "ok", input, opened };
}

/** Whether a value can stay as it came: nothing in it is sealed, or it is taken with that closed. What is a secret as a whole is sealed once, and not around
 *  another seal. */
function fitsClosed(value: unknown, parameter: Parameter): boolean {
  return !holdsSealed(value) || (!holdsSecret(parameter) && checkOf(parameter)(value) === undefined);
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
      const description = parameter.description?.replace(/(?<=\S)(?<![.!?…])\s*$/, ".") ?? "";
      return { kind: "refused", problem: problem("parameter_missing", { action: action.ref, parameter: name, description }) };
    }
    if (isSealed(input[name])) continue;
    input[name] = withDefaults(input[name], parameter);
    const violation = checkOf(parameter)(input[name]);
    if (violation === undefined) continue;
    // As a whole it is quoted as it was given.
    const found = violation.path.length === 0 && Object.hasOwn(given, name) ? given[name] : violation.found;
    return { kind: "refused", problem: violated(action.ref, { name, secret: secrets.has(name), violation: { ...violation, found } }) };
  }
  return { kind: "ok", input, secrets: Object.keys(input).filter((name) => secrets.has(name)) };
}

function violated(action: string, at: { name: string; secret: boolean; violation: Violation }): Problem {
  const { path, found, expected } = at.violation;
  const place = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return invalid({ action, name: `${at.name}${place}`, value: found, parameter: { secret: at.secret }, expected });
}

function unknownParameter(action: string, name: string, parameters: Parameters): Problem {
  const open = Object.keys(parameters).filter((known) => parameters[known]?.immutable !== true);
  const near = nearest(name, open);
  const suggestion =
    near !== undefined ? `Did you mean ${near}?` : open.length === 0 ? "It takes none." : `It takes ${open.toSorted().join(", ")}.`;
  return problem("parameter_unknown", { action, parameter: name, suggestion });
}
