import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { figure, median, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { cpuMicros, pssMegabytes, shortName, treeOf } from "../proc.ts";
import { endProcess, temporaryFolder } from "../processes.ts";
import { asOperator, copyPrograms, firstSession, startServer, type Programs } from "../stack.ts";
import { startUp } from "../up.ts";
import { platformNames, type PlatformName } from "./order.ts";
import { startGateway, startPlatform } from "./stand.ts";

const messages = 100;
/** Until what was in use is given back. */
const restMs = 4_000;
const idleMs = 5_000;

/** What gateways weigh and use while nobody says anything: each in a process of its own, and all within `up`. The first of two starts is for the
 *  compile cache; what was said to it is the first's alone, or the second would catch up with it. */
export async function measureRest(): Promise<Figure[]> {
  const programs = await copyPrograms();
  const figures: Figure[] = [];
  for (const name of platformNames) figures.push(...(await restOfGateway(name, programs)));
  return [...figures, ...(await restOfUp(programs))];
}

async function restOfGateway(name: PlatformName, programs: Programs): Promise<Figure[]> {
  progress(`${name}: at rest`);
  const cache = temporaryFolder("compile-cache");
  const first = await connected(name, { programs, cache });
  await first.talk("in", 1);
  await firstSession();
  await first.stop();
  const second = await connected(name, { programs, cache });
  await second.talk("in", messages);
  await second.talk("out", messages / 2);
  const rest = await atRest([second.gateway.pid]);
  await second.stop();
  return [
    figure({
      name: `${name}, memory (PSS), connected and idle, gateway process`,
      value: rest.megabytes,
      unit: "MB",
      aim: { atMost: 110 },
      why: rest.parts,
    }),
    figure({ name: `${name}, CPU, connected and idle, gateway process`, value: rest.cpu, unit: "ms/s" }),
  ];
}

/** A gateway with a platform and a NATS of its own. */
async function connected(name: PlatformName, { programs, cache }: { programs: Programs; cache: string }) {
  const place = await startServer("rest");
  await asOperator(place, (bus) => bus.setUp());
  const platform = await startPlatform({ name, place, limited: false });
  const gateway = startGateway({ platform, place, node: programs.node, cache });
  return {
    gateway,
    talk: async (way: "in" | "out", count: number) => await platform.ask({ side: "product", way, count, inFlight: 1, forMs: 20_000 }),
    async stop() {
      await Promise.all([gateway, platform.started].map(endProcess));
      await place.server.stop();
    },
  };
}

/** `bellhop up` with all three chats in its one process. */
async function restOfUp(programs: Programs): Promise<Figure[]> {
  progress("up with three chats: at rest");
  const cache = temporaryFolder("compile-cache");
  const first = await upWithChats(programs, cache);
  await first.talk(1);
  await firstSession();
  await first.stop();
  const second = await upWithChats(programs, cache);
  await second.talk(messages / 2);
  await second.up.leave();
  const pids = treeOf(second.up.started.pid).filter((pid) => !shortName(pid).endsWith("worker-main.ts"));
  const rest = await atRest(pids);
  await second.stop();
  const what = "bellhop up with Slack, Discord and Matrix, and nats-server, without workers";
  return [
    figure({ name: `memory (PSS), connected and idle, ${what}`, value: rest.megabytes, unit: "MB", aim: { atMost: 220 }, why: rest.parts }),
    figure({ name: `CPU, connected and idle, ${what}`, value: rest.cpu, unit: "ms/s" }),
  ];
}

async function upWithChats(programs: Programs, cache: string) {
  // The platforms' processes want a NATS to look at; `up` has its own.
  const place = await startServer("beside");
  const platforms = await Promise.all(platformNames.map((name) => startPlatform({ name, place, limited: false })));
  const folder = temporaryFolder("chats-up");
  writeFileSync(join(folder, "bellhop.yaml"), JSON.stringify({ access: [{ who: ["*"], what: ["core.echo"] }] }));
  const env: Record<string, string> = { NODE_COMPILE_CACHE: cache };
  for (const platform of platforms) Object.assign(env, platform.env.product);
  const up = await startUp({ folder, programs, env });
  return {
    up,
    async talk(count: number) {
      for (const platform of platforms) await platform.ask({ side: "product", way: "round", count, inFlight: 1, forMs: 20_000 });
    },
    async stop() {
      await up.leave();
      await Promise.all([up.started, ...platforms.map(({ started }) => started)].map(endProcess));
      await place.server.stop();
    },
  };
}

async function atRest(pids: readonly number[]): Promise<{ megabytes: number; cpu: number; parts: string }> {
  await passed(restMs);
  const used = () => pids.reduce((sum, pid) => sum + cpuMicros(pid), 0);
  const before = used();
  const from = performance.now();
  const samples: number[] = [];
  while (performance.now() - from < idleMs) {
    samples.push(pids.reduce((sum, pid) => sum + pssMegabytes(pid), 0));
    await passed(500);
  }
  const parts = pids.map((pid) => `${shortName(pid)} ${pssMegabytes(pid).toFixed(1)}`).join(", ");
  progress(`PSS in MB: ${parts}`);
  return { megabytes: median(samples), cpu: (used() - before) / (performance.now() - from), parts };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
