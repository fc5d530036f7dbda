import { problem, type Problem, type TriggerFired } from "@bellhop/contracts";

/** How far events may lead to one another: rules that bring about what they wait for would go on for ever. */
export interface ChainBounds {
  /** How many may stand before one, each of which led to the next. */
  readonly depth: number;
  /** How many runs may follow from what runs of rules brought about, within one trace: two rules that wake each other twice are a million soon. */
  readonly runs: number;
}

/** Far beyond what anybody means. */
export const chainBounds: ChainBounds = { depth: 64, runs: 20_000 };

/** Why an event runs nothing although rules fire.
 *  @param at.before how many runs followed in its trace already
 *  @param at.rules those that would fire */
export function chainCut(
  { depth = 0 }: Pick<TriggerFired, "depth">,
  at: { bounds: ChainBounds; before: number; rules: readonly string[] },
): Problem | undefined {
  const { bounds, before, rules } = at;
  if (depth === 0 || rules.length === 0) return undefined;
  const named = rules.length > namedAtMost ? `${rules.slice(0, namedAtMost).join(", ")} and others` : rules.join(", ");
  if (depth >= bounds.depth) return problem("chain_long", { depth, rules: named });
  return before + rules.length > bounds.runs ? problem("chain_wide", { runs: before, rules: named }) : undefined;
}

const namedAtMost = 3;
