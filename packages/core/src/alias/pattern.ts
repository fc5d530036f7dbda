/** What a format's regular expression says about itself, read without running it. */
export interface PatternFacts {
  /** Characters that every match has literally, white space aside. */
  readonly literals: number;
  /** Parameters that a match may lack. */
  readonly optional: number;
  readonly anchoredStart: boolean;
  readonly anchoredEnd: boolean;
  /** What every match begins with, lower case and ASCII: a cheap test before the real one. Empty where that can't be told. */
  readonly prefix: string;
}

/** Parameters stand in a pattern as characters of Unicode's private use area, from this one on. */
export const firstPlaceholder = 0xe000;
export const placeholder = (index: number): string => String.fromCharCode(firstPlaceholder + index);
export const placeholderIndex = (character: string): number | undefined => {
  const index = (character.codePointAt(0) ?? 0) - firstPlaceholder;
  return index >= 0 && index < 0x1900 ? index : undefined;
};

/** The pieces of a regular expression: an escape, a character class, the head of a group, or one character. */
export function patternPieces(pattern: string): string[] {
  return pattern.match(/\\[pP]\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:P?<\w+>|[a-zA-Z-]*[:)]|<?[=!])|[\s\S]/gu) ?? [];
}

/** @param isOptional says of the nth placeholder whether it has a default, and so may be left out */
export function patternFacts(pattern: string, isOptional: (index: number) => boolean): PatternFacts {
  const pieces = patternPieces(pattern);
  let at = 0;
  const choice = (): Facts => {
    const branches: Facts[] = [sequence()];
    while (pieces[at] === "|") {
      at++;
      branches.push(sequence());
    }
    const [only = nothing] = branches;
    if (branches.length === 1) return only;
    // StackStorm's search for anchors looks into the second branch alone, and packs were written against that.
    const examined = branches[1] ?? nothing;
    const parameters = branches.reduce((sum, branch) => sum + branch.parameters, 0);
    return {
      literals: Math.min(...branches.map((branch) => branch.literals)),
      parameters,
      optional: parameters,
      start: examined.start,
      end: examined.end,
    };
  };
  const sequence = (): Facts => {
    let all = nothing;
    while (at < pieces.length && pieces[at] !== "|" && pieces[at] !== ")") {
      let item = single(pieces[at++] ?? "");
      const quantifier = /^[*?+{]/.test(pieces[at] ?? "") ? (pieces[at] ?? "") : "";
      if (quantifier === "{") {
        const braces = /^\{(\d+)(?:,\d*)?\}/.exec(pieces.slice(at, at + 12).join(""));
        if (braces) {
          at += braces[0].length;
          if (braces[1] === "0") item = leftOut(item);
        }
      } else if (quantifier !== "") {
        at++;
        if (quantifier !== "+") item = leftOut(item);
      }
      if (quantifier !== "" && pieces[at] === "?") at++;
      all = both(all, item);
    }
    return all;
  };
  const single = (piece: string): Facts => {
    const index = placeholderIndex(piece);
    if (index !== undefined) return { ...nothing, parameters: 1, optional: isOptional(index) ? 1 : 0 };
    if (piece === "^" || piece === "\\A") return { ...nothing, start: true };
    if (piece === "$" || piece === "\\Z" || piece === "\\z") return { ...nothing, end: true };
    if (piece.startsWith("(?") && piece.endsWith(")")) return nothing;
    if (piece.startsWith("(")) {
      const inner = choice();
      if (pieces[at] === ")") at++;
      return /<\w+>$/.test(piece) ? { ...inner, parameters: inner.parameters + 1 } : inner;
    }
    if (piece.startsWith("[") && piece.length > 1) {
      const inside = Array.from(piece).filter((character) => placeholderIndex(character) !== undefined).length;
      return { ...nothing, parameters: inside };
    }
    if (/^\\[\w]/.test(piece) || piece === "." || /^\s$/.test(piece)) return nothing;
    return { ...nothing, literals: 1 };
  };
  const facts = choice();
  return {
    literals: facts.literals,
    optional: facts.optional,
    anchoredStart: facts.start,
    anchoredEnd: facts.end,
    prefix: facts.start || pieces.includes("|") ? "" : prefixOf(pieces),
  };
}

interface Facts {
  literals: number;
  parameters: number;
  optional: number;
  start: boolean;
  end: boolean;
}

const nothing: Facts = { literals: 0, parameters: 0, optional: 0, start: false, end: false };

function both(a: Facts, b: Facts): Facts {
  return {
    literals: a.literals + b.literals,
    parameters: a.parameters + b.parameters,
    optional: a.optional + b.optional,
    start: a.start || b.start,
    end: a.end || b.end,
  };
}

function leftOut(item: Facts): Facts {
  return { ...item, literals: 0, optional: item.parameters };
}

function prefixOf(pieces: readonly string[]): string {
  let prefix = "";
  for (const [index, piece] of pieces.entries()) {
    if (prefix === "" && piece === " ") continue;
    if (!/^[\w#/:,;@&%~'"=<>!-]$/.test(piece) || /^[*?+{]$/.test(pieces[index + 1] ?? "")) break;
    prefix += piece.toLowerCase();
  }
  return prefix;
}
