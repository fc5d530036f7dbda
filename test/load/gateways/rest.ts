import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { figure, median, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { cpuMicros, pssMegabytes, shortName, treeOf } from "../proc.ts";
import { endProcess, temporaryFolder } from "../processes.ts";
import { copyPrograms, firstSession, type Programs, type ServerPlace } from "../stack.ts";
import { startUp } from "../up.ts";
import { platformNames, type PlatformName } from "./order.ts";
import { startGateway, startPlatform } from "./stand.ts";

const messages = 100;
/** Until what was in use is given back. */
const restMs = 4_000;
const idleMs = 5_000;

/** What gateways weigh and use while nobody says anything: each in a process of its own, and all within `up`. */
export async function measureRest(place: ServerPlace): Promise<Figure[]> {
  const programs = await copyPrograms();
  const figures: Figure[] = [];
  for (const name of platformNames) figures.push(...(await restOfGateway({ name, place, programs })));
  return [...figures, ...(await restOfUp({ place, programs }))];
}

async function restOfGateway(at: { name: PlatformName; place: ServerPlace; programs: Programs }): Promise<Figure[]> {
  const { name, place, programs } = at;
  progress(`${name}: at rest`);
  const platform = await startPlatform({ name, place, limited: false });
  const talk = async (way: "in" | "out", count: number) => await platform.ask({ side: "product", way, count, inFlight: 1, forMs: 20_000 });
  const first = startGateway({ platform, place, node: programs.node });
  await talk("in", 1);
  await firstSession();
  await endProcess(first);
  const gateway = startGateway({ platform, place, node: programs.node });
  await talk("in", messages);
  await talk("out", messages / 2);
  const rest = await atRest([gateway.pid]);
  await Promise.all([gateway, platform.started].map(endProcess));
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

/** `bellhop up` with all three chats in its one process. */
async function restOfUp({ place, programs }: { place: ServerPlace; programs: Programs }): Promise<Figure[]> {
  progress("up with three chats: at rest");
  const platforms = await Promise.all(platformNames.map((name) => startPlatform({ name, place, limited: false })));
  const folder = temporaryFolder("chats-up");
  writeFileSync(join(folder, "bellhop.yaml"), JSON.stringify({ access: [{ who: ["*"], what: ["core.echo"] }] }));
  const env = Object.assign({}, ...platforms.map((platform) => platform.env.product)) as Record<string, string>;
  const talk = async (count: number) => {
    for (const platform of platforms) await platform.ask({ side: "product", way: "round", count, inFlight: 1, forMs: 20_000 });
  };
  const first = await startUp({ folder, programs, env });
  await talk(1);
  await firstSession();
  await first.leave();
  await endProcess(first.started);
  const up = await startUp({ folder, programs, env });
  await talk(messages / 2);
  await up.leave();
  const workers = (pid: number) => shortName(pid).endsWith("worker-main.ts");
  const pids = treeOf(up.started.pid).filter((pid) => !workers(pid));
  const rest = await atRest(pids);
  await Promise.all([up.started, ...platforms.map(({ started }) => started)].map(endProcess));
  return [
    figure({
      name: "memory (PSS) idle, bellhop up with Slack, Discord and Matrix, and nats-server, without workers",
      value: rest.megabytes,
      unit: "MB",
      aim: { atMost: 220 },
      why: rest.parts,
    }),
    figure({
      name: "CPU, idle, bellhop up with Slack, Discord and Matrix, and nats-server, without workers",
      value: rest.cpu,
      unit: "ms/s",
    }),
  ];
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
