import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bus } from "@bellhop/bus";
import { openHistory } from "@bellhop/history";
import { figure, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { cpuMicros, pssMegabytes } from "../proc.ts";
import { endProcess, plainEnv, startProcess } from "../processes.ts";
import { activateBenchPack, asOperator, repository, appHeap, startServer } from "../stack.ts";
import { recordsOf } from "./records.ts";

const lookMs = 50;
const appendsAtOnce = 128;
/** What a process has loaded and compiled by then is not the log's doing. */
const settledShare = 0.5;

/** An engine that finds a log nobody read yet: how fast it is in the history, and whether its memory grows with it. */
export async function measureProjector(runs: number): Promise<Figure[]> {
  const place = await startServer("history");
  const { server, folder, credentials } = place;
  progress(`writing a log of ${2 * runs} steps`);
  await asOperator(place, async (bus) => {
    await bus.setUp();
    await activateBenchPack(bus);
    await writeLog(bus, runs);
  });
  progress("projecting it");
  const history = await openHistory({ kind: "sqlite", file: join(folder, "history.db") });
  const engine = startProcess({
    command: process.execPath,
    args: [...appHeap.engine, join(repository, "apps/engine/src/main.ts")],
    cwd: folder,
    env: { ...plainEnv(), NATS_URL: server.url, BELLHOP_CREDENTIALS: credentials.engine.file, BELLHOP_FOLDER: folder },
  });
  const position = async () => (await history.position()).sequence;
  const untilPast = async (sequence: number) => {
    for (;;) {
      const at = await position();
      if (at >= sequence) return { at, ms: performance.now(), cpu: cpuMicros(engine.pid), megabytes: pssMegabytes(engine.pid) };
      await Promise.race([pause(lookMs), engine.gone.then(() => Promise.reject(new Error(`the engine ended:\n${engine.lastWords()}`)))]);
    }
  };
  const last = 2 * runs;
  const begin = await untilPast(1);
  const settled = await untilPast(last * settledShare);
  const end = await untilPast(last);
  await endProcess(engine);
  await history.close();
  await server.stop();
  const steps = end.at - begin.at;
  return [
    figure({
      name: "projector, catching up, beside an idle engine",
      value: (steps / (end.ms - begin.ms)) * 1_000,
      unit: "steps/s",
      aim: { atLeast: 5_000 },
    }),
    figure({ name: "projector, processor time of the engine", value: (end.cpu - begin.cpu) / steps, unit: "us/step" }),
    figure({ name: "engine memory (PSS) after half of the log", value: settled.megabytes, unit: "MB" }),
    figure({
      name: "engine memory (PSS) after all of it",
      value: end.megabytes,
      unit: "MB",
      against: { name: "after half of it", value: settled.megabytes },
      aim: { atMost: 1.15 },
    }),
  ];
}

async function writeLog(bus: Bus, runs: number): Promise<void> {
  const began = Date.now() - runs;
  let next = 0;
  const write = async () => {
    for (let number = next++; number < runs; number = next++) {
      const [first, second] = recordsOf(number, began + number);
      const appended = await bus.log.append(first, { after: 0 });
      if (appended.kind === "conflict") throw new Error("nobody else writes here");
      await bus.log.append(second, { after: appended.sequence });
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, write));
}
