import type { Category, Member } from "./character-set.ts";
import { widthOf, type Assertion, type Node, type Parsed } from "./node.ts";

/** What may stand in front of a pattern as `(?imsxa)`, or be asked for by who compiles it. */
export interface Flags {
  readonly ignoreCase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  readonly dotAll?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly ascii?: boolean | undefined;
}

/** The pattern is none of Python's. */
export class RegexSyntaxError extends Error {
  override readonly name = "RegexSyntaxError";
  /** In UTF-16 units from the pattern's beginning. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`);
    this.position = position;
  }
}

/** Reads what Python 3.11's `re` reads. @throws RegexSyntaxError */
export function parseRegex(pattern: string, given: Flags = {}): Parsed {
  const head = globalFlags(pattern);
  const flags = { ...given, ...head.flags };
  return new Parser(pattern, head.end).parsed(flags);
}

const flagNames: Readonly<Record<string, keyof Flags | "unicode">> = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "verbose",
  a: "ascii",
  u: "unicode",
};

/** Flags for the whole pattern stand at its very beginning, else they are an error. */
function globalFlags(pattern: string): { flags: Flags; end: number } {
  const flags: Record<string, boolean> = {};
  let end = 0;
  for (;;) {
    const found = /^\(\?([aimsux]+)\)/.exec(pattern.slice(end));
    if (found === null) return { flags, end };
    for (const letter of found[1] ?? "") flags[flagNames[letter] ?? ""] = true;
    end += found[0].length;
  }
}

/** Groups nest this deep at most: deeper ones would exhaust the stack of whoever walks them. */
const deepest = 200;

class Parser {
  readonly #pattern: string;
  #at: number;
  #groups = 0;
  #depth = 0;
  readonly #open = new Set<number>();
  readonly #names = new Map<string, number>();

  constructor(pattern: string, at: number) {
    this.#pattern = pattern;
    this.#at = at;
  }

