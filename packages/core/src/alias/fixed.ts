import { ExpressionError, Fault, renderValues } from "@bellhop/expression";
import { asksConfig, namesFor, readsSecret, type KvNames } from "../kv/names.ts";
import { lackedBy } from "../run/templates.ts";

type Fixed =
  /** `secrets`: names of those that a secret of the datastore went into. */
  | { kind: "ok"; input: Record<string, unknown>; secrets: string[] }
  /** The command gives a parameter that is fixed. */
  | { kind: "taken"; name: string }
  /** A value is no template that can be filled from these names; `lacks`: what the configuration has no value for, and what to do. */
  | { kind: "fault"; name: string; expression: string; message: string; lacks?: string };

/** What a command gives, and what its alias fixes: `immutable_parameters`, filled from who asked and where, from the datastore, and from the configuration of its
 *  pack. */
export function fixedParameters(at: {
  fixed: Readonly<Record<string, unknown>>;
  given: Readonly<Record<string, unknown>>;
  names: Readonly<Record<string, unknown>>;
  kv?: KvNames | undefined;
}): Fixed {
  const input: Record<string, unknown> = { ...at.given };
  const secrets: string[] = [];
  const variables = { ...at.names, ...namesFor(at.fixed, at.kv) };
  for (const [name, value] of Object.entries(at.fixed)) {
    if (Object.hasOwn(at.given, name)) return { kind: "taken", name };
    try {
      Object.assign(input, renderValues({ [name]: value }, { variables }));
      if (at.kv?.opened() === true) secrets.push(name);
    } catch (error) {
      if (!(error instanceof ExpressionError) && !(error instanceof Fault)) throw error;
      const message = at.kv?.opened() === true ? readsSecret : error.message;
      const lacks = asksConfig(value) ? lackedBy(value, at.kv?.config()) : undefined;
      const expression = typeof value === "string" ? value : JSON.stringify(value);
      return { kind: "fault", name, expression, message, ...(lacks === undefined ? {} : { lacks }) };
    }
  }
  return { kind: "ok", input, secrets };
}
