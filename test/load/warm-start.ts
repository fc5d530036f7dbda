import { dirname, delimiter } from "node:path";
import { figure, median, type Figure } from "./figures.ts";
import { progress, rounds } from "./line.ts";
import { commandLine, pssMegabytes, shortName, startedAt, treeOf } from "./proc.ts";
import { endProcess, plainEnv, startProcess, temporaryFolder, type StartedProcess } from "./processes.ts";
import { repository } from "./stack.ts";
import { lines } from "./up.ts";

/** What somebody who starts it a second time waits for, and what npm and the set-up weigh while it runs. */
export async function measureStart(): Promise<Figure[]> {
  const folder = temporaryFolder("start");
  progress("first start, for the caches");
  await timeToReply(folder);
  const times: number[] = [];
  let why = "";
  for (let round = 1; round <= rounds; round++) {
    progress(`warm start ${round} of ${rounds}`);
    const { ms, steps } = await timeToReply(folder);
    times.push(ms);
    why = steps;
  }
  const beside = await memoryBeside(folder);
  const name = "warm start: printf '!echo hello' | npm start, from spawn to first reply";
  return [
    figure({ name, value: median(times) / 1000, unit: "s", aim: { atMost: 2 }, why }),
    figure({ name: "memory (PSS), npm and its shell, beside npm start", value: beside.npm, unit: "MB" }),
    figure({ name: "memory (PSS), bootstrap process, beside npm start", value: beside.bootstrap, unit: "MB" }),
  ];
}

interface Start {
  ms: number;
  /** When the processes that were running at the reply had been started. */
  steps: string;
}

async function timeToReply(folder: string): Promise<Start> {
  const from = performance.now();
  const { started, reply } = npmStart(folder);
  started.child.stdin?.end("!echo hello\n");
  await reply;
  const ms = performance.now() - from;
  const begun = startedAt(started.pid);
  const steps = treeOf(started.pid)
    .slice(1)
    .map((pid) => `${shortName(pid)} after ${(startedAt(pid) - begun).toFixed(2)} s`)
    .join(", ");
  await started.gone;
  if (started.child.exitCode !== 0) throw new Error(`npm start ended with ${started.child.exitCode}:\n${started.lastWords()}`);
  return { ms, steps };
}

async function memoryBeside(folder: string): Promise<{ npm: number; bootstrap: number }> {
  const { started, reply } = npmStart(folder);
  started.child.stdin?.write("!echo hello\n");
  await reply;
  const tree = treeOf(started.pid);
  const bootstrap = tree.find((pid) => /^\S*node\S* bootstrap\/main\.mjs/.test(commandLine(pid)));
  if (bootstrap === undefined) throw new Error("the bootstrap process was not found below npm");
  const within = new Set(treeOf(bootstrap));
  const npm = tree.filter((pid) => !within.has(pid)).reduce((sum, pid) => sum + pssMegabytes(pid), 0);
  const memory = { npm, bootstrap: pssMegabytes(bootstrap) };
  started.child.stdin?.end();
  await started.gone;
  await endProcess(started);
  return memory;
}

/** As a person starts it: with the machine's own Node, not the one this bench runs on. */
function npmStart(folder: string): { started: StartedProcess; reply: Promise<void> } {
  const env = plainEnv();
  const own = new Set([dirname(process.execPath)]);
  const path = (env["PATH"] ?? "").split(delimiter).filter((part) => !own.has(part) && !part.includes("node_modules"));
  const said = lines();
  const started = startProcess({
    command: "npm",
    args: ["start"],
    cwd: repository,
    env: { ...env, PATH: path.join(delimiter), BELLHOP_FOLDER: folder },
    onOutput: said.take,
  });
  return { started, reply: hello(started, said) };
}

/** npm may say what it runs before the reply comes. */
async function hello(started: StartedProcess, said: ReturnType<typeof lines>): Promise<void> {
  while ((await said.next(started)).trim() !== "hello");
}