  parsed(flags: Flags): Parsed {
    const node = this.#choice(flags);
    if (this.#at < this.#pattern.length) throw this.#fault("unbalanced parenthesis", this.#at);
    return { node, groups: this.#groups, names: this.#names };
  }

  #choice(flags: Flags): Node {
    const branches = [this.#sequence(flags)];
    while (this.#take("|")) branches.push(this.#sequence(flags));
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: "choice", branches };
  }

  #sequence(flags: Flags): Node {
    const nodes: Node[] = [];
    for (;;) {
      if (flags.verbose === true) this.#skipBlanks();
      const next = this.#pattern[this.#at];
      if (next === undefined || next === "|" || next === ")") return { kind: "sequence", nodes };
      const from = this.#at;
      const node = this.#single(flags);
      if (node === undefined) continue;
      nodes.push(this.#repeated({ node, from, flags }));
    }
  }

  #skipBlanks(): void {
    const blanks = /(?:[ \t\n\r\f\v]|#[^\n]*)*/y;
    blanks.lastIndex = this.#at;
    this.#at += blanks.exec(this.#pattern)?.[0].length ?? 0;
  }

  #repeated({ node, from, flags }: { node: Node; from: number; flags: Flags }): Node {
    if (flags.verbose === true) this.#skipBlanks();
    const at = this.#at;
    const bounds = this.#bounds();
    if (bounds === undefined) return node;
    if (node.kind === "assertion") throw this.#fault("nothing to repeat", from === at ? at : from);
    const possessive = this.#take("+");
    const mode = !possessive && this.#take("?") ? "lazy" : "greedy";
    const repeat: Node = { kind: "repeat", node, mode, ...bounds };
    if (flags.verbose === true) this.#skipBlanks();
    const again = this.#at;
    if (this.#bounds() !== undefined) throw this.#fault("multiple repeat", again);
    return possessive ? { kind: "atomic", node: repeat } : repeat;
  }

  /** The quantifier here, read; undefined where there is none. Braces that hold no numbers are themselves. */
  #bounds(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    const braces = /\{(?:(\d+)|(\d*),(\d*))\}/y;
    braces.lastIndex = this.#at;
    const found = braces.exec(this.#pattern);
    if (found === null) return undefined;
    const min = Number(found[1] ?? found[2] ?? 0);
    const max = found[1] === undefined ? (found[3] === "" ? Infinity : Number(found[3])) : min;
    if (max < min) throw this.#fault("min repeat greater than max repeat", this.#at + 1);
    this.#at += found[0].length;
    return { min, max };
  }

  #single(flags: Flags): Node | undefined {
    const from = this.#at;
    const character = this.#character();
    switch (character) {
      case "(":
        return this.#group(flags, from);
      case "[":
        return this.#class(flags, from);
      case "\\":
        return this.#escape(flags, from);
      case ".":
        return setOf(flags.dotAll === true ? [[0, 0x10ffff]] : [[10, 10]], { ...flags, ignoreCase: false }, flags.dotAll !== true);
      case "^":
        return assertion(flags.multiline === true ? "line start" : "start", flags);
      case "$":
        return assertion(flags.multiline === true ? "line end" : "end", flags);
      case "*":
      case "+":
      case "?":
        throw this.#fault("nothing to repeat", from);
      default: {
        this.#at = from;
        if (character === "{" && this.#bounds() !== undefined) throw this.#fault("nothing to repeat", from);
        this.#character();
        return literal(character, flags);
      }
    }
  }

  #group(flags: Flags, from: number): Node | undefined {
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#fault(`groups nest deeper than ${deepest}`, from);
    const node = this.#inside(flags, from);
    this.#depth -= 1;
    return node;
  }

  #inside(flags: Flags, from: number): Node | undefined {
    if (!this.#take("?")) return this.#capture({ flags, from });
    if (this.#take(":")) return this.#closed(flags, from);
    if (this.#take(">")) return { kind: "atomic", node: this.#closed(flags, from) };
    if (this.#take("#")) {
      const end = this.#pattern.indexOf(")", this.#at);
      if (end === -1) throw this.#fault("missing ), unterminated comment", from);
      this.#at = end + 1;
      return undefined;
    }
    if (this.#take("=")) return { kind: "look", negative: false, behind: undefined, node: this.#closed(flags, from) };
    if (this.#take("!")) return { kind: "look", negative: true, behind: undefined, node: this.#closed(flags, from) };
    if (this.#take("<=")) return this.#behind({ flags, from, negative: false });
    if (this.#take("<!")) return this.#behind({ flags, from, negative: true });
    if (this.#take("P<")) return this.#capture({ flags, from, name: this.#name(">") });
    if (this.#take("P=")) return this.#named(flags);
    if (this.#take("(")) return this.#conditional(flags, from);
    return this.#scoped(flags, from);
  }

  #capture({ flags, from, name }: { flags: Flags; from: number; name?: string }): Node {
    const index = ++this.#groups;
    if (name !== undefined) {
      const before = this.#names.get(name);
      if (before !== undefined) {
        throw this.#fault(`redefinition of group name '${name}' as group ${index}; was group ${before}`, this.#at - name.length - 1);
      }
      this.#names.set(name, index);
    }
    this.#open.add(index);
    const node = this.#closed(flags, from);
    this.#open.delete(index);
    return { kind: "group", index, node };
  }

  #closed(flags: Flags, from: number): Node {
    const node = this.#choice(flags);
    if (!this.#take(")")) throw this.#fault("missing ), unterminated subpattern", from);
    return node;
  }

  #behind({ flags, from, negative }: { flags: Flags; from: number; negative: boolean }): Node {
    const node = this.#closed(flags, from);
    const [least, most] = widthOf(node);
    if (least !== most) throw this.#fault("look-behind requires fixed-width pattern", from);
    return { kind: "look", negative, behind: least, node };
  }

  #name(end: string): string {
    const from = this.#at;
    const to = this.#pattern.indexOf(end, from);
    if (to === -1) throw this.#fault(`missing ${end}, unterminated name`, from);
    const name = this.#pattern.slice(from, to);
    if (name === "") throw this.#fault("missing group name", from);
    this.#at = to + 1;
    if (!/^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u.test(name)) throw this.#fault(`bad character in group name '${name}'`, from);
    return name;
  }

  #named(flags: Flags): Node {
    const from = this.#at;
    const name = this.#name(")");
    const index = this.#names.get(name);
    if (index === undefined) throw this.#fault(`unknown group name '${name}'`, from);
    return this.#back(index, { flags, from });
  }

  #back(index: number, { flags, from }: { flags: Flags; from: number }): Node {
    if (this.#open.has(index)) throw this.#fault("cannot refer to an open group", from);
    return { kind: "back", index, ignoreCase: flags.ignoreCase === true };
  }

  #conditional(flags: Flags, from: number): Node {
    const at = this.#at;
    const to = this.#pattern.indexOf(")", at);
    const text = to === -1 ? "" : this.#pattern.slice(at, to);
    let index: number | undefined;
    if (/^\d+$/.test(text)) {
      index = Number(text);
      this.#at = to + 1;
      if (index === 0) throw this.#fault("bad group number", at);
    } else {
      const name = this.#name(")");
      index = this.#names.get(name);
      if (index === undefined) throw this.#fault(`unknown group name '${name}'`, at);
    }
    const yes = this.#sequence(flags);
    const no: Node = this.#take("|") ? this.#sequence(flags) : { kind: "sequence", nodes: [] };
    if (this.#pattern[this.#at] === "|") throw this.#fault("conditional backref with more than two branches", this.#at);
    if (!this.#take(")")) throw this.#fault("missing ), unterminated subpattern", from);
    if (index > this.#groups) throw this.#fault(`invalid group reference ${index}`, at);
    return { kind: "conditional", index, yes, no };
  }

  #scoped(flags: Flags, from: number): Node {
    const found = /([aimsuxL]*)(?:-([imsx]+))?(.?)/sy;
    found.lastIndex = this.#at;
    const [all = "", on = "", off = "", end = ""] = found.exec(this.#pattern) ?? [];
    if (all.length === 0) throw this.#fault("unexpected end of pattern", this.#at);
    if (on.includes("L")) throw this.#fault("bad inline flags: cannot use 'L' flag with a str pattern", this.#at);
    if (end === ")" && off === "" && on !== "") throw this.#fault("global flags not at the start of the expression", from);
    if (end !== ":") {
      if (on === "" && off === "") throw this.#fault(`unknown extension ?${end}`, from + 1);
      throw this.#fault(end === "" ? "missing -, : or )" : "unknown flag", this.#at + all.length - end.length);
    }
    this.#at += all.length;
    const inner: Record<string, boolean | undefined> = { ...flags };
    for (const letter of on) inner[flagNames[letter] ?? ""] = true;
    if (on.includes("u")) inner["ascii"] = false;
    for (const letter of off) inner[flagNames[letter] ?? ""] = false;
    return this.#closed(inner, from);
  }

  #class(flags: Flags, from: number): Node {
    const negated = this.#take("^");
    const members: Member[] = [];
    for (let first = true; ; first = false) {
      if (this.#at >= this.#pattern.length) throw this.#fault("unterminated character set", from);
      if (!first && this.#take("]")) break;
      const at = this.#at;
      const low = this.#member();
      const ranges = this.#pattern[this.#at] === "-" && this.#at + 1 < this.#pattern.length && this.#pattern[this.#at + 1] !== "]";
      if (!ranges) {
        members.push(typeof low === "string" ? low : [low, low]);
        continue;
      }
      this.#at += 1;
      const high = this.#member();
      if (typeof low === "string" || typeof high === "string" || high < low) {
        throw this.#fault(`bad character range ${this.#pattern.slice(at, this.#at)}`, at);
      }
      members.push([low, high]);
    }
    return setOf(members, flags, negated);
  }

  #member(): number | Category {
    const from = this.#at;
    const character = this.#character();
    if (character !== "\\") return character.codePointAt(0) ?? 0;
    const category = this.#category();
    if (category !== undefined) return category;
    if (this.#take("b")) return 8;
    const octal = /[0-7]{1,3}/y;
    octal.lastIndex = this.#at;
    const digits = octal.exec(this.#pattern)?.[0];
    if (digits !== undefined) return this.#octal(digits, from);
    return this.#plainEscape(from);
  }

  #escape(flags: Flags, from: number): Node {
    const category = this.#category();
    if (category !== undefined) return setOf([category], flags, false);
    if (this.#take("A")) return assertion("start", flags);
    if (this.#take("Z")) return assertion("very end", flags);
    if (this.#take("b")) return assertion("boundary", flags);
    if (this.#take("B")) return assertion("no boundary", flags);
    const number = /(0[0-7]{0,2}|[1-3][0-7]{2})|[1-9]\d?/y;
    number.lastIndex = this.#at;
    const found = number.exec(this.#pattern);
    if (found === null) return literalOf(this.#plainEscape(from), flags);
    if (found[1] !== undefined) return literalOf(this.#octal(found[1], from), flags);
    this.#at += found[0].length;
    const index = Number(found[0]);
    if (index > this.#groups) throw this.#fault(`invalid group reference ${index}`, from + 1);
    return this.#back(index, { flags, from });
  }

  #octal(digits: string, from: number): number {
    this.#at += digits.length;
    const value = Number.parseInt(digits, 8);
    if (value > 0o377) throw this.#fault(`octal escape value \\${digits} outside of range 0-0o377`, from);
    return value;
  }

  #category(): Category | undefined {
    const category = categories[this.#pattern[this.#at] ?? ""];
    if (category !== undefined) this.#at += 1;
    return category;
  }

  #plainEscape(from: number): number {
    if (this.#at >= this.#pattern.length) throw this.#fault("bad escape (end of pattern)", from);
    const coded = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y;
    coded.lastIndex = this.#at;
    const found = coded.exec(this.#pattern);
    if (found !== null) {
      this.#at += found[0].length;
      const value = Number.parseInt(found[1] ?? found[2] ?? found[3] ?? "", 16);
      if (value > 0x10ffff) throw this.#fault(`bad escape \\${found[0]}`, from);
      return value;
    }
    const character = this.#character();
    const control = controls[character];
    if (control !== undefined) return control;
    if (/[xuU]/.test(character)) throw this.#fault(`incomplete escape \\${character}`, from);
    if (/[a-zA-Z0-9]/.test(character)) throw this.#fault(`bad escape \\${character}`, from);
    return character.codePointAt(0) ?? 0;
  }

  /** The next character, whole, read. */
  #character(): string {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    return character;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #fault(message: string, position: number): RegexSyntaxError {
    return new RegexSyntaxError(message, position);
  }
}

const categories: Readonly<Record<string, Category>> = {
  d: "digit",
  D: "not digit",
  s: "space",
  S: "not space",
  w: "word",
  W: "not word",
};

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

function assertion(of: Assertion, { ascii }: Flags): Node {
  return { kind: "assertion", of, ascii: ascii === true };
}

function literal(character: string, flags: Flags): Node {
  return literalOf(character.codePointAt(0) ?? 0, flags);
}

function literalOf(code: number, flags: Flags): Node {
  return setOf([[code, code]], flags, false);
}

function setOf(members: readonly Member[], { ignoreCase, ascii }: Flags, negated: boolean): Node {
  return { kind: "set", set: { members, negated, ignoreCase: ignoreCase === true, ascii: ascii === true } };
}
