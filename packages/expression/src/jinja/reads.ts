import { JinjaSyntaxError } from "./errors.ts";
import { builtInFilters } from "./filters.ts";
import { stackstormFilters } from "./functions.ts";
import { lexTemplate } from "./lexer.ts";
import type { Expression, Given, Signature, Statement, Target } from "./nodes.ts";
import { parseTemplate } from "./parser.ts";
import { builtInTests } from "./tests.ts";

/** A value that a template asks its surroundings for. */
export interface Read {
  /** The name, and the keys and places that follow it as far as they are known beforehand. Null stands for each item of a list that is gone through. */
  readonly path: readonly (string | number | null)[];
  /** The tag it stands in, with its delimiters. */
  readonly expression: string;
  /** Where that begins, from 0. */
  readonly offset: number;
  /** Asked whether it is there, or with something to take its place: it need not be. */
  readonly guarded: boolean;
}

/** What a template reads, in the order it is written; what the template itself sets is not among it.
 *  @throws {JinjaSyntaxError} also for a filter or test that neither Jinja nor StackStorm has: such a template ends there, whatever it is given */
export function readsOf(text: string): Read[] {
  const tags = tagsOf(text);
  const found: Read[] = [];
  const walk = new Walk((path, at, guarded) => {
    const tag = tagAt(tags, at);
    if (tag !== undefined) found.push({ path, guarded, ...tag });
  });
  walk.statements(parseTemplate(text), new Map());
  return found;
}

/** A template as far as it can be told without names: what stands in it, where values come, and what it chooses between or repeats. */
export type Outline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly expression: string; readonly offset: number }
  | { readonly kind: "either"; readonly ways: readonly (readonly Outline[])[] };

/** @throws {JinjaSyntaxError} */
export function outlineOf(text: string): Outline[] {
  const tags = tagsOf(text);
  const value = (at: number): Outline => ({
    kind: "value",
    ...(tagAt(tags, at) ?? { expression: "", offset: at }),
  });
  const printed = (node: Expression, at: number): Outline[] => {
    if (node.kind === "const" && typeof node.value === "string") return [{ kind: "text", text: node.value }];
    if (node.kind !== "if") return [value(at)];
    return [{ kind: "either", ways: [printed(node.value, at), node.otherwise === undefined ? [] : printed(node.otherwise, at)] }];
  };
  const all = (statements: readonly Statement[]): Outline[] =>
    statements.flatMap((statement): Outline[] => {
      switch (statement.kind) {
        case "text":
          return [{ kind: "text", text: statement.text }];
        case "print":
          return printed(statement.value, statement.at);
        case "for":
          return [{ kind: "either", ways: [all(statement.body), all(statement.otherwise)] }];
        case "if":
          return [{ kind: "either", ways: [...statement.branches.map(([, body]) => all(body)), all(statement.otherwise)] }];
        case "with":
        case "scope":
          return all(statement.body);
        case "call":
        case "filter":
          return [value(statement.at)];
        case "macro":
        case "set":
        case "refused":
          return [];
      }
    });
  return all(parseTemplate(text));
}

interface Tag {
  readonly expression: string;
  readonly offset: number;
}

