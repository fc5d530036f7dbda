import { Misread, tokensOf, type Token } from "./lex.ts";

export type Node =
  | { readonly kind: "constant"; readonly value: unknown; readonly word: boolean; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  /** A function, a method, an operator, `[…]` or `{…}`: all are calls by name. */
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly (Node | undefined)[];
      readonly at: number;
      readonly receives: boolean;
    }
  | { readonly kind: "mapping"; readonly source: Node; readonly destination: Node; readonly at: number }
  | { readonly kind: "wrap"; readonly inner: Node; readonly at: number };

/** @throws {Misread} YaqlGrammarException, YaqlLexicalException */
export function parse(text: string): Node {
  const parser = new Parser(text);
  const node = parser.value(0);
  parser.end();
  return node;
}

/** How firmly an operator holds what is left of it. */
const binary: Readonly<Record<string, number>> = {
  "->": 1,
  or: 2,
  and: 3,
  ">": 5,
  "<": 5,
  ">=": 5,
  "<=": 5,
  "!=": 5,
  "=": 5,
  in: 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  mod: 7,
  "=~": 8,
  "!~": 8,
  ".": 11,
  "?.": 11,
};
const prefix: Readonly<Record<string, number>> = { not: 4, "+": 9, "-": 9 };
const indexing = 10;
/** As deep as an expression may be written. */
const deepest = 150;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  value(least: number): Node {
    this.#depth += 1;
    if (this.#depth > deepest)
      throw new Misread("BoundReached", `It is nested more than ${deepest} levels deep.`, this.#tokens[this.#next]?.at);
    let left = this.#first();
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token === undefined) break;
      if (token.kind === "mark" && token.value === "[") {
        if (indexing < least) break;
        this.#next += 1;
        left = called("#indexer", [left, ...this.#args("]")], token.at);
        continue;
      }
      if (token.kind !== "operator") break;
      const power = binary[token.value];
      if (power === undefined || power < least) break;
      this.#next += 1;
      const right = this.value(token.value === "->" ? power : power + 1);
      left = called(nameOf(token.value), [left, right], token.at);
    }
    this.#depth -= 1;
    return left;
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token !== undefined) this.#unexpected(token);
  }

  #first(): Node {
    const token = this.#take();
    switch (token.kind) {
      case "constant":
        return { kind: "constant", value: token.value, word: false, at: token.at };
      case "word":
        return { kind: "constant", value: token.value, word: true, at: token.at };
      case "variable":
        return { kind: "variable", name: token.value, at: token.at };
      case "function":
        return { kind: "call", name: token.value, args: this.#args(")"), at: token.at, receives: true };
      case "operator": {
        const power = prefix[token.value];
        if (power === undefined) return this.#unexpected(token);
        return called(`#unary_operator_${token.value}`, [this.value(power)], token.at);
      }
      case "mark":
        return this.#group(token);
    }
  }

  #group(token: Token): Node {
    if (token.value === "[") return called("#list", this.#args("]"), token.at);
    if (token.value === "{") return called("#map", this.#args("}"), token.at);
    if (token.value !== "(") return this.#unexpected(token);
    const inner = this.value(0);
    const close = this.#take();
    if (close.kind !== "mark" || close.value !== ")") this.#unexpected(close);
    return { kind: "wrap", inner, at: token.at };
  }

  /** Up to the closing mark. A place left empty takes its default; `name => value` comes after all that have no name. */
  #args(close: string): (Node | undefined)[] {
    const args: (Node | undefined)[] = [];
    const is = (value: string) => {
      const token = this.#tokens[this.#next];
      return token?.kind === "mark" && token.value === value;
    };
    if (is(close)) {
      this.#next += 1;
      return args;
    }
    let named = false;
    for (;;) {
      if (is(",")) {
        if (named) this.#unexpected(this.#take());
        this.#next += 1;
        args.push(undefined);
        continue;
      }
      const value = this.value(0);
      if (is("=>")) {
        const arrow = this.#take();
        args.push({ kind: "mapping", source: value, destination: this.value(0), at: arrow.at });
        named = true;
      } else if (named) {
        this.#unexpected(this.#take());
      } else {
        args.push(value);
      }
      const token = this.#take();
      if (token.kind !== "mark") this.#unexpected(token);
      if (token.value === close) return args;
      if (token.value !== ",") this.#unexpected(token);
    }
  }

  #take(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new Misread("YaqlGrammarException", "Parse error: unexpected end of statement", this.#text.length);
    this.#next += 1;
    return token;
  }

  #unexpected(token: Token): never {
    const shown = token.kind === "constant" ? String(token.value) : token.value;
    throw new Misread(
      "YaqlGrammarException",
      `Parse error: unexpected '${shown}' at position ${token.at} of expression '${this.#text}'`,
      token.at,
    );
  }
}

/** What is written otherwise than a function, and is one. */
function called(name: string, args: readonly (Node | undefined)[], at: number): Node {
  return { kind: "call", name, args, at, receives: false };
}

function nameOf(operator: string): string {
  if (operator === "=") return "*equal";
  return operator === "!=" ? "*not_equal" : `#operator_${operator}`;
}
