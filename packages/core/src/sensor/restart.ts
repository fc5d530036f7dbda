/** How long a sensor that failed waits before it begins anew, in milliseconds: the first pause, twice as long each time and the longest at most, of which chance
 *  leaves between half and all, so that those that failed together do not begin together.
 *  @param at.failures how often in a row, 1 and more
 *  @param at.chance 0 … 1 */
export function restartDelay(at: { failures: number; first: number; longest: number; chance: number }): number {
  const { failures, first, longest, chance } = at;
  return Math.round(Math.min(longest, first * 2 ** (failures - 1)) * (0.5 + chance / 2));
}
