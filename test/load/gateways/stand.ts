import { join } from "node:path";
import { z } from "zod";
import type { FloorPlan } from "../floor/plan.ts";
import { nextWord, startOwn } from "../own.ts";
import { cpuMicros } from "../proc.ts";
import { endProcess, plainEnv, startProcess, type StartedProcess } from "../processes.ts";
import { gatewayHeap, repository, type ServerPlace } from "../stack.ts";
import { Told, type Order, type PlatformName, type Side } from "./order.ts";

/** One platform with its gateways: the product's, and the bare program where it is wanted. */
export interface Stand {
  readonly platform: PlatformName;
  run(order: Omit<Order, "withinMs"> & { withinMs?: number }): Promise<Round>;
  stop(): Promise<void>;
}

export interface Round {
  seconds: number;
  latenciesMs: number[];
  /** Calls that the platform refused because they came too fast. */
  turnedAway: number;
  /** Processor time per message, in microseconds. */
  cpu: Record<"gateway" | "server" | "platform", number>;
}

/** A platform's own process, and how a gateway of each side finds it. */
export interface RunningPlatform {
  readonly name: PlatformName;
  readonly started: StartedProcess;
  readonly env: Record<Side, Record<string, string>>;
  ask(order: z.input<typeof Order>): Promise<Extract<Told, { kind: "done" }>>;
}

export async function startPlatform(at: { name: PlatformName; place: ServerPlace; limited: boolean }): Promise<RunningPlatform> {
  const { name, place, limited } = at;
  const env = { BENCH_PLAN: JSON.stringify(planOf(place)), BENCH_PLACE: JSON.stringify({ platform: name, limited }) };
  const started = startOwn({ file: "gateways/platform-process.ts", env });
  const ready = await nextWord(started, Told);
  if (ready.kind !== "ready") throw new Error(`${name}: the platform's process is out of step`);
  return {
    name,
    started,
    env: ready.env,
    async ask(order) {
      const answer = nextWord(started, Told);
      started.child.send(order);
      const told = await answer;
      if (told.kind === "done") return told;
      throw new Error(`${name}, ${order.side}, ${order.way}: ${told.kind === "failed" ? told.why : "out of step"}`);
    },
  };
}

/** Both sides with pace and limits off: the platform is as fast as the program that talks to it. */
export async function startContest(at: { name: PlatformName; place: ServerPlace; node: readonly string[] }): Promise<Stand> {
  const { name, place, node } = at;
  const platform = await startPlatform({ name, place, limited: false });
  const product = startOwn({
    file: "gateways/unpaced.ts",
    node: [...node, ...gatewayHeap],
    env: { ...gatewayEnv(place), ...platform.env.product, BENCH_PLATFORM: name },
  });
  const floor = startOwn({ file: `floor/${name}.ts`, env: { ...platform.env.floor, BENCH_PLAN: JSON.stringify(planOf(place)) } });
  await nextWord(floor, z.unknown());
  return standOf({ platform, gateways: { product, floor }, place });
}

/** The product's gateway as it ships, on a platform that counts calls. */
export async function startPaced(at: { name: PlatformName; place: ServerPlace }): Promise<Stand> {
  const { name, place } = at;
  const platform = await startPlatform({ name, place, limited: true });
  return standOf({ platform, gateways: { product: startGateway({ platform, place }) }, place });
}

/** A gateway's main.ts.
 *  @param at.node Node's own program; the one of this process unless told
 *  @param at.cache the folder of its compile cache */
export function startGateway(at: { platform: RunningPlatform; place: ServerPlace; node?: string; cache?: string }): StartedProcess {
  const { platform, place, node = process.execPath, cache } = at;
  return startProcess({
    command: node,
    args: [...gatewayHeap, join(repository, "apps", `gateway-${platform.name}`, "src", "main.ts")],
    cwd: place.folder,
    env: { ...plainEnv(), ...gatewayEnv(place, cache), ...platform.env.product },
  });
}

function gatewayEnv({ server, folder, credentials }: ServerPlace, cache = join(folder, "compile-cache")): Record<string, string> {
  return {
    NODE_COMPILE_CACHE: cache,
    NATS_URL: server.url,
    BELLHOP_CREDENTIALS: credentials.gateway.file,
    BELLHOP_FOLDER: folder,
  };
}

function planOf({ server, credentials }: ServerPlace): FloorPlan {
  return { url: server.url, credentials: credentials.operator.file, shards: 16, shipped: true };
}

function standOf(at: { platform: RunningPlatform; gateways: Partial<Record<Side, StartedProcess>>; place: ServerPlace }): Stand {
  const { platform, gateways, place } = at;
  const died = Promise.race(
    Object.values(gateways).map(async (gateway) => {
      await gateway.gone;
      throw new Error(`${platform.name}: a gateway ended:\n${gateway.lastWords()}`);
    }),
  );
  died.catch(() => {});
  return {
    platform: platform.name,
    async run(order) {
      const pid = gateways[order.side]?.pid ?? 0;
      const now = () => ({ gateway: cpuMicros(pid), server: cpuMicros(place.server.pid), platform: cpuMicros(platform.started.pid) });
      const before = now();
      const { seconds, latenciesMs, turnedAway } = await Promise.race([platform.ask(order), died]);
      const after = now();
      const per = (who: keyof Round["cpu"]) => (after[who] - before[who]) / latenciesMs.length;
      return { seconds, latenciesMs, turnedAway, cpu: { gateway: per("gateway"), server: per("server"), platform: per("platform") } };
    },
    async stop() {
      await Promise.all([...Object.values(gateways), platform.started].map(endProcess));
    },
  };
}
