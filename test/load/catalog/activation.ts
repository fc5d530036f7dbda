import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { activatePack, loadPack, type LoadedPack } from "@bellhop/pack-loader";
import { figure, median, percentile, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { temporaryFolder } from "../processes.ts";
import { startStand, type Stand } from "../scaling/stand.ts";
import { copyPrograms } from "../stack.ts";
import { startUp } from "../up.ts";

const versions = 15;
const runners = 4;

/** From the moment somebody makes a version the one that answers, or saves a file, to the first answer of it. */
export async function measureActivation(): Promise<Figure[]> {
  return [...(await measureActivated()), ...(await measureSaved())];
}

async function measureActivated(): Promise<Figure[]> {
  const folder = temporaryFolder("activation");
  const loaded: LoadedPack[] = [];
  for (let n = 0; n < versions; n++) loaded.push(await loadVersion(join(folder, "changing"), n));
  const stand = await startStand("activation", 2);
  try {
    await stand.start("engine");
    for (let n = 0; n < runners; n++) await stand.start("runner", { BELLHOP_RUNNER_ID: `runner-${n}` });
    await stand.run({ count: 64, inFlight: 8, text: "bench noop" });
    const forward: number[] = [];
    const back: number[] = [];
    for (const [n, pack] of loaded.entries()) {
      progress(`activation ${n + 1} of ${versions}`);
      forward.push(await timed(stand, pack, n));
      // Nobody fetches anything to go back; what was, is on every disk.
      if (n > 0) back.push(await timed(stand, loaded[n - 1] ?? pack, n - 1));
      if (n > 0) await timed(stand, pack, n);
    }
    const name = `activation -> first answer, ${runners} runners`;
    return [
      figure({ name: `${name}, a version that nobody has yet, p50`, value: median(forward), unit: "ms", aim: { atMost: 1_000 } }),
      figure({
        name: `${name}, a version that nobody has yet, slowest of ${versions}`,
        value: percentile(forward, 100),
        unit: "ms",
        aim: { atMost: 1_000 },
      }),
      figure({ name: `${name}, back to the one before, p50`, value: median(back), unit: "ms", aim: { atMost: 1_000 } }),
    ];
  } finally {
    await stand.end();
  }
}

async function timed(stand: Stand, pack: LoadedPack, n: number): Promise<number> {
  const from = performance.now();
  await activatePack(stand.bus, pack);
  await answered(() => stand.run({ count: 1, inFlight: 1, text: `changing says ${n}` }));
  return performance.now() - from;
}

/** Until the engine knows the version, it says that there is no such command. */
async function answered(ask: () => Promise<unknown>): Promise<void> {
  for (const since = performance.now(); ;) {
    const fault = await ask().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (fault === undefined) return;
    if (performance.now() - since > 20_000) throw fault;
  }
}

async function loadVersion(folder: string, n: number): Promise<LoadedPack> {
  await writePack(folder, { n, command: `changing says ${n}` });
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

async function writePack(folder: string, { n, command }: { n: number; command: string }): Promise<void> {
  await mkdir(join(folder, "actions"), { recursive: true });
  await mkdir(join(folder, "aliases"), { recursive: true });
  await writeFile(join(folder, "pack.yaml"), `name: changing\ndescription: Changes\nversion: 1.0.${n}\nauthor: The Bellhop authors\n`);
  await writeFile(
    join(folder, "aliases/say.ts"),
    `import { defineAlias } from "@bellhop/sdk";
import say from "../actions/say.ts";
export default defineAlias({ action: say, formats: ["${command}"], reply: "{{ result.said }}" });
`,
  );
  await writeFile(join(folder, "actions/say.ts"), action(n));
}

function action(n: number): string {
  return `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "Say ${n}", output: z.object({ said: z.number() }), repeatable: true, run: () => ({ said: ${n} }) });
`;
}

async function measureSaved(): Promise<Figure[]> {
  const folder = temporaryFolder("saved");
  const pack = join(folder, "packs/changing");
  // A command that stays: what is not known is answered in several lines.
  const command = "changing says";
  await writePack(pack, { n: 0, command });
  progress("saved -> answered");
  const up = await startUp({ folder, programs: await copyPrograms() });
  const samples: number[] = [];
  const says = async (n: number) => {
    for (const since = performance.now(); ;) {
      if ((await up.say(command)).trim() === String(n)) return;
      if (performance.now() - since > 20_000) throw new Error(`version ${n} does not answer`);
    }
  };
  try {
    await says(0);
    for (let n = 1; n <= versions; n++) {
      await writeFile(join(pack, "actions/say.ts"), action(n));
      const from = performance.now();
      await says(n);
      samples.push(performance.now() - from);
    }
  } finally {
    await up.leave();
  }
  return [
    figure({ name: "a TypeScript action saved -> answered, bellhop up, p50", value: median(samples), unit: "ms", aim: { atMost: 1_000 } }),
  ];
}