/** The last of them that begins at a place or before it. */
function tagAt(tags: readonly Tag[], at: number): Tag | undefined {
  let [low, high] = [0, tags.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tags[middle]?.offset ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return tags[low - 1];
}

/** The tags of a template and where they begin. */
function tagsOf(text: string): Tag[] {
  const tags: Tag[] = [];
  let begin = 0;
  for (const token of lexTemplate(text)) {
    if (token.kind === "variableBegin" || token.kind === "blockBegin") begin = token.at;
    else if (token.kind === "variableEnd" || token.kind === "blockEnd") {
      tags.push({ expression: text.slice(begin, token.at + token.text.trimEnd().length), offset: begin });
    }
  }
  return tags;
}

type Path = readonly (string | number | null)[];
/** What the names of a template stand for: a part of what it was given, or undefined for anything else. */
type Names = Map<string, Path | undefined>;

class Walk {
  readonly #found: (path: Path, at: number, guarded: boolean) => void;

  constructor(found: (path: Path, at: number, guarded: boolean) => void) {
    this.#found = found;
  }

  statements(statements: readonly Statement[], names: Names): void {
    for (const statement of statements) this.#statement(statement, names);
  }

  #statement(statement: Statement, names: Names): void {
    switch (statement.kind) {
      case "print":
      case "filter":
        return this.#value(statement.value, names);
      case "for": {
        const items = this.#pathOf(statement.items, names);
        this.#value(statement.items, names);
        const inner = new Map(names).set("loop", undefined);
        bind(statement.target, items === undefined ? undefined : [...items, null], inner);
        if (statement.test !== undefined) this.#value(statement.test, inner);
        this.statements(statement.body, inner);
        return this.statements(statement.otherwise, new Map(names));
      }
      case "if": {
        const ways = statement.branches.map(([test, body]) => {
          this.#value(test, names);
          const own = new Map(names);
          this.statements(body, own);
          return own;
        });
        const own = new Map(names);
        this.statements(statement.otherwise, own);
        // What only some of the ways set may be the surroundings' in the others.
        for (const name of own.keys()) if (ways.every((way) => way.has(name))) names.set(name, undefined);
        return;
      }
      case "macro":
        names.set(statement.name, undefined);
        return this.#macro(statement, names);
      case "call":
        this.#value(statement.call, names);
        return this.#macro(statement, names);
      case "set":
        this.#value(statement.value, names);
        return bind(statement.target, this.#pathOf(statement.value, names), names);
      case "with": {
        const inner = new Map(names);
        for (const [target, value] of statement.targets) {
          this.#value(value, names);
          bind(target, this.#pathOf(value, names), inner);
        }
        return this.statements(statement.body, inner);
      }
      case "scope":
        return this.statements(statement.body, new Map(names));
      case "text":
      case "refused":
    }
  }

  #macro({ signature, body }: { signature: Signature; body: readonly Statement[] }, names: Names): void {
    for (const value of signature.defaults) this.#value(value, names);
    const inner = new Map(names);
    for (const name of [...signature.parameters, "caller", "varargs", "kwargs"]) inner.set(name, undefined);
    this.statements(body, inner);
  }

  #value(node: Expression, names: Names, guarded = false): void {
    const path = this.#pathOf(node, names);
    if (path !== undefined) {
      this.#found(path, node.at, guarded);
      return;
    }
    switch (node.kind) {
      case "list":
      case "tuple":
        for (const item of node.items) this.#value(item, names);
        return;
      case "dict":
        for (const pair of node.pairs) for (const one of pair) this.#value(one, names);
        return;
      case "attribute":
        return this.#value(node.target, names, guarded);
      case "item":
        this.#value(node.target, names, guarded);
        return this.#value(node.index, names);
      case "slice":
        for (const part of [node.start, node.stop, node.step]) if (part !== undefined) this.#value(part, names);
        return;
      case "call":
        // A method is not a field of what it is called on.
        this.#value(node.target.kind === "attribute" ? node.target.target : node.target, names);
        return this.#given(node.given, names);
      case "filter":
        if (!builtInFilters.has(node.name) && !stackstormFilters.has(node.name)) {
          throw new JinjaSyntaxError(`No filter named '${node.name}'.`, node.at);
        }
        this.#value(node.target, names, node.name === "default" || node.name === "d");
        return this.#given(node.given, names);
      case "test":
        if (!builtInTests.has(node.name) && node.name !== "filter") throw new JinjaSyntaxError(`No test named '${node.name}'.`, node.at);
        this.#value(node.target, names, node.name === "defined" || node.name === "undefined");
        return this.#given(node.given, names);
      case "not":
      case "negative":
      case "positive":
        return this.#value(node.operand, names);
      case "binary":
      case "and":
      case "or":
        this.#value(node.left, names);
        return this.#value(node.right, names);
      case "concat":
        for (const part of node.parts) this.#value(part, names);
        return;
      case "compare":
        this.#value(node.first, names);
        for (const [, operand] of node.rest) this.#value(operand, names);
        return;
      case "if":
        for (const part of [node.test, node.value, node.otherwise]) if (part !== undefined) this.#value(part, names);
        return;
      case "body":
        return this.statements(node.body, new Map(names));
      case "const":
      case "name":
    }
  }

  #given({ args, named, more, moreNamed }: Given, names: Names): void {
    for (const value of args) this.#value(value, names);
    for (const [, value] of named) this.#value(value, names);
    for (const value of [more, moreNamed]) if (value !== undefined) this.#value(value, names);
  }

  /** Undefined for what is no path, or one into what the template made itself. */
  #pathOf(node: Expression, names: Names): Path | undefined {
    if (node.kind === "name") return names.has(node.name) ? names.get(node.name) : [node.name];
    if (node.kind !== "attribute" && node.kind !== "item") return undefined;
    const step = node.kind === "attribute" ? node.name : stepOf(node.index);
    const before = step === undefined ? undefined : this.#pathOf(node.target, names);
    return before === undefined || step === undefined ? undefined : [...before, step];
  }
}

function stepOf(index: Expression): string | number | undefined {
  return index.kind === "const" && (typeof index.value === "string" || typeof index.value === "number") ? index.value : undefined;
}

function bind(target: Target, path: Path | undefined, names: Names): void {
  if (target.kind === "name") names.set(target.name, path);
  else if (target.kind === "tuple") for (const inner of target.targets) bind(inner, undefined, names);
}
