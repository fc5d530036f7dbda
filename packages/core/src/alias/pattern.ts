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
  /** Texts that every match has, in this order; lower case and ASCII. */
  readonly runs: readonly Run[];
  /** Of each of these sets, every match has one text; lower case and ASCII. */
  readonly choices: readonly (readonly string[])[];
}

export interface Run {
  readonly text: string;
  /** It stands between white space or at an edge, so it is a word of the command and not a part of one. */
  readonly word: boolean;
}

/** Parameters stand in a pattern as characters of Unicode's private use area, from this one on. */
const firstPlaceholder = 0xe000;
export const placeholder = (index: number): string => String.fromCharCode(firstPlaceholder + index);
export const placeholderIndex = (character: string): number | undefined => {
  const index = (character.codePointAt(0) ?? 0) - firstPlaceholder;
  return index >= 0 && index < 0x1900 ? index : undefined;
};

/** The pieces of a regular expression: an escape, a character class, the head of a group, or one character. */
export function patternPieces(pattern: string): string[] {
  return (
    pattern.match(
      /\\[pPx]\{[^}]*\}|\\x[0-9a-fA-F]{2}|\\[pP]\w|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:P?<\w+>|P=\w+\)|[a-zA-Z-]*[:)]|<?[=!]|>|\(\w+\))|[\s\S]/gu,
    ) ?? []
  );
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
      trace: [other],
      choices: choiceOf(branches),
      literals: Math.min(...branches.map((branch) => branch.literals)),
      parameters,
      optional: parameters,
      start: examined.start,
      end: examined.end,
    };
  };
  const sequence = (): Facts => {
    const items: Facts[] = [];
    while (at < pieces.length && pieces[at] !== "|" && pieces[at] !== ")") {
      let item = single(pieces[at++] ?? "");
      const quantifier = /^[*?+{]/.test(pieces[at] ?? "") ? (pieces[at] ?? "") : "";
      if (quantifier === "{") {
        const braces = /^\{(\d+)(?:,\d*)?\}/.exec(pieces.slice(at, at + 12).join(""));
        if (braces) {
          at += braces[0].length;
          item = braces[1] === "0" ? leftOut(item) : repeated(item);
        }
      } else if (quantifier !== "") {
        at++;
        item = quantifier === "+" ? repeated(item) : leftOut(item);
      }
      if (quantifier !== "" && /^[?+]$/.test(pieces[at] ?? "")) at++;
      items.push(item);
    }
    return inSequence(items);
  };
  const single = (piece: string): Facts => {
    const index = placeholderIndex(piece);
    if (index !== undefined) return isOptional(index) ? optional : { ...nothing, parameters: 1, trace: [other] };
    if (piece === "^" || piece === "\\A") return { ...nothing, start: true };
    if (piece === "$" || piece === "\\Z" || piece === "\\z") return { ...nothing, end: true };
    if (piece.startsWith("(?P=")) return { ...nothing, trace: [other] };
    if (/^\(\?[a-zA-Z-]*\)$/.test(piece)) return nothing;
    if (piece.startsWith("(")) {
      const inner = choice();
      if (pieces[at] === ")") at++;
      // It takes no text itself; what it looks for may stand anywhere, or nowhere.
      if (/^\(\?<?[=!]$/.test(piece)) return nothing;
      if (piece.startsWith("(?(")) return leftOut(inner);
      return /<\w+>$/.test(piece) ? { ...inner, parameters: inner.parameters + 1 } : inner;
    }
    if (piece.startsWith("[") && piece.length > 1) {
      const inside = Array.from(piece).filter((character) => placeholderIndex(character) !== undefined).length;
      return { ...nothing, parameters: inside, trace: [other] };
    }
    if (/^\\[bB]$/.test(piece)) return nothing;
    if (/^\s$/.test(piece)) return { ...nothing, trace: [white] };
    if (/^\\[\w]/.test(piece) || piece === ".") return { ...nothing, trace: [other] };
    const character = piece.slice(-1);
    return { ...nothing, literals: 1, trace: [/^[!-~]$/.test(character) ? character.toLowerCase() : other] };
  };
  const facts = choice();
  return {
    literals: facts.literals,
    optional: facts.optional,
    anchoredStart: facts.start,
    anchoredEnd: facts.end,
    prefix: facts.start || pieces.includes("|") ? "" : prefixOf(pieces),
    runs: runsOf(facts),
    choices: facts.choices,
  };
}

interface Facts {
  literals: number;
  parameters: number;
  optional: number;
  start: boolean;
  end: boolean;
  /** What a match consists of: literal characters, white space, an optional parameter, or anything else. */
  trace: readonly string[];
  choices: readonly (readonly string[])[];
}

const white = " ";
const other = "";
const maybe = "?{}";
const nothing: Facts = { literals: 0, parameters: 0, optional: 0, start: false, end: false, trace: [], choices: [] };
const optional: Facts = { ...nothing, parameters: 1, optional: 1, trace: [maybe] };

function inSequence(items: readonly Facts[]): Facts {
  const trace: string[] = [];
  const choices: (readonly string[])[] = [];
  const all = { ...nothing, trace, choices };
  for (const item of items) {
    all.literals += item.literals;
    all.parameters += item.parameters;
    all.optional += item.optional;
    all.start ||= item.start;
    all.end ||= item.end;
    trace.push(...item.trace);
    choices.push(...item.choices);
  }
  return all;
}

/** StackStorm's search for anchors does not look into what is repeated. */
function repeated(item: Facts): Facts {
  return { ...item, start: false, end: false, trace: [other] };
}

function leftOut(item: Facts): Facts {
  return { ...repeated(item), literals: 0, optional: item.parameters, choices: [] };
}

/** The longest text of each branch; of a branch without any nothing can be told. */
function choiceOf(branches: readonly Facts[]): string[][] {
  const longest = branches.map((branch) => runsOf(branch).reduce((best, { text }) => (text.length > best.length ? text : best), ""));
  return longest.includes("") ? [] : [longest];
}

/** White space before an optional parameter goes with it: what stands before is a word only where more white space or the end comes after. */
function runsOf({ trace, start, end }: Facts): Run[] {
  const runs: Run[] = [];
  const isEdge = (at: number, step: -1 | 1): boolean => {
    const piece = trace[at];
    if (piece === undefined) return step < 0 ? !start : !end;
    if (piece === maybe) return step > 0 && isEdge(at + 1, 1);
    return piece === white && (step < 0 || trace[at + 1] !== maybe || isEdge(at + 2, 1));
  };
  for (let at = 0; at < trace.length; at++) {
    if (!isLiteral(trace[at])) continue;
    const first = at;
    while (isLiteral(trace[at + 1])) at++;
    runs.push({ text: trace.slice(first, at + 1).join(""), word: isEdge(first - 1, -1) && isEdge(at + 1, 1) });
  }
  return runs;
}

function isLiteral(piece: string | undefined): boolean {
  return piece?.length === 1 && piece !== white;
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
