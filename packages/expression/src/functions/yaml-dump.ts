import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { plain } from "../value/arithmetic.ts";
import { typeName } from "../value/equal.ts";
import { DateTime, entriesOf, isMapping, isSequence, Shown } from "../value/kinds.ts";
import { floatText, isoOf } from "../value/text.ts";
import { plainScalar } from "./yaml-load.ts";

interface YamlOptions {
  /** Default 2. */
  readonly indent?: number | undefined;
  /** Characters beyond ASCII as they are. Default true. */
  readonly unicode?: boolean;
}

/** A value in YAML as PyYAML's safe dumper (with libyaml) writes it: keys sorted, blocks, texts in quotes where they need them, folded at 80.
 *  @throws {Fault} RepresenterError */
export function yamlDump(value: unknown, { indent = 2, unicode = true }: YamlOptions, budget: Budget): string {
  const step = indent > 1 && indent < 10 ? indent : 2;
  return `${new Dumper({ step, unicode, budget }).node(value, { indent: -1, column: 0, where: "root" }).replace(/^ /, "")}\n`;
}

interface Place {
  /** Of the block that this is in. */
  readonly indent: number;
  readonly column: number;
  readonly where: "root" | "key" | "value" | "item";
}

class Dumper {
  readonly #step: number;
  readonly #unicode: boolean;
  readonly #budget: Budget;
  #size = 0;

  constructor({ step, unicode, budget }: { step: number; unicode: boolean; budget: Budget }) {
    this.#step = step;
    this.#unicode = unicode;
    this.#budget = budget;
  }

  /** With what comes before it: a blank, or a new line. */
  node(value: unknown, place: Place): string {
    this.#budget.spend();
    if (isSequence(value)) return value.length === 0 ? " []" : this.#nested(() => this.#sequence(value, place));
    if (isMapping(value)) {
      const pairs = Array.from(entriesOf(value));
      if (pairs.length === 0) return " {}";
      return this.#nested(() => this.#mapping(pairs, place));
    }
    const text = this.#scalar(value, place);
    this.#size += text.length;
    this.#budget.grow(this.#size, text.length);
    return ` ${text}`;
  }

  #nested(work: () => string): string {
    this.#budget.enter();
    const text = work();
    this.#budget.leave();
    return text;
  }

  #sequence(items: readonly unknown[], { indent, where }: Place): string {
    // In a mapping the dashes are not indented.
    const own = where === "value" ? indent : indent < 0 ? 0 : indent + this.#step;
    const lines = items.map((item) => `${" ".repeat(own)}-${this.node(item, { indent: own, column: own + 2, where: "item" })}`);
    return this.#after(lines, own, where);
  }

  #mapping(pairs: readonly (readonly [unknown, unknown])[], { indent, where }: Place): string {
    const own = indent < 0 ? 0 : indent + this.#step;
    const sortable = pairs.every(([key]) => typeof key === "string");
    const sorted = sortable ? pairs.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)) : pairs;
    const lines = sorted.map(([key, inner]) => {
      const margin = " ".repeat(own);
      const simple = !isSequence(key) && !isMapping(key) && !/[\n\u0085\u2028\u2029]/.test(String(key)) && String(key).length <= 128;
      const name = this.node(key, { indent: own, column: own, where: simple ? "key" : "item" }).slice(1);
      if (!simple) return `${margin}? ${name}\n${margin}:${this.node(inner, { indent: own, column: own + 2, where: "item" })}`;
      return `${margin}${name}:${this.node(inner, { indent: own, column: own + name.length + 2, where: "value" })}`;
    });
    return this.#after(lines, own, where);
  }

  /** The first line of what is in a list follows its dash. */
  #after(lines: readonly string[], own: number, where: Place["where"]): string {
    const text = lines.join("\n");
    if (where === "root") return text;
    if (where === "item") return " ".repeat(this.#step - 1) + text.slice(own);
    return `\n${text}`;
  }

  #scalar(value: unknown, place: Place): string {
    if (value === null) return "null";
    if (typeof value === "boolean" || isInt(value)) return String(value);
    if (isFloat(value)) return fractionText(plain(value));
    if (value instanceof DateTime) return isoOf(value, " ");
    if (value instanceof Shown && value.type === "date") return value.text;
    if (typeof value === "string") return this.#text(value, place);
    throw new Fault("RepresenterError", `cannot represent an object of type ${typeName(value)}`);
  }

  #text(text: string, { indent, column, where }: Place): string {
    const shape = shapeOf(text, this.#unicode);
    const margin = Math.max(0, indent) + this.#step;
    const fold = { margin, column, breaks: where !== "key" };
    if (shape.double) return doubleQuoted(text, fold, this.#unicode);
    if (shape.single || text === "" || plainScalar(text) !== text || text === "=" || text === "<<") return singleQuoted(text, fold);
    return folded(text, fold);
  }
}

