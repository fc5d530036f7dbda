import type { Parameter } from "@bellhop/contracts";

/** The argument vector of a `local-shell-script` action by StackStorm's rules: named ones as `<kwarg_op>name=value`, then those that have a
 *  `position`. Never shell text: it goes to the script as it is.
 *  @param at.input the action's own parameters; those of the kind (cwd, env, timeout …) are passed over */
export function scriptArguments(_at: {
  parameters: Readonly<Record<string, Parameter>>;
  input: Readonly<Record<string, unknown>>;
  kwargOp?: string;
}): string[] {
  throw new Error("to come");
}
