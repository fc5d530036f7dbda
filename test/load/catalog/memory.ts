import type { Bus } from "@bellhop/bus";
import { activatePack, loadPack } from "@bellhop/pack-loader";
import { figure, median, percentile, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { pssMegabytes } from "../proc.ts";
import { temporaryFolder } from "../processes.ts";
import { copyPrograms, noop, startProduct, type Programs } from "../stack.ts";
import { makePacks } from "./make.ts";

const commands = 100;
/** Until what was in use is given back. */
const idleMs = 4_000;
const made = { packs: 170, actions: 10_000, spelling: "yaml", aliasEvery: 5 } as const;

/** PSS of the engine at rest, and how fast it answers, with as many packs as StackStorm's Exchange has and without them. */
export async function measureCatalog(): Promise<Figure[]> {
  const programs = await copyPrograms();
  progress("the engine with one pack");
  const without = await engineWith(programs, async () => {});
  progress(`the engine with ${made.packs} packs`);
  const folders = await makePacks(temporaryFolder("catalog"), made);
  const all = await engineWith(programs, async (bus) => {
    for (const folder of folders) {
      const pack = await loadPack(folder);
      if (pack.kind === "faulty") throw new Error(JSON.stringify(pack.problems));
      await activatePack(bus, pack);
    }
  });
  const size = `${made.packs} packs, ${made.actions} actions, ${made.actions / made.aliasEvery} aliases`;
  const pss = { name: "with one pack of three actions", value: without.pss };
  return [
    figure({ name: `memory (PSS) of the engine at rest, ${size}`, value: all.pss, unit: "MB", against: pss }),
    figure({ name: `memory (PSS) for each of these actions`, value: ((all.pss - without.pss) * 1024) / made.actions, unit: "KB" }),
    figure({
      name: `received -> reply published, one at a time, p50, ${size}`,
      value: all.p50,
      unit: "ms",
      against: { name: "with one pack of three actions", value: without.p50 },
    }),
  ];
}

async function engineWith(programs: Programs, prepare: (bus: Bus) => Promise<void>): Promise<{ pss: number; p50: number }> {
  const product = await startProduct({ name: "catalog", programs, again: true, prepare });
  await product.run({ count: commands, inFlight: 1, text: noop });
  const { latenciesMs } = await product.run({ count: 4 * commands, inFlight: 1, text: noop });
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const samples: number[] = [];
  for (let i = 0; i < 5; i++) {
    samples.push(pssMegabytes(product.processes.engine.pid));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await product.stop();
  return { pss: median(samples), p50: percentile(latenciesMs, 50) };
}
