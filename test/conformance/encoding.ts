import { DateTime, Dict, float, Float, isoOf, PythonSet, Shown, TimeDelta, typeName, writeJson } from "@bellhop/expression";

/** A value in the form of the tables: what JSON has no word for is an object with `__type__`. */
export function encoded(value: unknown): unknown {
  if (value instanceof Float || typeof value === "number") {
    const number = value instanceof Float ? value.value : value;
    if (Number.isNaN(number)) return { __type__: "float", value: "nan" };
    return Number.isFinite(number) ? value : { __type__: "float", value: number > 0 ? "inf" : "-inf" };
  }
  if (Array.isArray(value)) return value.map(encoded);
  if (value instanceof PythonSet) {
    const items = Array.from(value, encoded);
    return { __type__: "set", value: items.toSorted((left, right) => (writeJson(left) < writeJson(right) ? -1 : 1)) };
  }
  if (value instanceof DateTime) return { __type__: "datetime", value: isoOf(value) };
  if (value instanceof TimeDelta) return { __type__: "timedelta", seconds: float(Number(value.micros) / 1_000_000) };
  if (value instanceof Dict)
    return { __type__: "dict", items: Array.from(value.entries(), ([key, inner]) => [encoded(key), encoded(inner)]) };
  if (value instanceof Shown) return { __type__: value.type, repr: value.text };
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encoded(inner)]));
  return value;
}

/** As the tables name types. */
export function typeOf(value: unknown): string {
  const name = value instanceof Shown ? value.type : typeName(value);
  return { NoneType: "null", str: "string", list: "list" }[name] ?? name;
}
