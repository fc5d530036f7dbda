import { isFields, Parameter } from "@bellhop/contracts";
import { typeWords } from "../schema/compile.ts";

type Cast = { kind: "ok"; value: unknown } | { kind: "refused"; expected: string };

/** Gives a value the type that its parameter declares. Text comes from chat, where an array is a list with commas and an object is JSON or
 *  a Python literal; of other values only the type is looked at. */
export function castValue(value: unknown, parameter: Parameter): Cast {
  if (value === noneText) return { kind: "ok", value: null };
  const types = typesOf(parameter);
  const cast = types.length === 0 ? value : castFirst(value, types, parameter);
  return cast === undefined ? { kind: "refused", expected: typeWords(types) } : { kind: "ok", value: cast };
}

/** What StackStorm's `use_none` filter leaves in a text for None. */
const noneText = "%*****__%NONE%__*****%";

type Type = "string" | "integer" | "number" | "boolean" | "object" | "array" | "null";

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
      return isFields(parsed) ? parsed : undefined;
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
  const own = Parameter.safeParse({ type: schema.type });
  if (!own.success) return items;
  const cast = items.map((item) => castValue(item, own.data));
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
      return isFields(value) ? value : undefined;
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
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
