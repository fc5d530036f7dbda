import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { entriesOf, getKey, isMapping, isSequence } from "../value/kinds.ts";

/** What a JSONPath finds, as jsonpath-rw reads it; null where that is nothing. @throws {Fault} for a path that can't be read */
export function jsonpathQuery(value: unknown, query: string, budget: Budget): unknown[] | null {
  const path = new PathParser(query).path();
  const found = find(path, [{ value, parent: undefined }], budget).map((place) => place.value);
  return found.length === 0 ? null : found;
}

type Path =
  | { readonly kind: "root" | "this" | "parent" }
  | { readonly kind: "fields"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "slice"; readonly start: number | undefined; readonly end: number | undefined; readonly step: number | undefined }
  | { readonly kind: "child" | "descendants" | "union" | "where"; readonly left: Path; readonly right: Path };

interface Place {
  readonly value: unknown;
  readonly parent: Place | undefined;
}

function find(path: Path, places: readonly Place[], budget: Budget): Place[] {
  return places.flatMap((place) => {
    budget.spend();
    return findAt(path, place, budget);
  });
}

function findAt(path: Path, place: Place, budget: Budget): Place[] {
  const { value } = place;
  const inside = (inner: unknown): Place => ({ value: inner, parent: place });
  switch (path.kind) {
    case "root": {
      let root = place;
      while (root.parent !== undefined) root = root.parent;
      return [root];
    }
    case "this":
      return [place];
    case "parent":
      return place.parent === undefined ? [] : [place.parent];
    case "fields":
      if (!isMapping(value)) return [];
      if (path.names.includes("*")) return Array.from(entriesOf(value), ([, inner]) => inside(inner));
      return path.names.flatMap((name) => {
        const inner = getKey(value, name);
        return inner === undefined ? [] : [inside(inner)];
      });
    case "index": {
      if (!isSequence(value) && typeof value !== "string") {
        if (isMapping(value) && Array.from(entriesOf(value)).length <= path.index) return [];
        throw new Fault(isMapping(value) ? "KeyError" : "TypeError", `[${path.index}] of what is no list`);
      }
      if (value.length <= path.index) return [];
      const inner = value.at(path.index);
      if (inner === undefined) throw new Fault("IndexError", "list index out of range");
      return [inside(inner)];
    }
    case "slice": {
      // A single value is taken for a list of one.
      if (!isSequence(value)) return value === null ? [] : findAt(path, { value: [value], parent: place.parent }, budget);
      budget.spend(value.length);
      const items = value.slice(path.start, path.end).map(inside);
      const { step } = path;
      return step === undefined ? items : items.filter((_, index) => index % step === 0);
    }
    case "child":
      return find(path.right, findAt(path.left, place, budget), budget);
    case "union":
      return [...findAt(path.left, place, budget), ...findAt(path.right, place, budget)];
    case "where":
      return findAt(path.left, place, budget).filter((found) => findAt(path.right, found, budget).length > 0);
    case "descendants":
      return findAt(path.left, place, budget).flatMap((found) => below(path.right, found, budget));
  }
}

function below(path: Path, place: Place, budget: Budget): Place[] {
  budget.enter();
  budget.spend();
  const { value } = place;
  const children = isSequence(value) ? value : isMapping(value) ? Array.from(entriesOf(value), ([, inner]) => inner) : [];
  const own = path.kind === "index" && !isSequence(value) ? [] : findAt(path, place, budget);
  const found = [...own, ...children.flatMap((inner) => below(path, { value: inner, parent: place }, budget))];
  budget.leave();
  return found;
}

interface Token {
  readonly kind: "name" | "number" | "named" | "sign";
  readonly text: string;
}

const tokens = /\s+|(\.\.|[$.*|,:()[\]&])|(-?\d+)|([a-zA-Z_@][\w@-]*)|'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)"|`([^`]*)`/y;

class PathParser {
  readonly #tokens: Token[] = [];
  #next = 0;

