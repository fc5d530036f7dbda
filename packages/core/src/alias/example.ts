import { patternPieces } from "./pattern.ts";

/** A command that fits a format: parameters are made-up words, what may be left out is left out, and of several ways the first is taken. Undefined where the
 *  expression asks for more than a guess. */
export function exampleOf(format: string): string | undefined {
  let count = 0;
  const pattern = format.replaceAll(/\s*\{\{[^{}=]*=(?:[^{}]|\{[^{}]*\})*\}\}/g, "").replaceAll(/\{\{[^{}]*\}\}/g, () => `zq${++count}`);
  const pieces = patternPieces(pattern);
  let at = 0;
  const choice = (): string | undefined => {
    const first = sequence();
    while (pieces[at] === "|") {
      at++;
      sequence();
    }
    return first;
  };
  const sequence = (): string | undefined => {
    let text: string | undefined = "";
    while (at < pieces.length && pieces[at] !== "|" && pieces[at] !== ")") {
      const item = single(pieces[at++] ?? "");
      const repeat = pieces[at] ?? "";
      if (repeat === "{") return giveUp();
      if (/^[*?+]$/.test(repeat)) at++;
      if (/^[*?+]$/.test(repeat) && pieces[at] === "?") at++;
      if (repeat === "*" || repeat === "?") continue;
      text = text === undefined || item === undefined ? undefined : text + item;
    }
    return text;
  };
  const giveUp = (): undefined => {
    at = pieces.length;
  };
  const single = (piece: string): string | undefined => {
    if (piece === "(" || /^\(\?(?::|P<\w+>)$/.test(piece)) {
      const inner = choice();
      at++;
      return inner;
    }
    if (piece === "^" || piece === "$") return "";
    if (piece === ".") return "x";
    if (piece === "\\s") return " ";
    if (piece === "\\d") return "1";
    if (piece === "\\w" || piece === "\\S") return "x";
    if (/^\\[^\w\s]$/.test(piece)) return piece.slice(1);
    return /^[()[\\*+?{]/.test(piece) ? giveUp() : piece;
  };
  const text = choice();
  return text?.trim().replaceAll(/\s+/g, " ");
}
