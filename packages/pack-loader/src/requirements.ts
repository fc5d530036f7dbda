import { isFields } from "@bellhop/contracts";
/** A copy of a JSON Schema in StackStorm's way: whether a field is required stands on the field itself, at any depth, and not in a list beside the fields. */
export function requiredOnFields(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { required, ...rest } = schema;
  const copy: Record<string, unknown> = Array.isArray(required) || required === undefined ? rest : { ...rest, required };
  for (const word of ["properties", "patternProperties"]) {
    const fields = schema[word];
    if (!isFields(fields)) continue;
    const names: unknown[] = word === "properties" && Array.isArray(required) ? required : [];
    copy[word] = Object.fromEntries(
      Object.entries(fields).map(([name, field]) => {
        const inner = isFields(field) ? requiredOnFields(field) : field;
        return [name, names.includes(name) && isFields(inner) ? { ...inner, required: true } : inner];
      }),
    );
  }
  for (const word of ["items", "additionalProperties"]) {
    const inner = schema[word];
    if (isFields(inner)) copy[word] = requiredOnFields(inner);
  }
  return copy;
}
