/** An expression that is more than a dotted path. `offset` counts from 0 in UTF-16 units. */
export interface TemplateFault {
  readonly expression: string;
  readonly offset: number;
}

/** A value that a template asks for. */
export interface TemplatePath {
  readonly path: readonly (string | number)[];
  /** From `{{` to `}}`, both included. */
  readonly expression: string;
  readonly offset: number;
}

export interface Template {
  readonly parts: readonly (string | TemplatePath)[];
}

/** Reads `{{ a.b[0] }}` templates. Parsed once, rendered often. */
export function parseTemplate(text: string): { kind: "ok"; template: Template } | { kind: "fault"; fault: TemplateFault } {
  const parts: (string | TemplatePath)[] = [];
  let at = 0;
  for (const found of text.matchAll(/\{\{|\{%|(?<!\$)\{#/g)) {
    const offset = found.index;
    if (offset < at) continue;
    if (offset > at) parts.push(text.slice(at, offset));
    const closing = closings[found[0]] ?? "}}";
    const close = text.indexOf(closing, offset + 2);
    const expression = close < 0 ? text.slice(offset) : text.slice(offset, close + closing.length);
    const path = found[0] === "{{" && close >= 0 ? pathOf(text.slice(offset + 2, close)) : undefined;
    if (path === undefined) return { kind: "fault", fault: { expression, offset } };
    parts.push({ path, expression, offset });
    at = offset + expression.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return { kind: "ok", template: { parts } };
}

/** The first expression of a text that templates don't know, or undefined where it is a good template (or none). */
export function templateFault(text: string): TemplateFault | undefined {
  const parsed = parseTemplate(text);
  return parsed.kind === "fault" ? parsed.fault : undefined;
}

/** Fills a template. What is missing or null becomes nothing, other values than text become JSON. */
export function renderTemplate(template: Template, names: Readonly<Record<string, unknown>>): string {
  return template.parts.map((part) => (typeof part === "string" ? part : textOf(valueAt(names, part.path)))).join("");
}

/** The value at a path; undefined where it leads nowhere. Own properties only. */
export function valueAt(names: unknown, path: readonly (string | number)[]): unknown {
  let value = names;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** A value as text: what is missing or null becomes nothing, other values than text become JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

const closings: Readonly<Record<string, string>> = { "{{": "}}", "{%": "%}", "{#": "#}" };

function pathOf(inner: string): (string | number)[] | undefined {
  const text = inner.trim();
  if (!/^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_][\p{L}\p{N}_-]*|\[(?:\d+|'[^']*'|"[^"]*")\])*$/u.test(text)) return undefined;
  return Array.from(text.matchAll(/\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]|\.?([\p{L}\p{N}_-]+)/gu), ([, index, single, double, name]) =>
    index === undefined ? (single ?? double ?? name ?? "") : Number(index),
  );
}
