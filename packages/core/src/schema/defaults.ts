import { isSchema } from "./draft.ts";

/** A value with the defaults of the fields within it, at any depth: those that are not there, or null. */
export function withDefaults(value: unknown, schema: unknown): unknown {
  if (!isSchema(schema)) return value;
  if (Array.isArray(value)) return isSchema(schema["items"]) ? value.map((item) => withDefaults(item, schema["items"])) : value;
  const { properties } = schema;
  if (!isSchema(value) || !isSchema(properties)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(properties)) {
    if (!isSchema(field)) continue;
    const own = Object.hasOwn(filled, name) ? filled[name] : undefined;
    const given = own ?? field["default"];
    if (given !== undefined) filled[name] = withDefaults(given, field);
  }
  return filled;
}
