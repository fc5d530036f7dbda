import { JinjaSyntaxError } from "./errors.ts";
import type { Token } from "./lexer.ts";

/** Deeper than any template is, and less than the stack holds. */
const deepest = 100;

/** A way through tokens: what is next, and what must be. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get now(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("a token list has an end");
    return token;
  }

  /** What comes after what is next. */
  get after(): Token | undefined {
    return this.#tokens[this.#next + 1];
  }

  take(): Token {
    const token = this.now;
    this.#next += 1;
    return token;
  }

  is(kind: "name" | "operator", ...texts: readonly string[]): boolean {
    return this.now.kind === kind && texts.includes(this.now.text);
  }

  skip(kind: "name" | "operator", text: string): boolean {
    if (!this.is(kind, text)) return false;
    this.#next += 1;
    return true;
  }

  expect(kind: Token["kind"], text?: string): Token {
    if (this.now.kind !== kind || (text !== undefined && this.now.text !== text)) throw this.unexpected(text ?? kindNames[kind]);
    return this.take();
  }

  unexpected(expected: string): JinjaSyntaxError {
    const { kind, at } = this.now;
    if (kind === "end") return new JinjaSyntaxError(`unexpected end of template, expected '${expected}'.`, at);
    return new JinjaSyntaxError(`expected token '${expected}', got ${nameOf(this.now)}`, at);
  }

  deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > deepest) throw new JinjaSyntaxError(`nested more than ${deepest} levels deep`, this.now.at);
    const result = read();
    this.#depth -= 1;
    return result;
  }
}

const kindNames: Readonly<Record<Token["kind"], string>> = {
  text: "template data / text",
  blockBegin: "begin of statement block",
  blockEnd: "end of statement block",
  variableBegin: "begin of print statement",
  variableEnd: "end of print statement",
  end: "end of template",
  name: "name",
  operator: "operator",
  string: "string",
  int: "integer",
  float: "float",
};

/** As Jinja calls it in its errors. */
export function nameOf(token: Token): string {
  return token.kind === "name" || token.kind === "operator" ? `'${token.text}'` : `'${kindNames[token.kind]}'`;
}
