import type { Category, Member } from "./character-set.ts";
import { RegexSyntaxError, type Cursor } from "./cursor.ts";

/** The members of a set such as `[^a-z\d]`, after its bracket. @param from where the set begins */
export function readSet(cursor: Cursor, from: number): { members: Member[]; negated: boolean } {
  const negated = cursor.take("^");
  const members: Member[] = [];
  for (let first = true; ; first = false) {
    if (cursor.next === undefined) throw new RegexSyntaxError("unterminated character set", from);
    if (!first && cursor.take("]")) return { members, negated };
    const at = cursor.at;
    const low = readMember(cursor);
    const after = cursor.pattern[cursor.at + 1];
    if (cursor.next !== "-" || after === undefined || after === "]") {
      members.push(typeof low === "string" ? low : [low, low]);
      continue;
    }
    cursor.take("-");
    const high = readMember(cursor);
    if (typeof low === "string" || typeof high === "string" || high < low) {
      throw new RegexSyntaxError(`bad character range ${cursor.pattern.slice(at, cursor.at)}`, at);
    }
    members.push([low, high]);
  }
}

function readMember(cursor: Cursor): number | Category {
  const from = cursor.at;
  const character = cursor.character();
  if (character !== "\\") return character.codePointAt(0) ?? 0;
  const category = readCategory(cursor);
  if (category !== undefined) return category;
  if (cursor.take("b")) return 8;
  const octal = cursor.match(/[0-7]{1,3}/y);
  return octal === undefined ? readEscape(cursor, from) : octalOf(octal[0], from);
}

/** A class such as `\d`, after its backslash; undefined where there is none. */
export function readCategory(cursor: Cursor): Category | undefined {
  const category = categories[cursor.next ?? ""];
  if (category !== undefined) cursor.at += 1;
  return category;
}

/** The character that an escape stands for, after its backslash. @param from where the escape begins */
export function readEscape(cursor: Cursor, from: number): number {
  if (cursor.next === undefined) throw new RegexSyntaxError("bad escape (end of pattern)", from);
  const coded = cursor.match(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y);
  if (coded !== undefined) {
    const value = Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? "", 16);
    if (value > 0x10ffff) throw new RegexSyntaxError(`bad escape \\${coded[0]}`, from);
    return value;
  }
  const character = cursor.character();
  const control = controls[character];
  if (control !== undefined) return control;
  if (/[xuU]/.test(character)) throw new RegexSyntaxError(`incomplete escape \\${character}`, from);
  if (/[a-zA-Z0-9]/.test(character)) throw new RegexSyntaxError(`bad escape \\${character}`, from);
  return character.codePointAt(0) ?? 0;
}

/** @param from where the escape begins */
export function octalOf(digits: string, from: number): number {
  const value = Number.parseInt(digits, 8);
  if (value > 0o377) throw new RegexSyntaxError(`octal escape value \\${digits} outside of range 0-0o377`, from);
  return value;
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
