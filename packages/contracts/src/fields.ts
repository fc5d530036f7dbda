/** Whether a value has fields by name: what JSON calls an object, and no list. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is what JSON calls an array. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** What stands at the end of a path of fields and places; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((found, step) => (typeof found === "object" && found !== null ? Reflect.get(found, step) : undefined), value);
}

/** The fields of a value; none where it is something else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}
