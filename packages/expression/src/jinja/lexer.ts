import { JinjaSyntaxError } from "./errors.ts";
import { unescape } from "./string-literal.ts";

export type Token =
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "blockBegin" | "blockEnd" | "variableBegin" | "variableEnd" | "end"; readonly text: string; readonly at: number }
  | { readonly kind: "name" | "operator"; readonly text: string; readonly at: number }
  | { readonly kind: "string"; readonly text: string; readonly value: string; readonly at: number }
  | { readonly kind: "int"; readonly text: string; readonly value: bigint; readonly at: number }
  | { readonly kind: "float"; readonly text: string; readonly value: number; readonly at: number };

/** Cuts a template into text, tags and what is in them. White space as StackStorm sets it: the newline after a block and the blanks before it go (unless `+` says
 *  otherwise), one newline at the end goes too. Positions are those of the source given. */
export function lexTemplate(source: string): Token[] {
  return new Lexer(source).template();
}

/** The same for an expression without its braces. */
export function lexExpression(source: string): Token[] {
  return new Lexer(source).expression();
}

const operators = ["//", "**", "==", "!=", ">=", "<=", ...Array.from("+-/*%~[](){}><=.:|,;")];
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const space = /\s+/y;
const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const word = /[\p{L}\p{N}_\p{Mn}\p{Mc}]+/uy;
const identifier = /^[\p{L}\p{Nl}_][\p{L}\p{N}_\p{Mn}\p{Mc}]*$/u;
const string = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const begin = /\{[{%#]/g;
const rawBegin = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const commentEnd = /\+#\}|-#\}\s*|#\}\n?/g;
const ends = { blockEnd: /\+%\}|-%\}\s*|%\}\n?/y, variableEnd: /-\}\}\s*|\}\}/y };

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  /** What came last ended with a newline: the blanks that follow begin a line. */
  #lineBegins = true;

  constructor(source: string) {
    this.#source = source.replace(/\r\n?/g, "\n");
  }

  template(): Token[] {
    const source = this.#source.endsWith("\n") ? this.#source.slice(0, -1) : this.#source;
    while (this.#at < source.length) this.#text(source);
    this.#push("end", "");
    return this.#tokens;
  }

  expression(): Token[] {
    const open: string[] = [];
    while (this.#at < this.#source.length) this.#inside(this.#source, open);
    this.#push("end", "");
    return this.#tokens;
  }

  #text(source: string): void {
    begin.lastIndex = this.#at;
    const found = begin.exec(source);
    if (found === null) {
      this.#push("text", source.slice(this.#at));
      this.#at = source.length;
      return;
    }
    const opening = found.index;
    const kind = source[opening + 1];
    rawBegin.lastIndex = opening;
    const raw = kind === "%" ? rawBegin.exec(source) : null;
    const sign = /[-+]/.exec(source[opening + 2] ?? "")?.[0] ?? "";
    this.#stripped({ text: source.slice(this.#at, opening), sign, lstrip: kind !== "{" });
    this.#at = opening;
    if (raw !== null) this.#raw(source, raw[0]);
    else if (kind === "#") this.#comment(source, 2 + sign.length);
    else this.#tag(source, { kind: kind === "%" ? "block" : "variable", length: 2 + sign.length });
  }

  /** The text before a tag, without the blanks that the tag takes away. */
  #stripped({ text, sign, lstrip }: { text: string; sign: string; lstrip: boolean }): void {
    let kept = text;
    if (sign === "-") kept = text.trimEnd();
    else if (sign !== "+" && lstrip) {
      const line = text.lastIndexOf("\n") + 1;
      if ((line > 0 || this.#lineBegins) && text.slice(line).trim() === "") kept = text.slice(0, line);
    }
    if (kept !== "") this.#push("text", kept);
  }

  #raw(source: string, opening: string): void {
    const from = this.#at + opening.length;
    rawEnd.lastIndex = from;
    const found = rawEnd.exec(source);
    if (found === null) throw new JinjaSyntaxError("Missing end of raw directive", this.#at);
    this.#at = from;
    this.#lineBegins = opening.endsWith("\n");
    this.#stripped({ text: source.slice(from, found.index), sign: found[1] ?? "", lstrip: true });
    this.#past(found);
  }

  #comment(source: string, length: number): void {
    commentEnd.lastIndex = this.#at + length;
    const found = commentEnd.exec(source);
    if (found === null) throw new JinjaSyntaxError("Missing end of comment tag", this.#at);
    this.#past(found);
  }

  #past(found: RegExpExecArray): void {
    this.#at = found.index + found[0].length;
    this.#lineBegins = found[0].endsWith("\n");
  }

  #tag(source: string, { kind, length }: { kind: "block" | "variable"; length: number }): void {
    this.#push(`${kind}Begin`, source.slice(this.#at, this.#at + length));
    this.#at += length;
    const open: string[] = [];
    const end = ends[`${kind}End`];
    while (this.#at < source.length) {
      end.lastIndex = this.#at;
      const found = open.length === 0 ? end.exec(source) : null;
      if (found !== null) {
        this.#push(`${kind}End`, found[0]);
        this.#past(found);
        return;
      }
      this.#inside(source, open);
    }
  }

  #inside(source: string, open: string[]): void {
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = this.#at;
      return pattern.exec(source)?.[0];
    };
    const at = this.#at;
    const take = (text: string): void => {
      this.#at += text.length;
    };
    const blank = match(space);
    if (blank !== undefined) return take(blank);
    const fraction = source[at - 1] === "." ? undefined : match(float);
    if (fraction !== undefined) {
      this.#tokens.push({ kind: "float", text: fraction, value: Number(fraction.replaceAll("_", "")), at });
      return take(fraction);
    }
    const whole = match(integer);
    if (whole !== undefined) {
      this.#tokens.push({ kind: "int", text: whole, value: BigInt(whole.replaceAll("_", "")), at });
      return take(whole);
    }
    const name = match(word);
    if (name !== undefined) {
      if (!identifier.test(name)) throw new JinjaSyntaxError("Invalid character in identifier", at);
      this.#push("name", name);
      return take(name);
    }
    const text = match(string);
    if (text !== undefined) {
      this.#tokens.push({ kind: "string", text, value: unescape(text.slice(1, -1), at), at });
      return take(text);
    }
    const operator = operators.find((one) => source.startsWith(one, at));
    if (operator === undefined) throw new JinjaSyntaxError(`unexpected char ${shown(source, at)} at ${at}`, at);
    const expected = closing[operator];
    if (expected !== undefined) open.push(expected);
    else if (operator === ")" || operator === "]" || operator === "}") {
      const last = open.pop();
      if (last === undefined) throw new JinjaSyntaxError(`unexpected '${operator}'`, at);
      if (last !== operator) throw new JinjaSyntaxError(`unexpected '${operator}', expected '${last}'`, at);
    }
    this.#push("operator", operator);
    take(operator);
  }

  #push(kind: "text" | "blockBegin" | "blockEnd" | "variableBegin" | "variableEnd" | "end" | "name" | "operator", text: string): void {
    this.#tokens.push({ kind, text, at: this.#at });
  }
}

function shown(source: string, at: number): string {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  return character === "'" ? `"'"` : `'${character}'`;
}
