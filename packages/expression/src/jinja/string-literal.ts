import { JinjaSyntaxError } from "./errors.ts";

/** What is between the quotes, with Python's escapes read. An unknown one stays as it is written. */
export function unescape(text: string, at: number): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g,
    (all: string, octal?: string, ...rest: (string | undefined)[]) => {
      const hex = rest[0] ?? rest[1] ?? rest[2];
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (hex !== undefined) {
        const point = Number.parseInt(hex, 16);
        if (point > 0x10ffff) throw new JinjaSyntaxError(`${all}: there is no such character`, at);
        return String.fromCodePoint(point);
      }
      const letter = rest[3] ?? "";
      if (letter === "x" || letter === "u" || letter === "U") throw new JinjaSyntaxError(`truncated \\${letter} escape`, at);
      if (letter === "N")
        throw new JinjaSyntaxError("characters can't be written by their names here (\\N); write \\u and four digits", at);
      return letters[letter] ?? all;
    },
  );
}

const letters: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
