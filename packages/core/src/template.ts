import {
  Budget,
  ExpressionError,
  jinjaReads,
  renderJinja,
  stackstormFilters,
  type JinjaRead,
  type JinjaSurroundings,
} from "@bellhop/expression";

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

/** Fills every text in a value, all of them with one budget. What can't be filled is empty: that is its author's fault, and no reason to hide the rest. */
export function fillWithin(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  const around = surroundings(names, "empty");
  const filled = (part: unknown): unknown => {
    if (typeof part === "string") {
      const text = attempt(part, () => ({ kind: "ok" as const, text: renderJinja(part, around) }));
      return text.kind === "ok" ? text.text : "";
    }
    if (Array.isArray(part)) return part.map(filled);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, filled(inner)]));
  };
  return filled(value);
}

export function surroundings(variables: Readonly<Record<string, unknown>>, missing: "refused" | "empty"): JinjaSurroundings {
  return {
    variables,
    filters: stackstormFilters,
    strict: missing === "refused",
    chained: missing === "empty",
    budget: new Budget(atMost),
  };
}

/** The engine fills templates between other people's messages: some tens of milliseconds at most. */
const atMost = { steps: 200_000, size: 2_000_000 };

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

const closings: Readonly<Record<string, string>> = { "{{": "}}", "{%": "%}", "{#": "#}" };
