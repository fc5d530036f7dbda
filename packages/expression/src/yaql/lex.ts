import { Fault } from "../error.ts";
import { float, int } from "../number.ts";

export type Token =
  | { readonly kind: "constant"; readonly value: unknown; readonly at: number; readonly text: string }
  /** A bare word. */
  | { readonly kind: "word"; readonly value: string; readonly at: number; readonly text: string }
  /** `$`, `$name`. */
  | { readonly kind: "variable"; readonly value: string; readonly at: number; readonly text: string }
  /** A name and its opening parenthesis, with nothing between. */
  | { readonly kind: "function"; readonly value: string; readonly at: number; readonly text: string }
  | { readonly kind: "operator"; readonly value: string; readonly at: number; readonly text: string }
  | { readonly kind: "mark"; readonly value: string; readonly at: number; readonly text: string };

/** Where a text stops being YAQL. */
export class Misread extends Fault {
  readonly position: number | undefined;

  constructor(type: string, message: string, position?: number) {
    super(type, message);
    this.position = position;
  }
}

/** @throws {Misread} YaqlLexicalException */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === undefined) {
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      throw new Misread("YaqlLexicalException", `Lexical error: illegal character '${char}' at position ${at}`, at);
    }
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

const space = /[ \t\r\n]*/y;
const variable = /\$[\p{L}\p{N}_]*/uy;
const digits = /\p{Nd}+/uy;
const fraction = /\.\p{Nd}+/uy;
const wordly = /[\p{L}\p{N}_]/uy;
const call = /(?!\p{Nd})[\p{L}\p{N}_]+\(/uy;
const word = /(?!__)(?!\p{Nd})[\p{L}\p{N}_]+/uy;
const single = /'([^'\\]|\\[^\n])*'/uy;
const double = /"([^"\\]|\\[^\n])*"/uy;
const verbatim = /`([^`\\]|\\[^\n])*`/uy;
const symbol = /\?\.|=~|!~|>=|<=|!=|->|=>|[.+\-*/><=[\](){},]/y;
const constants: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const words = new Set(["mod", "in", "not", "and", "or"]);
const marks = new Set(["=>", "[", "]", "(", ")", "{", "}", ","]);

function tokenAt(text: string, at: number): Token | undefined {
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  let found = match(variable);
  if (found !== undefined) return { kind: "variable", value: found, at, text: found };
  // A number or word that follows a letter without a break is none: `1e3`, `5x`.
  const fresh = at === 0 || !/[\p{L}\p{N}_]/u.test(text[at - 1] ?? "");
  if (fresh) {
    found = numberAt(text, at);
    if (found !== undefined)
      return { kind: "constant", value: found.includes(".") ? float(Number(found)) : int(BigInt(found)), at, text: found };
    found = match(call);
    if (found !== undefined) return { kind: "function", value: found.slice(0, -1), at, text: found };
    found = match(word);
    if (found !== undefined) {
      if (Object.hasOwn(constants, found)) return { kind: "constant", value: constants[found] ?? null, at, text: found };
      return { kind: words.has(found) ? "operator" : "word", value: found, at, text: found };
    }
  }
  found = match(single) ?? match(double);
  if (found !== undefined) return { kind: "constant", value: unescaped(found.slice(1, -1), at), at, text: found };
  found = match(verbatim);
  if (found !== undefined) return { kind: "constant", value: found.slice(1, -1).replaceAll("\\`", "`"), at, text: found };
  found = match(symbol);
  return found === undefined ? undefined : { kind: marks.has(found) ? "mark" : "operator", value: found, at, text: found };
}

/** A number ends where a word could not go on; `1.5x` is the number 1 and what follows. */
function numberAt(text: string, at: number): string | undefined {
  const match = (pattern: RegExp, from: number) => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.[0];
  };
  const whole = match(digits, at);
  if (whole === undefined) return undefined;
  const more = match(fraction, at + whole.length) ?? "";
  if (match(wordly, at + whole.length + more.length) === undefined) return whole + more;
  return more === "" ? undefined : whole;
}

const escape = /\\(?:U([^\n]{8})|u([^\n]{4})|x([^\n]{2})|([0-7]{1,3})|N\{([^}]+)\}|([\\'"abfnrtv]))/gu;
const short: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Escapes that Python does not know stay as they are. */
function unescaped(text: string, at: number): string {
  return text.replace(escape, (_all, long?: string, four?: string, two?: string, octal?: string, name?: string, char?: string) => {
    if (char !== undefined) return short[char] ?? char;
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const hex = long ?? four ?? two;
    if (hex === undefined) throw new Misread("UnicodeDecodeError", `Characters can't be written by name here: ${name ?? ""}.`, at);
    const point = /^[0-9a-f]+$/i.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
    if (!(point <= 0x10ffff)) throw new Misread("UnicodeDecodeError", `'unicodeescape' codec can't decode ${hex}`, at);
    return String.fromCodePoint(point);
  });
}
