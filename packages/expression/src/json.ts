import { float, Float, int } from "./number.ts";

/** Reads JSON as Python does: `1` and `1.0` stay two things, and no int loses a digit. @throws SyntaxError */
export function readJson(text: string): unknown {
  return JSON.parse(text, function (_key, value: unknown, context?: { source?: string }) {
    if (typeof value !== "number" || context?.source === undefined) return value;
    return /^-?\d+$/.test(context.source) ? int(BigInt(context.source)) : float(value);
  } as (key: string, value: unknown) => unknown);
}

/** The other way round. Floats that are whole end in `.0`. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return rawJson(String(inner));
    if (inner instanceof Float) return rawJson(Object.is(inner.value, -0) ? "-0.0" : textOf(inner.value));
    return inner;
  });
}

function textOf(whole: number): string {
  const text = String(whole);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Node has it since 21; TypeScript's library does not know it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON: (text: string) => unknown };
