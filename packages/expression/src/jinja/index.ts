import { limits } from "../budget.ts";
import { BoundReached, ExpressionError, Located } from "../error.ts";
import { hasSpan, replacedSpans, spansOf, stripped } from "../spans.ts";
import { str } from "../value/text.ts";
import { JinjaSyntaxError } from "./errors.ts";
import type { Piece } from "./interpreter.ts";
import type { Surroundings } from "./outside.ts";
import type { Expression, Statement } from "./nodes.ts";
import { parseExpression, parseTemplate } from "./parser.ts";
import { type Outline, outlineOf, type Read, readsOf } from "./reads.ts";
import { evaluate, missing, render, renderPieces } from "./render.ts";

export { stackstormFilters, workflowFunctions } from "./functions.ts";
export type { Piece } from "./interpreter.ts";
export type { HostFunction, Surroundings } from "./outside.ts";
export type { Outline, Read } from "./reads.ts";

/** The text that a template makes, as StackStorm renders rules, parameters and aliases. @throws {ExpressionError} */
export function renderJinja(text: string, surroundings: Surroundings): string {
  return located({ expression: text, offset: 0 }, () => render(templates.read(text), surroundings));
}

/** The same text piece by piece: what stands in the template, and what its expressions gave. @throws {ExpressionError} */
export function renderJinjaPieces(text: string, surroundings: Surroundings): Piece[] {
  return located({ expression: text, offset: 0 }, () => renderPieces(templates.read(text), surroundings));
}

/** What a template asks its surroundings for, without rendering it. @throws {ExpressionError} where it can't be read */
export function jinjaReads(text: string): readonly Read[] {
  return located({ expression: text, offset: 0 }, () => reads.read(text));
}

/** What a template is made of, without rendering it. @throws {ExpressionError} where it can't be read */
export function jinjaOutline(text: string): readonly Outline[] {
  return located({ expression: text, offset: 0 }, () => outlineOf(text));
}

/** Whether there is anything to evaluate. As in orquesta an expression is on one line. */
export function hasJinja(text: string): boolean {
  return hasSpan(text, "{{", "}}") || hasSpan(text, "{%", "%}");
}

interface NestedSurroundings extends Surroundings {
  /** Texts that stand in the definition itself: where an expression gives one of them it is read for expressions again, as orquesta does with any. */
  readonly literals?: ReadonlySet<string>;
}

/** The value of a text with expressions, as orquesta has it: the type is kept where the whole text is one expression, else the values go into the text; a text
 *  with blocks is rendered whole. @throws {ExpressionError} also for names that are not there */
export function evaluateJinja(text: string, surroundings: NestedSurroundings): unknown {
  // What is in raw blocks stays away from all this, and is put back in the end: by itself, since what values say is no template.
  const raws = Array.from(spansOf(text, "{% raw %}", "{% endraw %}"));
  let count = 0;
  const without = replacedSpans(text, raws, () => `\ue000${count++}\ue000`);
  const output = expanded(without, surroundings, 0);
  if (typeof output !== "string" || raws.length === 0) return output;
  return output.replaceAll(/\ue000(\d+)\ue000/g, (all, place: string) => {
    const raw = raws[Number(place)];
    return raw === undefined ? all : renderJinja(raw.text, surroundings);
  });
}

export interface JinjaFault {
  /** The expression, or the whole text. */
  readonly expression: string;
  readonly message: string;
  /** In `expression`, from 0. */
  readonly position: number;
}

/** What can't be read in a text, without evaluating anything. */
export function validateJinja(text: string): JinjaFault[] {
  const faults: JinjaFault[] = [];
  const check = (expression: string, read: () => unknown, offset: number): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof JinjaSyntaxError)) throw error;
      faults.push({ expression, message: error.message, position: offset + error.position });
    }
  };
  check(text, () => templates.read(text), 0);
  const wrong = faults.length > 0;
  for (const expression of new Set(inlineOf(text))) {
    if (wrong && expression === text) continue;
    const source = bare(expression);
    // What comes after an expression was a matter of the whole text.
    check(
      expression,
      () => {
        try {
          expressions.read(source);
        } catch (error) {
          if (!(error instanceof JinjaSyntaxError) || error.message !== "chunk after expression") throw error;
        }
      },
      expression.indexOf(source),
    );
  }
  return faults;
}

