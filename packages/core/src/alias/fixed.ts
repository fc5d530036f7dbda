import { parseTemplate, renderTemplate } from "../template.ts";

export type Fixed =
  | { kind: "ok"; input: Record<string, unknown> }
  /** The command gives a parameter that is fixed. */
  | { kind: "taken"; name: string }
  /** A value is no template that can be filled from these names. */
  | { kind: "fault"; name: string; expression: string };

/** What a command gives, and what its alias fixes: `immutable_parameters`, filled from who asked and where. */
export function fixedParameters(at: {
  fixed: Readonly<Record<string, unknown>>;
  given: Readonly<Record<string, unknown>>;
  names: Readonly<Record<string, unknown>>;
}): Fixed {
  const input: Record<string, unknown> = { ...at.given };
  for (const [name, value] of Object.entries(at.fixed)) {
    if (Object.hasOwn(at.given, name)) return { kind: "taken", name };
    const filled = fill(value, at.names);
    if (filled.kind === "fault") return { ...filled, name };
    input[name] = filled.value;
  }
  return { kind: "ok", input };
}

type Filled = { kind: "ok"; value: unknown } | { kind: "fault"; expression: string };

function fill(value: unknown, names: Readonly<Record<string, unknown>>): Filled {
  if (typeof value === "string") {
    const parsed = parseTemplate(value);
    if (parsed.kind === "fault") return { kind: "fault", expression: parsed.fault.expression };
    const unknown = parsed.template.parts.find((part) => typeof part !== "string" && !Object.hasOwn(names, String(part.path[0])));
    if (unknown !== undefined && typeof unknown !== "string") return { kind: "fault", expression: unknown.expression };
    return { kind: "ok", value: renderTemplate(parsed.template, names) };
  }
  if (typeof value !== "object" || value === null) return { kind: "ok", value };
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const filled = fill(inner, names);
    if (filled.kind === "fault") return filled;
    entries.push([key, filled.value]);
  }
  return { kind: "ok", value: Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries) };
}
