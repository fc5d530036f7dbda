export type Category = "digit" | "not digit" | "space" | "not space" | "word" | "not word";

/** From one code point to another, or a category. */
export type Member = readonly [from: number, to: number] | Category;

/** The characters that fit at one place. */
export interface CharacterSet {
  readonly negated: boolean;
  readonly members: readonly Member[];
  readonly ignoreCase: boolean;
  /** Categories know ASCII alone. */
  readonly ascii: boolean;
}

export function setHas(set: CharacterSet, character: number): boolean {
  return hasAny(set, character) !== set.negated;
}

export function isWord(character: number, ascii: boolean): boolean {
  if (character < 128 || ascii) return asciiWord.test(String.fromCodePoint(character));
  return word.test(String.fromCodePoint(character));
}

/** One character for all that are the same but for case. Python lowers by single characters, and joins those whose capital is one. */
export function fold(character: number): number {
  if (character < 128) return character >= 65 && character <= 90 ? character + 32 : character;
  return lower(upper(lower(character)));
}

const asciiWord = /^[0-9A-Za-z_]$/;
const word = /^[\p{L}\p{N}_]$/u;
const digit = /^\p{Nd}$/u;
/** What `str.isspace` says, which has the separators of files, groups, records and units too, and not the byte order mark. */
const space = new Set([
  9,
  10,
  11,
  12,
  13,
  28,
  29,
  30,
  31,
  32,
  0x85,
  0xa0,
  0x1680,
  0x2028,
  0x2029,
  0x202f,
  0x205f,
  0x3000,
  ...Array.from({ length: 11 }, (_, index) => 0x2000 + index),
]);

function hasAny({ members, ignoreCase, ascii }: CharacterSet, character: number): boolean {
  if (members.some((member) => has(member, character, ascii))) return true;
  if (!ignoreCase) return false;
  if (ascii && character > 127) return false;
  const others = ascii ? [character ^ 32].filter(isAsciiLetter) : variants(character);
  const folded = fold(character);
  return members.some((member) => {
    if (typeof member === "string") return false;
    if (!ascii && member[0] === member[1] && fold(member[0]) === folded) return true;
    return others.some((other) => has(member, other, ascii));
  });
}

function has(member: Member, character: number, ascii: boolean): boolean {
  if (typeof member !== "string") return character >= member[0] && character <= member[1];
  const negated = member.startsWith("not ");
  return inCategory(negated ? member.slice("not ".length) : member, character, ascii) !== negated;
}

function inCategory(category: string, character: number, ascii: boolean): boolean {
  if (ascii && character > 127) return false;
  if (category === "word") return isWord(character, ascii);
  if (category === "digit") return character < 128 ? character >= 48 && character <= 57 : digit.test(String.fromCodePoint(character));
  return space.has(character) && !(ascii && character > 27 && character < 32);
}

function isAsciiLetter(character: number): boolean {
  return (character >= 65 && character <= 90) || (character >= 97 && character <= 122);
}

function variants(character: number): number[] {
  const folded = fold(character);
  return [lower(character), upper(character), folded, upper(folded), ...(furtherForms.get(folded) ?? [])];
}

function lower(character: number): number {
  // The capital dotted I alone has a lower case of two characters; Python takes the first.
  return String.fromCodePoint(character).toLowerCase().codePointAt(0) ?? character;
}

function upper(character: number): number {
  const text = String.fromCodePoint(character).toUpperCase();
  const first = text.codePointAt(0) ?? character;
  return String.fromCodePoint(first).length === text.length ? first : character;
}

/** Characters that fold to another one and are neither its small nor its capital letter. */
const furtherForms: ReadonlyMap<number, readonly number[]> = new Map(
  Object.entries({
    i: "\u0130\u0131",
    s: "\u017f",
    k: "\u212a",
    "\u00e5": "\u212b",
    "\u03bc": "\u00b5",
    "\u03b9": "\u0345\u1fbe",
    "\u03b2": "\u03d0",
    "\u03b5": "\u03f5",
    "\u03b8": "\u03d1\u03f4",
    "\u03ba": "\u03f0",
    "\u03c0": "\u03d6",
    "\u03c1": "\u03f1",
    "\u03c3": "\u03c2",
    "\u03c6": "\u03d5",
    "\u03c9": "\u2126",
    "\u1e61": "\u1e9b",
  }).map(([character, more]) => [character.codePointAt(0) ?? 0, Array.from(more, (other) => other.codePointAt(0) ?? 0)]),
);
