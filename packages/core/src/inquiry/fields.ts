import type { Field, Form, Inquiry, Parameter } from "@bellhop/contracts";
import { Parameter as ParameterSchema } from "@bellhop/contracts";

/** What an answer has to be, field by field. StackStorm takes a JSON Schema of an object, whose properties say themselves whether they are required; fields alone are
 *  taken for its properties. */
export function askedFields({ schema }: Pick<Inquiry, "schema">): Readonly<Record<string, Parameter>> {
  const { properties, required } = schema;
  const isObject = typeof properties === "object" && properties !== null && !("type" in properties && typeof properties.type === "string");
  const named = Array.isArray(required) ? new Set(required) : new Set<unknown>();
  const fields: Record<string, Parameter> = {};
  for (const [name, value] of Object.entries(isObject ? properties : schema)) {
    const { data } = ParameterSchema.safeParse(value);
    if (data !== undefined) fields[name] = named.has(name) ? { ...data, required: true } : data;
  }
  return fields;
}

/** Whether an answer may hold what no field says. */
export function isOpen({ schema }: Pick<Inquiry, "schema">): boolean {
  return schema["additionalProperties"] === true;
}

export function secretsOf(inquiry: Pick<Inquiry, "schema">): ReadonlySet<string> {
  return new Set(Object.entries(askedFields(inquiry)).flatMap(([name, { secret }]) => (secret === true ? [name] : [])));
}

/** The same as a form that people fill in. */
export function formOf(inquiry: Pick<Inquiry, "schema">): Form | undefined {
  const fields = Object.entries(askedFields(inquiry)).map(([name, parameter]): Field => {
    const { description = "", required = false, default: value } = parameter;
    const options = optionsOf(parameter);
    return {
      name,
      label: name,
      ...(description === "" ? {} : { hint: description }),
      ...(options === undefined ? {} : { options }),
      required: required && value === undefined,
      ...(value === undefined || value === null ? {} : { value: textOf(value) }),
    };
  });
  return fields.length === 0 ? undefined : { title: "Answer", fields };
}

/** What can be picked; undefined where it is written. */
export function optionsOf({ type, enum: choice }: Parameter): { label: string; value: string }[] | undefined {
  if (choice !== undefined) return choice.length === 0 ? undefined : choice.map((one) => ({ label: textOf(one), value: textOf(one) }));
  return type === "boolean" ? [true, false].map((one) => ({ label: one ? "Yes" : "No", value: String(one) })) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