/** The names that a text asks `ctx()` for. */
export function jinjaVariables(text: string): string[] {
  const names = new Set<string>();
  for (const expression of inlineOf(text)) {
    for (const reference of bare(expression).slice(0, longestRead).match(references) ?? []) {
      for (const pattern of namePatterns) {
        const name = pattern.exec(reference)?.[1];
        if (name !== undefined) names.add(name);
      }
    }
  }
  return Array.from(names).toSorted();
}

function inlineOf(text: string): string[] {
  return Array.from(spansOf(text, "{{", "}}"), (span) => span.text);
}

/** Names that stand further back are not found: the pattern is orquesta's, and takes time by the square of the length. */
const longestRead = 10_000;
const references = /\bctx\(['"]?[\][a-zA-Z0-9_'".()]*['"]?\)\.?[\][a-zA-Z0-9_'".()]*/g;
const namePatterns = [/(?<=\bctx\(\)\.)([\w-]+)\b(?!\()\.?/, /\bctx\(([\w-]+)\)/, /\bctx\('([\w-]+)'\)/, /\bctx\("([\w-]+)"\)/];

function expanded(text: string, surroundings: NestedSurroundings, depth: number): unknown {
  const again = (value: unknown): unknown => {
    if (typeof value !== "string" || surroundings.literals?.has(value) !== true || !hasJinja(value)) return value;
    if (depth >= deepest) throw tooDeep(text);
    return expanded(value, surroundings, depth + 1);
  };
  if (hasSpan(text, "{%", "%}")) return renderJinja(text, { ...surroundings, again });
  const parts: string[] = [];
  let from = 0;
  for (const { start, text: expression } of spansOf(text, "{{", "}}")) {
    const source = bare(expression);
    const value = located({ expression, offset: expression.indexOf(source) }, () => evaluate(expressions.read(source), surroundings));
    if (value === missing) throw unresolved(expression);
    const own = again(value);
    if (expression.length === text.length) return own;
    parts.push(text.slice(from, start), str(own));
    from = start + expression.length;
  }
  return parts.join("") + text.slice(from);
}

const deepest = 50;

/** As orquesta does it: all braces at the ends go. */
function bare(expression: string): string {
  return stripped(expression, "{}").trim();
}

function located<T>({ expression, offset }: { expression: string; offset: number }, work: () => T): T {
  const error = (fault: { type: string; message: string }, at: number): ExpressionError =>
    new ExpressionError({ type: fault.type, language: "jinja", expression, message: fault.message, position: offset + at, cause: fault });
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Located) throw error(cause.fault, cause.at);
    if (cause instanceof JinjaSyntaxError) throw error(cause, cause.position);
    if (cause instanceof RangeError) throw error(new BoundReached("depth", limits.depth), 0);
    throw cause;
  }
}

function unresolved(expression: string): ExpressionError {
  const message = `There are unresolved variables: ${bare(expression)}`;
  return new ExpressionError({ type: "UndefinedError", language: "jinja", expression, message });
}

function tooDeep(expression: string): ExpressionError {
  const message = `Expressions that give expressions, more than ${deepest} times over.`;
  return new ExpressionError({ type: "RecursionError", language: "jinja", expression, message });
}

/** What was read lately is not read again. */
function readOnce<T>(parse: (text: string) => T): { read: (text: string) => T } {
  const known = new Map<string, T>();
  return {
    read: (text) => {
      const found = known.get(text);
      if (found !== undefined) return found;
      const parsed = parse(text);
      if (known.size >= kept) known.delete(known.keys().next().value ?? "");
      if (text.length <= longestKept) known.set(text, parsed);
      return parsed;
    },
  };
}

const kept = 2000;
const longestKept = 10_000;
const templates = readOnce<readonly Statement[]>(parseTemplate);
const reads = readOnce<readonly Read[]>(readsOf);
const expressions = readOnce<Expression>(parseExpression);
