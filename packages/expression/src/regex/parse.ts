import type { Member } from "./character-set.ts";
import { octalOf, readCategory, readEscape, readSet } from "./characters.ts";
import { Cursor, RegexSyntaxError } from "./cursor.ts";
import { widthOf, type Assertion, type Node, type Parsed } from "./node.ts";

/** What may stand in front of a pattern as `(?imsxa)`, or be asked for by who compiles it. */
export interface Flags {
  readonly ignoreCase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  readonly dotAll?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly ascii?: boolean | undefined;
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
  readonly #cursor: Cursor;
  #groups = 0;
  #depth = 0;
  readonly #open = new Set<number>();
  readonly #names = new Map<string, number>();

  constructor(pattern: string, at: number) {
    this.#cursor = new Cursor(pattern, at);
  }

  parsed(flags: Flags): Parsed {
    const node = this.#choice(flags);
    if (this.#cursor.next !== undefined) throw new RegexSyntaxError("unbalanced parenthesis", this.#cursor.at);
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
      const next = this.#cursor.next;
      if (next === undefined || next === "|" || next === ")") return { kind: "sequence", nodes };
      const from = this.#cursor.at;
      const node = this.#single(flags);
      if (node === undefined) continue;
      nodes.push(this.#repeated({ node, from, flags }));
    }
  }

  #skipBlanks(): void {
    this.#cursor.match(/(?:[ \t\n\r\f\v]|#[^\n]*)*/y);
  }

  #repeated({ node, from, flags }: { node: Node; from: number; flags: Flags }): Node {
    if (flags.verbose === true) this.#skipBlanks();
    const at = this.#cursor.at;
    const bounds = this.#bounds();
    if (bounds === undefined) return node;
    if (node.kind === "assertion") throw new RegexSyntaxError("nothing to repeat", from === at ? at : from);
    const possessive = this.#take("+");
    const mode = !possessive && this.#take("?") ? "lazy" : "greedy";
    const repeat: Node = { kind: "repeat", node, mode, ...bounds };
    if (flags.verbose === true) this.#skipBlanks();
    const again = this.#cursor.at;
    if (this.#bounds() !== undefined) throw new RegexSyntaxError("multiple repeat", again);
    return possessive ? { kind: "atomic", node: repeat } : repeat;
  }

