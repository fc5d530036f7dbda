import { isFields, isSealed, type Parameter } from "@bellhop/contracts";
import { fieldSchema, itemSchema, type ConfigSchema } from "./check.ts";

/** A copy in which everything that the schema calls a secret is changed, at any depth; and as a whole what has another shape than that in which the schema has one: it
 *  may be the secret, with a word too many. What is sealed already stays so. */
export function mapSecrets(
  values: Readonly<Record<string, unknown>>,
  schema: ConfigSchema,
  change: (secret: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mapped(value, schema[name] ?? {}, change)]));
}

/** Whether there is a secret in a value of this schema, wherever in it. */
export function holdsSecret(schema: Parameter): boolean {
  const known = holding.get(schema);
  if (known !== undefined) return known;
  const holds = schema.secret === true || innerOf(schema).some(holdsSecret);
  holding.set(schema, holds);
  return holds;
}

/** Of schemas: definitions keep theirs, and each value of each run is asked about. */
const holding = new WeakMap<Parameter, boolean>();

function innerOf(schema: Parameter): Parameter[] {
  const inner = [schema["properties"], schema["patternProperties"]].filter(isFields).flatMap((fields) => Object.values(fields));
  return [...inner, ...branchesOf(schema), schema["items"], schema["additionalProperties"]].filter(isFields);
}

function mapped(value: unknown, schema: Parameter, change: (secret: unknown) => unknown): unknown {
  if (value === undefined || value === null || isSealed(value)) return value;
  if (schema.secret === true) return change(value);
  if (!holdsSecret(schema)) return value;
  const branches = branchesOf(schema);
  if (branches.length > 0) {
    const { anyOf: _, oneOf: __, allOf: ___, ...own } = schema;
    return [own, ...branches].reduce<unknown>((made, one) => mapped(made, one, change), value);
  }
  const { items: _, ...fields } = schema;
  const reached = Array.isArray(value) ? itemSchema(schema) : isFields(value) ? fields : {};
  if (value !== "" && !holdsSecret(reached)) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, itemSchema(schema), change));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner, fieldSchema(schema, name) ?? {}, change)]));
}

/** Schemas of which a value fits one, or all. */
function branchesOf(schema: Parameter): Parameter[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((word) => {
    const branches = schema[word];
    return Array.isArray(branches) ? branches.filter(isFields) : [];
  });
}
