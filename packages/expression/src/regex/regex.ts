import { RE2JS } from "re2js";
import { translate } from "./linear.ts";
import { runProgram, type Slots } from "./machine.ts";
import { parseRegex, type Flags } from "./parse.ts";
import { programOf } from "./program.ts";

export interface RegexMatch {
  /** In UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** 0 is the whole match. A group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
  /** Where each group begins and ends; -1 for one that took no part. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}

export interface Where {
  /** Where in the text to begin; 0 unless said. What lies before is still seen by what looks back. */
  readonly from?: number;
  /** The match begins where one begins to look. */
  readonly anchored?: boolean;
  /** The match ends where the text ends. */
  readonly full?: boolean;
  /** Told what the search takes, in steps of an expression; what it throws ends the search. */
  readonly spend?: (steps: number) => void;
}

/** A regular expression that says what Python's would. Linear in the text, but for look-around and back-references, which have a budget of steps. */
export interface Regex {
  readonly source: string;
  /** Groups, the whole match aside. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** Whether it fits somewhere, or right at the beginning. @throws RegexBudgetError */
  test(text: string, where?: Pick<Where, "anchored" | "spend">): boolean;
  /** @throws RegexBudgetError */
  find(text: string, where?: Where): RegexMatch | undefined;
}

/** Steps a pattern with look-around or back-references may take on one text: some 50 ms. */
const budget = 1_000_000;

/** Reads Python 3.11's syntax. @throws RegexSyntaxError, RegexTooLargeError */
export function compileRegex(pattern: string, flags: Flags = {}): Regex {
  const parsed = parseRegex(pattern, flags);
  const program = programOf(parsed);
  const translated = translate(parsed.node);
  const linear =
    translated === undefined ? undefined : { somewhere: quick(translated.source), first: quick(`\\A(?:${translated.source})`) };
  const slotsOf = (text: string, { from = 0, anchored = false, full = false, spend }: Where) =>
    runProgram(program, { text, from, anchored, full, budget, spend });
  return {
    source: pattern,
    groups: parsed.groups,
    names: parsed.names,
    test: (text, { anchored = false, spend } = {}) => {
      spend?.(Math.ceil(text.length / 8));
      const engine = anchored ? linear?.first : linear?.somewhere;
      if (engine !== undefined && isAscii(text) && !(translated?.ends === true && text.endsWith("\n"))) return engine().test(text);
      return slotsOf(text, { anchored, ...(spend && { spend }) }) !== undefined;
    },
    find: (text, where = {}) => {
      const slots = slotsOf(text, where);
      return slots === undefined ? undefined : matchOf(text, slots, parsed.groups);
    },
  };
}

/** Built when it is first asked: a catalog has more patterns than it uses. */
function quick(source: string): () => RE2JS {
  let engine: RE2JS | undefined;
  return () => (engine ??= RE2JS.compile(source));
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[^\x00-\x7f]/.test(text);
}

function matchOf(text: string, slots: Slots, count: number): RegexMatch {
  const spans = Array.from({ length: count + 1 }, (_, index) => {
    const [start = -1, end = -1] = [slots[2 * index], slots[2 * index + 1]];
    return start < 0 || end < 0 ? ([-1, -1] as const) : ([start, end] as const);
  });
  const [start, end] = spans[0] ?? [0, 0];
  return { start, end, groups: spans.map(([from, to]) => (from < 0 ? undefined : text.slice(from, to))), spans };
}
