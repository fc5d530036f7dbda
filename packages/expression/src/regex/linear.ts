import type { Category, CharacterSet, Member } from "./character-set.ts";
import type { Node } from "./node.ts";

interface Translated {
  /** In RE2's syntax. It says the same as the original on text that is ASCII. */
  readonly source: string;
  /** It has a `$`, which fits before a last line break too: the translation is right for text that ends with none. */
  readonly ends: boolean;
}

/** Says in RE2's words whether a pattern fits ASCII text somewhere; undefined where RE2 can't say it. */
export function translate(root: Node): Translated | undefined {
  let ends = false;
  const say = (node: Node): string | undefined => {
    switch (node.kind) {
      case "set":
        return saySet(node.set);
      case "sequence":
        return joined(node.nodes.map(say), "");
      case "choice": {
        const branches = joined(node.branches.map(say), "|");
        return branches === undefined ? undefined : `(?:${branches})`;
      }
      case "group": {
        const inner = say(node.node);
        return inner === undefined ? undefined : `(?:${inner})`;
      }
      case "repeat": {
        const inner = say(node.node);
        if (inner === undefined || node.min > mostCopies || (node.max !== Infinity && node.max > mostCopies)) return undefined;
        return `(?:${inner}){${node.min},${node.max === Infinity ? "" : node.max}}`;
      }
      case "assertion":
        if (node.of === "end") ends = true;
        return assertions[node.of];
      case "atomic":
      case "look":
      case "back":
      case "conditional":
        return undefined;
    }
  };
  const source = say(root);
  return source === undefined ? undefined : { source, ends };
}

/** RE2 refuses a thousand copies and more; where copies hold copies the other matcher is quicker to build. */
const mostCopies = 50;

const assertions = {
  start: "\\A",
  end: "\\z",
  "very end": "\\z",
  "line start": "(?m:^)",
  "line end": "(?m:$)",
  boundary: "\\b",
  // On no text at all Python finds none, and RE2 does.
  "no boundary": undefined,
} as const;

const categories: Readonly<Record<Category, readonly (readonly [number, number])[]>> = {
  digit: [[48, 57]],
  "not digit": [
    [0, 47],
    [58, 127],
  ],
  space: [
    [9, 13],
    [28, 32],
  ],
  "not space": [
    [0, 8],
    [14, 27],
    [33, 127],
  ],
  word: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  "not word": [
    [0, 47],
    [58, 64],
    [91, 94],
    [96, 96],
    [123, 127],
  ],
};

function saySet({ members, negated, ignoreCase, ascii }: CharacterSet): string | undefined {
  // What ASCII fits a letter beyond it, but for case, the two engines see differently.
  if (ignoreCase && members.some((member) => typeof member !== "string" && member[1] > 127)) return undefined;
  if (ascii && members.some((member) => typeof member === "string")) return undefined;
  const ranges = members.flatMap(rangesOf).map(([from, to]) => `\\x{${from.toString(16)}}-\\x{${to.toString(16)}}`);
  const body = `[${negated ? "^" : ""}${ranges.join("")}]`;
  return ignoreCase ? `(?i:${body})` : body;
}

function rangesOf(member: Member): readonly (readonly [number, number])[] {
  return typeof member === "string" ? categories[member] : [member];
}

function joined(parts: readonly (string | undefined)[], between: string): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(between);
}
