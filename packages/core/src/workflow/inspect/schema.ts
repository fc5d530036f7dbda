import { compileRegex, entriesOf, isFloat, isInt, isMapping, repr, type Mapping, type Regex } from "@bellhop/expression";

/** As much of JSON Schema's draft 4 as the schema of workflows says. */
export interface Schema {
  /** For editors. */
  readonly description?: string;
  readonly type?: "string" | "integer" | "number" | "boolean" | "null" | "array" | "object";
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
}

export type Path = readonly (string | number)[];

export interface SchemaFault {
  /** In the words of Python's jsonschema. */
  readonly message: string;
  readonly path: Path;
  readonly schemaPath: Path;
  /** A word that is not known, and those that are. */
  readonly meant?: { readonly word: string; readonly known: readonly string[] };
}

/** All that a value is not. */
export function schemaFaults(value: unknown, schema: Schema, at: Place = { path: [], schemaPath: [] }): SchemaFault[] {
  return [...valueFaults(value, schema, at), ...sequenceFaults(value, schema, at), ...mappingFaults(value, schema, at)];
}

type Place = Pick<SchemaFault, "path" | "schemaPath">;

function fault({ path, schemaPath }: Place, word: keyof Schema, message: string): SchemaFault {
  return { message, path, schemaPath: [...schemaPath, word] };
}

function valueFaults(value: unknown, schema: Schema, at: Place): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const say = (word: keyof Schema, message: string) => faults.push(fault(at, word, message));
  if (schema.type !== undefined && !isOf(schema.type, value)) say("type", `${shown(value)} is not of type '${schema.type}'`);
  if (schema.enum?.every((one) => keyOf(one) !== keyOf(value)) === true) say("enum", `${shown(value)} is not one of ${repr(schema.enum)}`);
  if (schema.anyOf?.every((one) => schemaFaults(value, one).length > 0) === true) say("anyOf", `${shown(value)} ${underNone}`);
  const fitting = schema.oneOf?.filter((one) => schemaFaults(value, one).length === 0).length;
  if (fitting === 0) say("oneOf", `${shown(value)} ${underNone}`);
  if (fitting !== undefined && fitting > 1) say("oneOf", `${shown(value)} is valid under ${fitting} of the given schemas`);
  if (typeof value === "string") {
    if (value.length < (schema.minLength ?? 0)) say("minLength", `${shown(value)} should be non-empty`);
    if (schema.pattern !== undefined && !compiled(schema.pattern).test(value))
      say("pattern", `${shown(value)} does not match '${schema.pattern}'`);
  }
  if (schema.minimum !== undefined && isOf("number", value) && Number(value) < schema.minimum)
    say("minimum", `${shown(value)} is less than the minimum of ${schema.minimum}`);
  return faults;
}

const underNone = "is not valid under any of the given schemas";

function sequenceFaults(value: unknown, schema: Schema, at: Place): SchemaFault[] {
  if (!Array.isArray(value)) return [];
  const faults: SchemaFault[] = [];
  if (value.length < (schema.minItems ?? 0)) faults.push(fault(at, "minItems", `${shown(value)} should be non-empty`));
  if (schema.uniqueItems === true && new Set(value.map(keyOf)).size < value.length)
    faults.push(fault(at, "uniqueItems", `${shown(value)} has non-unique elements`));
  const { items } = schema;
  if (items !== undefined)
    for (const [index, item] of value.entries()) faults.push(...schemaFaults(item, items, inner(at, index, ["items"])));
  return faults;
}

function mappingFaults(value: unknown, schema: Schema, at: Place): SchemaFault[] {
  if (!isMapping(value)) return [];
  const faults: SchemaFault[] = [];
  const say = (word: keyof Schema, message: string) => faults.push(fault(at, word, message));
  const entries = Array.from(entriesOf(value));
  const { properties = {}, patternProperties = {} } = schema;
  if (entries.length < (schema.minProperties ?? 0)) say("minProperties", `${shown(value)} should be non-empty`);
  if (entries.length > (schema.maxProperties ?? Infinity)) say("maxProperties", `${shown(value)} has too many properties`);
  for (const name of schema.required ?? []) if (entries.every(([key]) => key !== name)) say("required", `'${name}' is a required property`);
  for (const [key, item] of entries) {
    if (typeof key === "string" && Object.hasOwn(properties, key))
      faults.push(...schemaFaults(item, properties[key] ?? {}, inner(at, key, ["properties", key])));
    for (const [pattern, one] of Object.entries(patternProperties)) {
      if (typeof key !== "string") say("patternProperties", `The key ${shown(key)} is not of type 'string'`);
      else if (compiled(pattern).test(key)) faults.push(...schemaFaults(item, one, inner(at, key, ["patternProperties", pattern])));
    }
  }
  const extra = schema.additionalProperties === false ? unknownKeys(value, properties) : [];
  if (extra.length > 0) {
    const names = extra.map((key) => shown(key)).toSorted();
    const message = `Additional properties are not allowed (${names.join(", ")} ${extra.length > 1 ? "were" : "was"} unexpected)`;
    const meant = { word: String(extra[0]), known: Object.keys(properties) };
    faults.push({ ...fault(at, "additionalProperties", message), meant });
  }
  return faults;
}

/** Keys that the schema has no word for. */
function unknownKeys(value: Mapping, properties: NonNullable<Schema["properties"]>): unknown[] {
  return Array.from(entriesOf(value), ([key]) => key).filter((key) => typeof key !== "string" || !Object.hasOwn(properties, key));
}

function inner({ path, schemaPath }: Place, step: string | number, steps: Path): Place {
  return { path: [...path, step], schemaPath: [...schemaPath, ...steps] };
}

/** By Python's kinds: a boolean is no number, and a float is no integer, whole or not. */
function isOf(type: NonNullable<Schema["type"]>, value: unknown): boolean {
  switch (type) {
    case "string":
    case "boolean":
      return typeof value === type;
    case "null":
      return value === null || value === undefined;
    case "integer":
      return isInt(value);
    case "number":
      return isInt(value) || isFloat(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isMapping(value);
  }
}

/** The same for equal values: `1` and `1.0` are, `true` and `1` are not, and the order of keys says nothing. */
function keyOf(value: unknown): string {
  if (isOf("number", value)) return Number.isSafeInteger(Number(value)) ? String(Number(value)) : repr(value);
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`;
  if (!isMapping(value)) return repr(value);
  return `{${Array.from(entriesOf(value), ([key, item]) => `${keyOf(key)}:${keyOf(item)}`)
    .toSorted()
    .join()}}`;
}

/** What is long is cut: it stands in the file. */
function shown(value: unknown): string {
  const text = repr(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

const patterns = new Map<string, Regex>();

function compiled(pattern: string): Regex {
  const known = patterns.get(pattern) ?? compileRegex(pattern);
  patterns.set(pattern, known);
  return known;
}
