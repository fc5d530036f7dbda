import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { figure, median, percentile, type Figure } from "./figures.ts";
import { progress, rounds } from "./line.ts";
import { plainEnv } from "./processes.ts";
import { noop, type Stack } from "./stack.ts";
import { measureStages, type Stages } from "./stages.ts";

const perRound = 100;

/** What an action of the kind local-shell-cmd costs beyond the same way with an action that does nothing, against starting that command bare. */
export async function measureShell(product: Stack): Promise<Figure[]> {
  const p50 = async (text: string) => percentile((await product.run({ count: perRound, inFlight: 1, text, forMs: 1_500 })).latenciesMs, 50);
  progress("shell commands");
  await p50("bench hi");
  const differences: number[] = [];
  const spawns: number[] = [];
  for (let round = 0; round < rounds; round++) {
    spawns.push(await bareSpawn());
    const nothing = await p50(noop);
    differences.push((await p50("bench hi")) - nothing);
  }
  const stages = { nothing: await measureStages(product, { text: noop }), hi: await measureStages(product, { text: "bench hi" }) };
  const more = (Object.keys(stages.hi) as (keyof Stages)[]).map(
    (stage) => `${stage} ${(stages.hi[stage] - stages.nothing[stage]).toFixed(2)}`,
  );
  const bare = median(spawns);
  const against = { name: "bare spawn of sh -c 'echo hi' from a small Node process", value: bare };
  const kind = median(differences);
  const name = "local-shell-cmd `echo hi` minus a no-op action, p50";
  return [
    figure({ name, value: kind, unit: "ms", against }),
    figure({
      name: `${name}, minus the bare spawn`,
      value: kind - bare,
      unit: "ms",
      against,
      asRatio: false,
      aim: { atMost: 2 },
      why: `ms more than for the no-op action: ${more.join(", ")}; apps/runner/bench/spawn.ts measures the keeper alone`,
    }),
  ];
}

/** p50 of starting the command from a process that has nothing else to do. */
async function bareSpawn(): Promise<number> {
  const program = fileURLToPath(new URL("floor/spawn.ts", import.meta.url));
  const child = spawn(process.execPath, [program, String(perRound)], { stdio: ["ignore", "pipe", "inherit"], env: plainEnv() });
  let text = "";
  for await (const part of child.stdout) text += String(part);
  return percentile(z.array(z.number()).parse(JSON.parse(text)), 50);
}