function fractionText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = floatText(value);
  return text.includes(".") ? text : text.replace("e", ".0e");
}

/** What quotes a text needs. */
function shapeOf(text: string, unicode: boolean): { single: boolean; double: boolean } {
  const printable = unicode ? /^[\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/ : /^[\n\x20-\x7e]*$/;
  const double = !printable.test(text) || / [\n\u0085\u2028\u2029]/.test(text) || /[\n\u0085\u2028\u2029] /.test(text);
  const single =
    /^(?:---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[-?:](?:[ \n]|$)/.test(text) ||
    /:(?:[ \n]|$)/.test(text) ||
    /[ \n]#/.test(text) ||
    /^[ \n]|[ \n]$/.test(text) ||
    /[\n\u0085\u2028\u2029]/.test(text);
  return { single, double };
}

interface Fold {
  /** Of the lines that follow the first. */
  readonly margin: number;
  readonly column: number;
  readonly breaks: boolean;
}

const width = 80;

/** Broken at single blanks once a line is longer than 80. */
function folded(text: string, { margin, column, breaks }: Fold): string {
  let made = "";
  let at = column;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    const alone = character === " " && text[index - 1] !== " " && text[index + 1] !== " " && index > 0 && index < text.length - 1;
    if (breaks && alone && at > width) {
      made += `\n${" ".repeat(margin)}`;
      at = margin;
    } else {
      made += character;
      at += 1;
    }
  }
  return made;
}

function singleQuoted(text: string, fold: Fold): string {
  const margin = " ".repeat(fold.margin);
  // A newline is written twice, for one alone would read as a blank.
  const pieces = text.replaceAll("'", "''").split(/(\n+)/);
  const lines = pieces.map((piece, index) =>
    index % 2 === 1 ? `\n${piece}${margin}` : folded(piece, { ...fold, column: index === 0 ? fold.column + 1 : fold.margin }),
  );
  return `'${lines.join("")}'`;
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function doubleQuoted(text: string, { margin, column, breaks }: Fold, unicode: boolean): string {
  const characters = Array.from(text);
  let made = '"';
  let at = column + 1;
  for (const [index, character] of characters.entries()) {
    const inside = index > 0 && index < characters.length - 1;
    if (character === " " && breaks && inside && at > width && characters[index - 1] !== " ") {
      made += `\n${" ".repeat(margin)}${characters[index + 1] === " " ? "\\" : ""}`;
      at = margin;
      continue;
    }
    const piece = escaped(character, unicode);
    made += piece;
    at += piece.length;
  }
  return `${made}"`;
}

function escaped(character: string, unicode: boolean): string {
  const named = character === "\u00a0" && unicode ? undefined : escapes[character];
  if (named !== undefined) return named;
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0x20 && point <= 0x7e) return character;
  if (unicode && ((point >= 0xa0 && point <= 0xd7ff) || (point >= 0xe000 && point <= 0xfffd && point !== 0xfeff))) return character;
  const hex = point.toString(16).toUpperCase();
  if (point <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return point <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