  constructor(text: string) {
    tokens.lastIndex = 0;
    for (let at = 0; at < text.length; at = tokens.lastIndex) {
      const match = tokens.exec(text);
      if (match === null) throw new Fault("JsonPathLexerError", `Unexpected character at ${at} of the path: ${text[at] ?? ""}`);
      const [, sign, number, name, single, double, named] = match;
      const quoted = single ?? double;
      if (sign !== undefined) this.#tokens.push({ kind: "sign", text: sign });
      else if (number !== undefined) this.#tokens.push({ kind: "number", text: number });
      else if (named !== undefined) this.#tokens.push({ kind: "named", text: named });
      else if (quoted !== undefined) this.#tokens.push({ kind: "name", text: quoted.replace(/\\([^])/g, "$1") });
      else if (name !== undefined) this.#tokens.push({ kind: "name", text: name });
    }
  }

  path(): Path {
    const path = this.#descent(0);
    if (this.#next < this.#tokens.length) throw this.#fault();
    return path;
  }

  /** `..` binds loosest, then `.`, then `|`, then `where`. */
  #descent(depth: number): Path {
    if (depth > 50) throw new Fault("Exception", "The path is nested too deep.");
    let left: Path = this.#skip("..") ? { kind: "descendants", left: { kind: "this" }, right: this.#child(depth) } : this.#child(depth);
    while (this.#skip("..")) left = { kind: "descendants", left, right: this.#child(depth) };
    return left;
  }

  #child(depth: number): Path {
    let left = this.#union(depth);
    while (this.#skip(".")) left = { kind: "child", left, right: this.#union(depth) };
    return left;
  }

  #union(depth: number): Path {
    let left = this.#where(depth);
    while (this.#skip("|")) left = { kind: "union", left, right: this.#where(depth) };
    return left;
  }

  #where(depth: number): Path {
    let left = this.#step(depth);
    while (this.#is("name", "where")) {
      this.#next += 1;
      left = { kind: "where", left, right: this.#step(depth) };
    }
    return left;
  }

  #step(depth: number): Path {
    let path = this.#first(depth);
    while (this.#is("sign", "[")) path = { kind: "child", left: path, right: this.#brackets() };
    return path;
  }

  #first(depth: number): Path {
    const token = this.#tokens[this.#next];
    if (token?.kind === "sign" && token.text === "[") return this.#brackets();
    if (token?.kind === "named") {
      this.#next += 1;
      if (token.text === "this" || token.text === "parent") return { kind: token.text };
      throw new Fault("Exception", `Unknown named operator \`${token.text}\` in the path.`);
    }
    if (this.#skip("$")) return { kind: "root" };
    if (this.#skip("(")) {
      const inner = this.#descent(depth + 1);
      this.#expect(")");
      return inner;
    }
    return { kind: "fields", names: this.#names() };
  }

  #names(): string[] {
    const names: string[] = [];
    do {
      const token = this.#tokens[this.#next];
      if (token === undefined || (token.kind !== "name" && token.text !== "*")) throw this.#fault();
      this.#next += 1;
      names.push(token.text);
    } while (this.#skip(","));
    return names;
  }

  #brackets(): Path {
    this.#expect("[");
    const path = this.#inBrackets();
    this.#expect("]");
    return path;
  }

  #inBrackets(): Path {
    if (this.#skip("*")) return { kind: "slice", start: undefined, end: undefined, step: undefined };
    if (this.#tokens[this.#next]?.kind === "name") return { kind: "fields", names: this.#names() };
    const start = this.#number();
    if (!this.#is("sign", ":")) {
      if (start === undefined) throw this.#fault();
      return { kind: "index", index: start };
    }
    this.#next += 1;
    const end = this.#number();
    const step = this.#skip(":") ? this.#number() : undefined;
    if (step !== undefined && step < 1) throw new Fault("ValueError", "a slice of a path goes forward");
    return { kind: "slice", start, end, step };
  }

  #number(): number | undefined {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "number") return undefined;
    this.#next += 1;
    return Number(token.text);
  }

  #is(kind: Token["kind"], text: string): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === kind && token.text === text;
  }

  #skip(sign: string): boolean {
    if (!this.#is("sign", sign)) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#skip(sign)) throw this.#fault();
  }

  #fault(): Fault {
    const token = this.#tokens[this.#next];
    return new Fault("Exception", token === undefined ? "The path ends too early." : `Parse error near "${token.text}" of the path.`);
  }
}
