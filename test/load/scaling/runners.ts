import { figure, type Figure } from "../figures.ts";
import type { StartedProcess } from "../processes.ts";
import { rateBetween, startStand } from "./stand.ts";

const counts = [1, 2, 4, 8];
const forMs = 8_000;
/** What comes before is start, what comes after is the end of the queue. */
const from = 1;
const to = forMs / 1000;
const napsPerSecond = 20;
/** For each runner, the one at work included: a hand never waits for work, and no command for so long that it is acknowledged on the way. */
const waiting = 3;

/** Runners of concurrency 1 that only wait, and never for work. */
export async function measureRunners(cores: number): Promise<Figure[]> {
  const stand = await startStand("runners", cores);
  await stand.start("engine");
  const runners: StartedProcess[] = [];
  const figures: Figure[] = [];
  let alone = Number.NaN;
  for (const count of counts) {
    while (runners.length < count) runners.push(await stand.start("runner", { BELLHOP_CONCURRENCY: "1" }));
    const inFlight = waiting * count;
    // Each worker has started and loaded the action.
    await stand.run({ text: "bench nap", count: 8 * count, inFlight });
    const round = await stand.run({ text: "bench nap", count: 100_000, inFlight, forMs });
    const rate = rateBetween(round, from, to);
    if (count === 1) alone = rate;
    const busy = Object.values(round.busy).reduce((sum, share) => sum + share, 0);
    process.stderr.write(`${count} runners: ${rate.toFixed(1)} naps/s, machine ${(busy * 100).toFixed(0)} % busy\n`);
    const name = count === 1 ? "naps of 50 ms, one runner of concurrency 1" : `the same, ${count} runners`;
    const why = `${(busy * 100).toFixed(0)} % of the machine's ${cores} cores were busy`;
    figures.push(
      count === 1
        ? figure({ name, value: rate, unit: "1/s", against: { name: "nothing but the naps", value: napsPerSecond } })
        : figure({
            name,
            value: rate,
            unit: "1/s",
            against: { name: `${count} times one`, value: count * alone },
            aim: { atLeast: 0.95 },
            why,
          }),
    );
  }
  await stand.end();
  return figures;
}
