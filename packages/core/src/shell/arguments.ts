import type { Parameter } from "@bellhop/contracts";
import { kinds } from "../run/kinds.ts";

/** The argument vector of a `local-shell-script` action by StackStorm's rules: named ones as `<kwarg_op>name=value`, then those that have a
 *  `position`. Never shell text: it goes to the script as it is.
 *  @param at.input the action's own parameters; those of the kind (cwd, env, timeout …) are passed over */
export function scriptArguments(at: {
  parameters: Readonly<Record<string, Parameter>>;
  input: Readonly<Record<string, unknown>>;
  kwargOp?: string;
}): string[] {
  const { parameters, input, kwargOp = "--" } = at;
  const ofKind = kinds["local-shell-script"] ?? {};
  const own = Object.keys({ ...parameters, ...input }).filter((name) => !Object.hasOwn(ofKind, name));
  const positionOf = (name: string) => parameters[name]?.position;
  const named = own
    .filter((name) => positionOf(name) === undefined)
    .flatMap((name): string[] => {
      const value = input[name];
      if (value === undefined || value === null || value === "" || value === false) return [];
      return [value === true ? `${kwargOp}${name}` : `${kwargOp}${name}=${serialized(value)}`];
    });
  const positional = own
    .filter((name) => positionOf(name) !== undefined)
    .toSorted((a, b) => (positionOf(a) ?? 0) - (positionOf(b) ?? 0))
    .map((name) => serialized(input[name]));
  return [...named, ...positional];
}

function serialized(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (Array.isArray(value)) return value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item))).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}
