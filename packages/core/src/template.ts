import { ExpressionError, jinjaReads, renderJinja, stackstormFilters, type JinjaRead } from "@bellhop/expression";

/** What is wrong with a template, or went wrong in it. `offset` counts from 0 in UTF-16 units. */
export interface TemplateFault {
  /** The tag it stands in. */
  readonly expression: string;
  readonly offset: number;
  readonly message: string;
}

/** The first thing that is wrong with a template, or undefined where it is a good one (or none). */
export function templateFault(text: string): TemplateFault | undefined {
  const read = readTemplate(text);
  return read.kind === "fault" ? read.fault : undefined;
}

/** What a template asks for. */
export function readTemplate(text: string): { kind: "ok"; reads: readonly JinjaRead[] } | { kind: "fault"; fault: TemplateFault } {
  return attempt(text, () => ({ kind: "ok", reads: jinjaReads(text) }));
}

/** Fills a template: Jinja, as StackStorm has it. It is read once, and kept.
 *  @param missing what becomes of what is not there: `refused` is a fault, `empty` is nothing, and so is all in it */
export function fillTemplate(
  text: string,
  names: Readonly<Record<string, unknown>>,
  missing: "refused" | "empty",
): { kind: "ok"; text: string } | { kind: "fault"; fault: TemplateFault } {
  return attempt(text, () => ({ kind: "ok", text: renderJinja(text, surroundings(names, missing)) }));
}

export function surroundings(variables: Readonly<Record<string, unknown>>, missing: "refused" | "empty") {
  return { variables, filters: stackstormFilters, strict: missing === "refused", chained: missing === "empty" };
}

/** Does something with a template, and words what is wrong with it. */
export function attempt<T>(text: string, work: () => T): T | { kind: "fault"; fault: TemplateFault } {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { kind: "fault", fault: { ...tagAt(text, error.position ?? 0), message: error.message } };
  }
}

/** The tag at a position, or before it. */
export function tagAt(text: string, position: number): { expression: string; offset: number } {
  const offset = Math.max(0, ...["{{", "{%", "{#"].map((opening) => text.lastIndexOf(opening, position)));
  const close = text.indexOf(closings[text.slice(offset, offset + 2)] ?? "}}", offset);
  return { expression: close < 0 ? text.slice(offset) : text.slice(offset, close + 2), offset };
}

/** A value that a template asks for. */
interface TemplatePath {
  readonly path: readonly (string | number)[];
  /** From `{{` to `}}`, both included. */
  readonly expression: string;
  readonly offset: number;
}

export interface Template {
  readonly parts: readonly (string | TemplatePath)[];
}

/** Reads `{{ a.b[0] }}` templates. Parsed once, rendered often. */
export function parseTemplate(
  text: string,
): { kind: "ok"; template: Template } | { kind: "fault"; fault: Pick<TemplateFault, "expression" | "offset"> } {
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

/** Fills a template. What is missing or null becomes nothing, other values than text become JSON. */
export function renderTemplate(template: Template, names: Readonly<Record<string, unknown>>): string {
  return template.parts.map((part) => (typeof part === "string" ? part : textOf(valueAt(names, part.path)))).join("");
}

/** The value at a path; undefined where it leads nowhere. Own properties only. */
function valueAt(names: unknown, path: readonly (string | number)[]): unknown {
  let value = names;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** A value as text: what is missing or null becomes nothing, other values than text become JSON. */
function textOf(value: unknown): string {
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
