import { median } from "../figures.ts";

const rounds = 5;
const roundMs = 60;

/** How often each of them can be done in a second: all in turn, several times over. */
export async function perSecond(works: readonly (() => unknown)[]): Promise<number[]> {
  const seen = works.map((): number[] => []);
  for (const work of works) await once(work);
  for (let round = 0; round < rounds; round++) for (const [at, work] of works.entries()) seen[at]?.push(await once(work));
  return seen.map(median);
}

async function once(work: () => unknown): Promise<number> {
  // Only what answers later is waited for: waiting costs more than many an expression.
  const later = work() instanceof Promise;
  let done = 0;
  const start = performance.now();
  let took = 0;
  while (took < roundMs) {
    if (later) for (let time = 0; time < 20; time++) await work();
    else for (let time = 0; time < 20; time++) work();
    done += 20;
    took = performance.now() - start;
  }
  return (done / took) * 1000;
}
