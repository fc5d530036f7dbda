import { isFields, isSealed, neverSealed, Parameter } from "@bellhop/contracts";
import { RE2JS } from "re2js";
import { castValue } from "../run/cast.ts";
import { checkOf } from "../schema/compile.ts";
import { templateFault } from "../template.ts";

/** What a pack can be configured with, by name. */
export type ConfigSchema = Readonly<Record<string, Parameter>>;

/** `path` leads from the value to the part of it that can't be, `expected` says what could. */
export type Checked = { kind: "ok"; value: unknown } | { kind: "refused"; path: readonly (string | number)[]; expected: string };

/** Whether a value of a configuration is a template that takes something from the datastore. Other texts with braces are what they are. */
export function takesFromDatastore(value: unknown): value is string {
  return typeof value === "string" && /\{[{%][^]*\bst2kv\b/.test(value);
}

/** Gives a value the type that its schema declares, at any depth, and fills in the defaults within it. What is sealed was checked before; what the datastore has
 *  is checked once it is known. */
export function checkValue(value: unknown, schema: Parameter): Checked {
  if (isSealed(value)) return { kind: "ok", value };
  if (takesFromDatastore(value)) {
    const fault = templateFault(value);
    return fault === undefined ? { kind: "ok", value } : refused(`a template that can be read (${fault.message})`);
  }
  const cast = castValue(value, schema);
  if (cast.kind === "refused") return refused(cast.expected);
  // What is within them is looked at one by one, since some of it may be sealed.
  if (Array.isArray(cast.value)) return checkItems(cast.value, schema);
  if (isFields(cast.value)) return checkFields(cast.value, schema);
  const { format } = schema;
  const form = typeof format === "string" && Object.hasOwn(forms, format) ? forms[format] : undefined;
  if (form !== undefined && typeof cast.value === "string" && !form.fits.test(cast.value)) return refused(form.words);
  const violation = form === undefined ? checkOf(schema)(cast.value) : undefined;
  return violation === undefined ? cast : refused(violation.expected);
}

/** The schemas within a schema of fields, by the name of the field; undefined where there may be no such field. */
export function fieldSchema(schema: Parameter, name: string): Parameter | undefined {
  const own = schemaAt(schema["properties"], name);
  if (own !== undefined) return own;
  for (const pattern of Object.keys(isFields(schema["patternProperties"]) ? schema["patternProperties"] : {})) {
    if (fits(name, pattern)) return schemaAt(schema["patternProperties"], pattern);
  }
  const { additionalProperties: others } = schema;
  return others === false ? undefined : (Parameter.safeParse(others).data ?? {});
}

/** The schema of a list's items. */
export function itemSchema(schema: Parameter): Parameter {
  return Parameter.safeParse(schema["items"]).data ?? {};
}

/** What there is of a value before anybody says anything: its default, or the defaults of its fields where those are enough. */
export function defaultOf(schema: Parameter): unknown {
  if (schema.default !== undefined && schema.default !== null) return neverSealed(schema.default);
  if (!isFields(schema["properties"])) return undefined;
  const fields = Object.keys(schema["properties"]).map((name) => [name, defaultOf(schemaAt(schema["properties"], name) ?? {})] as const);
  const given = fields.filter(([, value]) => value !== undefined);
  const fieldsAlone = Object.fromEntries(given);
  return given.length > 0 && checkValue(fieldsAlone, schema).kind === "ok" ? fieldsAlone : undefined;
}

function checkItems(items: readonly unknown[], schema: Parameter): Checked {
  const { minItems, maxItems } = schema;
  if (typeof minItems === "number" && items.length < minItems) return refused(`a list of ${minItems} or more`);
  if (typeof maxItems === "number" && items.length > maxItems) return refused(`a list of ${maxItems} or fewer`);
  const values: unknown[] = [];
  for (const [index, item] of items.entries()) {
    const checked = checkValue(item, itemSchema(schema));
    if (checked.kind === "refused") return { ...checked, path: [index, ...checked.path] };
    values.push(checked.value);
  }
  return { kind: "ok", value: values };
}

function checkFields(fields: Readonly<Record<string, unknown>>, schema: Parameter): Checked {
  const known = isFields(schema["properties"]) ? Object.keys(schema["properties"]) : [];
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const inner = fieldSchema(schema, name);
    if (inner === undefined) return { kind: "refused", path: [name], expected: `one of the fields ${known.join(", ")}` };
    if (value === undefined || value === null) continue;
    const checked = checkValue(value, inner);
    if (checked.kind === "refused") return { ...checked, path: [name, ...checked.path] };
    values[name] = checked.value;
  }
  for (const name of known.filter((one) => !Object.hasOwn(values, one))) {
    const inner = fieldSchema(schema, name) ?? {};
    const value = defaultOf(inner);
    if (value !== undefined) values[name] = value;
    else if (inner.required === true) return { kind: "refused", path: [name], expected: "a value" };
  }
  return { kind: "ok", value: values };
}

/** What can be told of a text without being strict: what it is good for shows when it is used. */
const forms: Readonly<Record<string, { fits: RegExp; words: string }>> = {
  uri: { fits: /^[a-z][a-z0-9+.-]*:\S+$/i, words: "a URL" },
  email: { fits: /^\S+@\S+$/, words: "an email address" },
};

/** A pattern that has no linear-time matcher says nothing: it is the pack's, and its code checks again. */
function fits(text: string, pattern: string): boolean {
  try {
    return RE2JS.compile(pattern).matcher(text).find();
  } catch {
    return true;
  }
}

function schemaAt(schemas: unknown, name: string): Parameter | undefined {
  return isFields(schemas) && Object.hasOwn(schemas, name) ? (Parameter.safeParse(schemas[name]).data ?? {}) : undefined;
}

function refused(expected: string): Checked {
  return { kind: "refused", path: [], expected };
}
