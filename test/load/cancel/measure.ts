import { parentOf } from "../proc.ts";
import { figure, percentile, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { gone, runners, type Manner, type Stand, type Tree } from "./stand.ts";

const manners: readonly Manner[] = ["obedient", "stubborn"];
const aimMs = 1_000;
const aimOfDeathMs = 2_000;

/** From the word, or the ask, until no process of the tree runs. */
export async function measureCancel(stand: Stand, trees: number): Promise<Figure[]> {
  const ways: { name: string; cancel: (run: string) => Promise<void> }[] = [
    { name: "`cancel` in a chat", cancel: async (run) => await stand.say(`cancel ${run}`) },
    { name: "`runs cancel`", cancel: async (run) => await stand.ask(run) },
  ];
  const figures: Figure[] = [];
  for (const { name, cancel } of ways) {
    for (const manner of manners) {
      progress(`${name}, ${manner} trees`);
      const took = await inRounds(trees, async () => {
        const grown = await stand.grow(manner);
        const from = performance.now();
        const ended = grown.map(async ({ run, pids }) => {
          await cancel(run);
          return (await gone(pids)) - from;
        });
        const times = await Promise.all(ended);
        await Promise.all(grown.map(({ run }) => stand.answered(run)));
        return times;
      });
      figures.push(...spread(`${name} -> ${manner} tree gone`, took, aimMs));
    }
  }
  return figures;
}

/** How long after its time a tree is gone. */
export async function measureTimeouts(stand: Stand, trees: number): Promise<Figure[]> {
  const seconds = 1;
  const figures: Figure[] = [];
  for (const manner of manners) {
    progress(`time-outs, ${manner} trees`);
    const took = await inRounds(trees, async () => {
      const grown = await stand.grow(manner, { timeout: seconds });
      const times = await Promise.all(grown.map(async ({ pids, since }) => (await gone(pids)) - since - seconds * 1_000));
      await Promise.all(grown.map(({ run }) => stand.answered(run)));
      return times;
    });
    figures.push(...spread(`time-out -> ${manner} tree gone`, took, aimMs));
  }
  return figures;
}

/** From -9 of a runner, or of the keeper between it and its commands, until nothing below it runs. */
export async function measureDeaths(stand: Stand, trees: number): Promise<Figure[]> {
  progress("-9 of runners");
  const ofRunners = await inRounds(trees, async () => {
    const grown = await stand.grow("stubborn");
    const { at } = await stand.killRunners();
    const times = await Promise.all(grown.map(async ({ pids }) => (await gone(pids)) - at));
    await stand.replaceRunners();
    await Promise.all(grown.map(({ run }) => stand.answered(run)));
    return times;
  });
  progress("-9 of keepers");
  const ofKeepers = await inRounds(trees, async () => {
    const grown = await stand.grow("stubborn");
    const at = performance.now();
    for (const keeper of new Set(grown.map(keeperOf))) process.kill(keeper, "SIGKILL");
    const times = await Promise.all(grown.map(async ({ pids }) => (await gone(pids)) - at));
    await Promise.all(grown.map(({ run }) => stand.answered(run)));
    return times;
  });
  return [
    ...spread("-9 of the runner -> stubborn tree gone", ofRunners, aimOfDeathMs),
    ...spread("-9 of the keeper -> stubborn tree gone", ofKeepers, aimOfDeathMs),
  ];
}

/** Which process started a tree. */
function keeperOf({ pids }: Tree): number {
  const parents = pids.map(parentOf);
  const roots = parents.filter((parent) => parent > 1 && !pids.includes(parent));
  const [keeper] = roots;
  if (keeper === undefined) throw new Error("a tree has no keeper");
  return keeper;
}

async function inRounds(trees: number, round: () => Promise<number[]>): Promise<number[]> {
  const all: number[] = [];
  while (all.length < trees) all.push(...(await round()));
  return all;
}

function spread(name: string, ms: readonly number[], aim: number): Figure[] {
  const about = `${ms.length} trees on ${runners.length} runners`;
  return [
    figure({ name: `${name}, p50 of ${about}`, value: percentile(ms, 50), unit: "ms" }),
    figure({ name: `${name}, p99`, value: percentile(ms, 99), unit: "ms" }),
    figure({ name: `${name}, longest`, value: Math.max(...ms), unit: "ms", aim: { atMost: aim } }),
  ];
}
