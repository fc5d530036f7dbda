import { ExpressionError, Fault, renderValues } from "@bellhop/expression";

export type Fixed =
  | { kind: "ok"; input: Record<string, unknown> }
  /** The command gives a parameter that is fixed. */
  | { kind: "taken"; name: string }
  /** A value is no template that can be filled from these names. */
  | { kind: "fault"; name: string; expression: string; message: string };

/** What a command gives, and what its alias fixes: `immutable_parameters`, filled from who asked and where. */
export function fixedParameters(at: {
  fixed: Readonly<Record<string, unknown>>;
  given: Readonly<Record<string, unknown>>;
  names: Readonly<Record<string, unknown>>;
}): Fixed {
  const input: Record<string, unknown> = { ...at.given };
  for (const [name, value] of Object.entries(at.fixed)) {
    if (Object.hasOwn(at.given, name)) return { kind: "taken", name };
    try {
      Object.assign(input, renderValues({ [name]: value }, { variables: at.names }));
    } catch (error) {
      if (!(error instanceof ExpressionError) && !(error instanceof Fault)) throw error;
      return { kind: "fault", name, expression: typeof value === "string" ? value : JSON.stringify(value), message: error.message };
    }
  }
  return { kind: "ok", input };
}