  /** The quantifier here, read; undefined where there is none. Braces that hold no numbers are themselves. */
  #bounds(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    const from = this.#cursor.at;
    const found = this.#cursor.match(/\{(?:(\d+)|(\d*),(\d*))\}/y);
    if (found === undefined) return undefined;
    const min = Number(found[1] ?? found[2] ?? 0);
    const max = found[1] === undefined ? (found[3] === "" ? Infinity : Number(found[3])) : min;
    if (max < min) throw new RegexSyntaxError("min repeat greater than max repeat", from + 1);
    return { min, max };
  }

  #single(flags: Flags): Node | undefined {
    const from = this.#cursor.at;
    const character = this.#cursor.character();
    switch (character) {
      case "(":
        return this.#group(flags, from);
      case "[":
        return this.#set(flags, from);
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
        throw new RegexSyntaxError("nothing to repeat", from);
      default: {
        this.#cursor.at = from;
        if (character === "{" && this.#bounds() !== undefined) throw new RegexSyntaxError("nothing to repeat", from);
        this.#cursor.character();
        return literal(character, flags);
      }
    }
  }

  #group(flags: Flags, from: number): Node | undefined {
    this.#depth += 1;
    if (this.#depth > deepest) throw new RegexSyntaxError(`groups nest deeper than ${deepest}`, from);
    const node = this.#inside(flags, from);
    this.#depth -= 1;
    return node;
  }

  #inside(flags: Flags, from: number): Node | undefined {
    if (!this.#take("?")) return this.#capture({ flags, from });
    if (this.#take(":")) return this.#closed(flags, from);
    if (this.#take(">")) return { kind: "atomic", node: this.#closed(flags, from) };
    if (this.#take("#")) {
      if (this.#cursor.upTo(")") === undefined) throw new RegexSyntaxError("missing ), unterminated comment", from);
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
        throw new RegexSyntaxError(
          `redefinition of group name '${name}' as group ${index}; was group ${before}`,
          this.#cursor.at - name.length - 1,
        );
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
    if (!this.#take(")")) throw new RegexSyntaxError("missing ), unterminated subpattern", from);
    return node;
  }

  #behind({ flags, from, negative }: { flags: Flags; from: number; negative: boolean }): Node {
    const node = this.#closed(flags, from);
    const [least, most] = widthOf(node);
    if (least !== most) throw new RegexSyntaxError("look-behind requires fixed-width pattern", from);
    return { kind: "look", negative, behind: least, node };
  }

  #name(end: string): string {
    const from = this.#cursor.at;
    const name = this.#cursor.upTo(end);
    if (name === undefined) throw new RegexSyntaxError(`missing ${end}, unterminated name`, from);
    if (name === "") throw new RegexSyntaxError("missing group name", from);
    if (!/^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u.test(name)) throw new RegexSyntaxError(`bad character in group name '${name}'`, from);
    return name;
  }

  #named(flags: Flags): Node {
    const from = this.#cursor.at;
    const name = this.#name(")");
    const index = this.#names.get(name);
    if (index === undefined) throw new RegexSyntaxError(`unknown group name '${name}'`, from);
    return this.#back(index, { flags, from });
  }

  #back(index: number, { flags, from }: { flags: Flags; from: number }): Node {
    if (this.#open.has(index)) throw new RegexSyntaxError("cannot refer to an open group", from);
    return { kind: "back", index, ignoreCase: flags.ignoreCase === true };
  }

  #conditional(flags: Flags, from: number): Node {
    const { at } = this.#cursor;
    const number = this.#cursor.match(/(\d+)\)/y)?.[1];
    let index: number | undefined;
    if (number !== undefined) {
      index = Number(number);
      if (index === 0) throw new RegexSyntaxError("bad group number", at);
    } else {
      const name = this.#name(")");
      index = this.#names.get(name);
      if (index === undefined) throw new RegexSyntaxError(`unknown group name '${name}'`, at);
    }
    const yes = this.#sequence(flags);
    const no: Node = this.#take("|") ? this.#sequence(flags) : { kind: "sequence", nodes: [] };
    if (this.#cursor.next === "|") throw new RegexSyntaxError("conditional backref with more than two branches", this.#cursor.at);
    if (!this.#take(")")) throw new RegexSyntaxError("missing ), unterminated subpattern", from);
    if (index > this.#groups) throw new RegexSyntaxError(`invalid group reference ${index}`, at);
    return { kind: "conditional", index, yes, no };
  }

  #scoped(flags: Flags, from: number): Node {
    const { at } = this.#cursor;
    const [all = "", on = "", off = "", end = ""] = this.#cursor.match(/([aimsuxL]*)(?:-([imsx]+))?(.?)/sy) ?? [];
    if (all.length === 0) throw new RegexSyntaxError("unexpected end of pattern", at);
    if (on.includes("L")) throw new RegexSyntaxError("bad inline flags: cannot use 'L' flag with a str pattern", at);
    if (end === ")" && off === "" && on !== "") throw new RegexSyntaxError("global flags not at the start of the expression", from);
    if (end !== ":") {
      if (on === "" && off === "") throw new RegexSyntaxError(`unknown extension ?${end}`, from + 1);
      throw new RegexSyntaxError(end === "" ? "missing -, : or )" : "unknown flag", at + all.length - end.length);
    }
    const inner: Record<string, boolean | undefined> = { ...flags };
    for (const letter of on) inner[flagNames[letter] ?? ""] = true;
    if (on.includes("u")) inner["ascii"] = false;
    for (const letter of off) inner[flagNames[letter] ?? ""] = false;
    return this.#closed(inner, from);
  }

  #set(flags: Flags, from: number): Node {
    const { members, negated } = readSet(this.#cursor, from);
    return setOf(members, flags, negated);
  }

  #escape(flags: Flags, from: number): Node {
    const category = readCategory(this.#cursor);
    if (category !== undefined) return setOf([category], flags, false);
    if (this.#take("A")) return assertion("start", flags);
    if (this.#take("Z")) return assertion("very end", flags);
    if (this.#take("b")) return assertion("boundary", flags);
    if (this.#take("B")) return assertion("no boundary", flags);
    const [digits, octal] = this.#cursor.match(/(0[0-7]{0,2}|[1-3][0-7]{2})|[1-9]\d?/y) ?? [];
    if (digits === undefined) return literalOf(readEscape(this.#cursor, from), flags);
    if (octal !== undefined) return literalOf(octalOf(octal, from), flags);
    const index = Number(digits);
    if (index > this.#groups) throw new RegexSyntaxError(`invalid group reference ${index}`, from + 1);
    return this.#back(index, { flags, from });
  }

  #take(text: string): boolean {
    return this.#cursor.take(text);
  }
}

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
