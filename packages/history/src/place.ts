const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Runs of one millisecond that have places of their own before they spill into the next. */
const perMillisecond = 2048;

/** Where a run stands among all, by its id: the millisecond it begins with, then eleven bits of its hash. Below 2^53 until the year 2109. */
export function placeOf(run: string): number {
  const digit = (at: number) => crockford.indexOf(run.charAt(at));
  return placeAt(timeOf(run)) + digit(10) * 64 + digit(11) * 2 + (digit(12) >> 4);
}

/** The first place of a moment, in epoch milliseconds. */
export function placeAt(time: number): number {
  return time * perMillisecond;
}

/** Gives each run a place of its own: the next free one where two meet. `taken` are those that stand. */
export function settle(runs: Iterable<string>, taken: ReadonlySet<number>): Map<string, number> {
  const places = new Map<string, number>();
  const used = new Set(taken);
  for (const run of runs) {
    let place = placeOf(run);
    while (used.has(place)) place++;
    used.add(place);
    places.set(run, place);
  }
  return places;
}

function timeOf(run: string): number {
  let time = 0;
  for (const character of run.slice(0, 10)) time = time * 32 + crockford.indexOf(character);
  return time;
}
