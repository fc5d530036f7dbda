import { isSealed, type Parameter } from "@bellhop/contracts";
import { fieldSchema, isFields, itemSchema, type ConfigSchema } from "./check.ts";

/** A copy in which everything that the schema calls a secret is changed, at any depth. What is sealed already stays so. */
export function mapSecrets(
  values: Readonly<Record<string, unknown>>,
  schema: ConfigSchema,
  change: (secret: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mapped(value, schema[name] ?? {}, change)]));
}

/** Whether there is a secret in a value of this schema, wherever in it. */
export function holdsSecret(schema: Parameter): boolean {
  if (schema.secret === true) return true;
  const inner = [schema["properties"], schema["patternProperties"]].filter(isFields).flatMap((fields) => Object.values(fields));
  return [...inner, schema["items"], schema["additionalProperties"]].some((one) => isFields(one) && holdsSecret(one));
}

function mapped(value: unknown, schema: Parameter, change: (secret: unknown) => unknown): unknown {
  if (value === undefined || value === null || isSealed(value)) return value;
  if (schema.secret === true) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, itemSchema(schema), change));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner, fieldSchema(schema, name) ?? {}, change)]));
}
