import { figure, median, type Figure } from "./figures.ts";
import { progress } from "./line.ts";
import { pssMegabytes, shortName, treeOf } from "./proc.ts";
import { endProcess, temporaryFolder } from "./processes.ts";
import { copyPrograms, firstSession, noop, startProduct, type Programs } from "./stack.ts";
import { startUp } from "./up.ts";

const commands = 100;
/** Until what was in use is given back and idle workers beyond the first have gone. */
const idleMs = 4_000;

/** PSS of everything that runs, after a hundred commands and a rest, in a folder where it has run before. */
export async function measureMemory(): Promise<Figure[]> {
  const programs = await copyPrograms();
  progress("memory, engine and runner apart");
  const apart = await memoryApart(programs);
  progress("memory, one process");
  const together = await memoryTogether(programs);
  return [
    figure({
      name: "memory (PSS) idle, one process: bellhop up, worker, nats-server",
      value: together.total,
      unit: "MB",
      aim: { atMost: 120 },
      why: together.parts,
    }),
    figure({
      name: "memory (PSS) idle, engine and runner apart, worker, nats-server",
      value: apart.total,
      unit: "MB",
      aim: { atMost: 170 },
      why: apart.parts,
    }),
  ];
}

interface Memory {
  total: number;
  parts: string;
}

async function memoryApart(programs: Programs): Promise<Memory> {
  const product = await startProduct({ name: "memory", programs, again: true });
  await product.run({ count: commands, inFlight: 1, text: noop });
  const { engine, runner } = product.processes;
  const memory = await idleMemory([...treeOf(engine.pid), ...treeOf(runner.pid), product.server.pid]);
  await product.stop();
  return memory;
}

async function memoryTogether(programs: Programs): Promise<Memory> {
  const folder = temporaryFolder("memory-up");
  const first = await startUp({ folder, programs });
  await first.say("!echo hello");
  await firstSession();
  await first.leave();
  await endProcess(first.started);
  const up = await startUp({ folder, programs });
  for (let i = 0; i < commands; i++) await up.say("!echo hello");
  const memory = await idleMemory(treeOf(up.started.pid));
  await up.leave();
  await endProcess(up.started);
  return memory;
}

async function idleMemory(pids: number[]): Promise<Memory> {
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const samples: number[] = [];
  for (let i = 0; i < 5; i++) {
    samples.push(pids.reduce((sum, pid) => sum + pssMegabytes(pid), 0));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const parts = pids.map((pid) => `${shortName(pid)} ${pssMegabytes(pid).toFixed(1)}`).join(", ");
  progress(`PSS in MB: ${parts}`);
  return { total: median(samples), parts };
}
