import { isFields, isList } from "@bellhop/contracts";

/** JSON Schema as today's validators read it, from what StackStorm's packs are written in: draft 4, where `required` may stand on the field itself, as in draft 3.
 *  What need not be given may be null, as there. */
export function modern(schema: unknown): unknown {
  if (typeof schema === "boolean") return schema;
  if (!isSchema(schema)) return {};
  const made: Record<string, unknown> = {};
  for (const [word, value] of Object.entries(schema)) {
    const inner = inside[word];
    if (inner !== undefined) made[word] = inner(value);
    else if (!dropped.has(word)) made[word] = value;
  }
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const fields = isSchema(schema["properties"]) ? schema["properties"] : {};
  for (const [name, field] of Object.entries(fields)) if (isSchema(field) && field["required"] === true) required.add(name);
  if (required.size > 0) made["required"] = [...required];
  Object.assign(made, typesOf(schema["type"]), bound(schema, "minimum"), bound(schema, "maximum"));
  if (schema["divisibleBy"] !== undefined) made["multipleOf"] = schema["divisibleBy"];
  return made;
}

/** The same for what stands in a field: it may be null where it need not be given, or where null is its default. */
export function modernField(field: unknown): unknown {
  const schema = modern(field);
  if (!isSchema(schema) || !isSchema(field) || (field["default"] ?? null) !== null) return schema;
  if (field["required"] === true && !Object.hasOwn(field, "default")) return schema;
  const { type, enum: choice, anyOf, oneOf } = schema;
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [...new Set([type, "null"].flat())] }),
    ...(isList(choice) ? { enum: [...new Set([...choice, null])] } : {}),
    ...(isList(anyOf) ? { anyOf: [...anyOf, { type: "null" }] } : {}),
    ...(isList(oneOf) ? { oneOf: [...oneOf, { type: "null" }] } : {}),
  };
}

type Schema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return isFields(value);
}

/** Made anew, of no meaning to a validator, or of another one. */
const dropped = new Set([
  "required",
  "type",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "divisibleBy",
  "$schema",
  "id",
  "format",
]);

const each = (of: (value: unknown) => unknown) => (value: unknown) =>
  isSchema(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, of(one)])) : {};
const list = (value: unknown) => (Array.isArray(value) ? value.map(modern) : []);

/** Words whose values are schemas. */
const inside: Readonly<Record<string, (value: unknown) => unknown>> = {
  properties: each(modernField),
  patternProperties: each(modern),
  definitions: each(modern),
  dependencies: each((value) => (Array.isArray(value) ? value : modern(value))),
  additionalProperties: modern,
  additionalItems: modern,
  items: (value) => (Array.isArray(value) ? list(value) : modern(value)),
  anyOf: list,
  oneOf: list,
  allOf: list,
  not: modern,
};

function typesOf(type: unknown): { type?: unknown } {
  const types = [type].flat();
  if (types.some((one) => typeof one !== "string" || one === "any")) return {};
  return { type: types.length === 1 ? types[0] : types };
}

/** `exclusiveMinimum` was once a flag. */
function bound(schema: Schema, word: "minimum" | "maximum"): Record<string, unknown> {
  const exclusive = word === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
  const { [word]: limit, [exclusive]: flag } = schema;
  if (flag === true && limit !== undefined) return { [exclusive]: limit };
  return { ...(limit === undefined ? {} : { [word]: limit }), ...(typeof flag === "number" ? { [exclusive]: flag } : {}) };
}
