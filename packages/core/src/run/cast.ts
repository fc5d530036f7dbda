import type { Parameter } from "@bellhop/contracts";

export type Cast = { kind: "ok"; value: unknown } | { kind: "refused"; expected: string };

/** Gives a value the type that its parameter declares. Text comes from chat, where an array is a list with commas and an object is JSON or
 *  a Python literal; other values are checked. */
export function castValue(value: unknown, parameter: Parameter): Cast {
  const types = typesOf(parameter);
  const cast = types.length === 0 ? value : castFirst(value, types, parameter);
  if (cast === undefined) return refused(types.map((type) => words[type] ?? type).join(" or "));
  if (parameter.enum && !parameter.enum.some((allowed) => JSON.stringify(allowed) === JSON.stringify(cast))) {
    return refused(`one of ${parameter.enum.map((allowed) => String(allowed)).join(", ")}`);
  }
  const { minimum, maximum } = parameter;
  if (typeof cast === "number" && typeof minimum === "number" && cast < minimum) return refused(`${minimum} or more`);
  if (typeof cast === "number" && typeof maximum === "number" && cast > maximum) return refused(`${maximum} or less`);
  return { kind: "ok", value: cast };
}

type Type = "string" | "integer" | "number" | "boolean" | "object" | "array" | "null";

const words: Readonly<Record<Type, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: 'an object as JSON, such as {"a": 1}',
  array: "a list such as a,b,c",
  null: "nothing",
};

/** Text fits a string whatever it says, so the string is tried last. */
function typesOf(parameter: Parameter): Type[] {
  const declared = parameter.type === undefined ? [] : Array.isArray(parameter.type) ? parameter.type : [parameter.type];
  return declared.toSorted((a, b) => Number(a === "string") - Number(b === "string"));
}

function castFirst(value: unknown, types: readonly Type[], parameter: Parameter): unknown {
  for (const type of types) {
    const cast = typeof value === "string" ? fromText(value, type, parameter) : checked(value, type);
    if (cast !== undefined) return cast;
  }
  return undefined;
}

function fromText(text: string, type: Type, parameter: Parameter): unknown {
  const trimmed = text.trim();
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^[+-]?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed)) ? Number(trimmed) : undefined;
    case "number":
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
    case "boolean":
      return booleans[trimmed.toLowerCase()];
    case "null":
      return /^(null|none|)$/i.test(trimmed) ? null : undefined;
    case "object": {
      const parsed = literal(trimmed);
      return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
    }
    case "array": {
      const parsed = trimmed.startsWith("[") ? literal(trimmed) : undefined;
      if (Array.isArray(parsed)) return parsed;
      const items = trimmed === "" ? [] : trimmed.split(",").map((item) => item.trim());
      return castItems(items, parameter);
    }
  }
}

function castItems(items: readonly string[], parameter: Parameter): unknown {
  const { items: schema } = parameter;
  if (typeof schema !== "object" || schema === null || !("type" in schema) || typeof schema.type !== "string") return items;
  const type = schema.type;
  if (!Object.hasOwn(words, type)) return items;
  const cast = items.map((item) => castValue(item, { type: type as Type }));
  return cast.every((one) => one.kind === "ok") ? cast.map((one) => one.value) : undefined;
}

function checked(value: unknown, type: Type): unknown {
  switch (type) {
    case "string":
      return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
    case "integer":
      return Number.isInteger(value) ? value : undefined;
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "null":
      return value === null ? null : undefined;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    case "array":
      return Array.isArray(value) ? value : undefined;
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

/** JSON, or else a Python literal: single quotes, True, False and None. */
function literal(text: string): unknown {
  const json = parsed(text);
  if (json !== undefined) return json;
  return parsed(
    text.replace(/"(?:\\[\s\S]|[^"\\])*"|'((?:\\[\s\S]|[^'\\])*)'|\b(?:True|False|None)\b/g, (whole, single?: string) => {
      if (single !== undefined) return JSON.stringify(single.replace(/\\(['\\])/g, "$1"));
      return python[whole] ?? whole;
    }),
  );
}

const python: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refused(expected: string): Cast {
  return { kind: "refused", expected };
}
