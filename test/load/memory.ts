import { figure, median, type Figure } from "./figures.ts";
import { noop, progress } from "./line.ts";
import { commandLine, pssMegabytes, treeOf } from "./proc.ts";
import { endProcess } from "./processes.ts";
import { startProduct } from "./stack.ts";
import { startUp } from "./up.ts";

const commands = 100;
/** Until what was in use is given back and idle workers beyond the first have gone. */
const idleMs = 4_000;

/** PSS of everything that runs, after a hundred commands and a rest. */
export async function measureMemory(): Promise<Figure[]> {
  progress("memory, engine and runner apart");
  const apart = await memoryApart();
  progress("memory, one process");
  const together = await memoryTogether();
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

async function memoryApart(): Promise<Memory> {
  const product = await startProduct({ name: "memory" });
  await product.run({ count: commands, inFlight: 1, text: noop });
  const { engine, runner } = product.processes;
  const memory = await idleMemory([...treeOf(engine.pid), ...treeOf(runner.pid), product.server.pid]);
  await product.stop();
  return memory;
}

async function memoryTogether(): Promise<Memory> {
  const up = await startUp({ name: "memory-up" });
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
  const parts = pids.map((pid) => `${nameOf(pid)} ${pssMegabytes(pid).toFixed(1)}`).join(", ");
  progress(`PSS in MB: ${parts}`);
  return { total: median(samples), parts };
}

function nameOf(pid: number): string {
  const line = commandLine(pid);
  if (line.includes("nats-server")) return "nats-server";
  const script = line.split(" ").find((part) => part.endsWith(".ts") || part.endsWith(".mjs") || part.endsWith(".cjs"));
  return script === undefined ? line.slice(0, 20) : script.split("/").slice(-3).join("/");
}
