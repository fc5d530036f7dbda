/** What is to be held: an instance of a sensor, and which runners may have it. */
export interface Shared {
  readonly name: string;
  readonly pool: string;
}

/** Says who shall hold which instance: each pool's spread evenly over the runners that take its sensors, and as few moved as that allows. All who see the same
 *  say the same; where they don't, whoever is first to hold it has it.
 *  @param at.runnersOf ids of the living runners of a pool
 *  @param at.holderOf the living holder of an instance, if there is one
 *  @returns by name; what nobody can take is left out */
export function shareOut(at: {
  instances: readonly Shared[];
  runnersOf: (pool: string) => readonly string[];
  holderOf: (name: string) => string | undefined;
}): Map<string, string> {
  const pools = Map.groupBy(
    at.instances.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ({ pool }) => pool,
  );
  return new Map([...pools].flatMap(([pool, instances]) => shareOfPool(instances, { ...at, runners: at.runnersOf(pool).toSorted() })));
}

function shareOfPool(
  instances: readonly Shared[],
  { runners, holderOf }: { runners: readonly string[]; holderOf: (name: string) => string | undefined },
): [string, string][] {
  if (runners.length === 0) return [];
  const holdings = new Map(runners.map((runner) => [runner, instances.filter(({ name }) => holderOf(name) === runner)]));
  const heldBy = (runner: string) => holdings.get(runner)?.length ?? 0;
  const least = Math.floor(instances.length / runners.length);
  let over = instances.length % runners.length;
  // Who has more already is the one to have one more: then it need not move.
  const shares = runners
    .toSorted((a, b) => heldBy(b) - heldBy(a) || (a < b ? -1 : 1))
    .map((runner) => ({ runner, most: over-- > 0 ? least + 1 : least }));
  const kept = shares.flatMap(({ runner, most }) => (holdings.get(runner) ?? []).slice(0, most).map(({ name }) => [name, runner] as const));
  const out = new Map(kept);
  const free = instances.filter(({ name }) => !out.has(name));
  for (const { runner, most } of shares) {
    const room = most - Math.min(most, heldBy(runner));
    for (const { name } of free.splice(0, room)) out.set(name, runner);
  }
  return [...out];
}
