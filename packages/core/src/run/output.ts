import { problem, type ActionDefinition, type ProblemData } from "@bellhop/contracts";
import { holdsSecret, mapSecrets } from "../config/secrets.ts";
import { checkOf } from "../schema/compile.ts";
import { isSchema } from "../schema/draft.ts";

/** What becomes of what an action gave. */
interface OutputRead {
  /** With what the schema calls a secret closed. */
  readonly output: unknown;
  /** What the schema does not allow. */
  readonly problem?: ProblemData;
}

/** Holds what an action gave against its `output_schema`: of a command, what it printed as JSON; of other kinds, all of it.
 *  @param close what becomes of a secret */
export function readOutput(action: ActionDefinition, output: unknown, close: (secret: unknown) => unknown): OutputRead {
  const schema = outputSchema(action.output);
  if (schema === undefined) return { output };
  const prints = action.kind.startsWith("local-shell-");
  if (!prints || !isSchema(output)) {
    return against({ action, schema, close }, output);
  }
  const { output: stdout, problem: fault } = against({ action, schema, close }, output["stdout"]);
  return { output: { ...output, stdout }, ...(fault === undefined ? {} : { problem: fault }) };
}

/** The JSON Schema that an `output_schema` means: StackStorm has had two forms, JSON Schema, and its properties alone. Undefined where there is none. */
export function outputSchema(declared: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isSchema(declared) || Object.keys(declared).length === 0) return undefined;
  const { type } = declared;
  const whole = typeof type === "string" || Array.isArray(type) || words.some((word) => word in declared);
  if (whole) return declared;
  let made = wholes.get(declared);
  if (made === undefined) wholes.set(declared, (made = { type: "object", properties: declared }));
  return made;
}

/** Whether what a command prints is its result, with something secret in it: until all of it is there nobody can tell which. */
export function printsSecrets(action: ActionDefinition): boolean {
  const schema = outputSchema(action.output);
  return schema !== undefined && action.kind.startsWith("local-shell-") && holdsSecret(schema);
}

const words = ["$schema", "$ref", "properties", "additionalProperties", "items", "anyOf", "oneOf", "allOf", "const", "enum"];

/** One for each, since what is compiled is kept by it. */
const wholes = new WeakMap<object, Readonly<Record<string, unknown>>>();

function against(
  of: { action: ActionDefinition; schema: Readonly<Record<string, unknown>>; close: (secret: unknown) => unknown },
  value: unknown,
): OutputRead {
  const { action, schema, close } = of;
  const violation = checkOf(schema)(value);
  const output = mapSecrets({ value }, { value: schema }, close)["value"];
  if (violation === undefined) return { output };
  const where = violation.path.length === 0 ? "it" : violation.path.join(".");
  const why = `${where} should be ${violation.expected}`;
  return { output, problem: problem("output_invalid", { action: action.ref, why, pack: action.pack }).data };
}
