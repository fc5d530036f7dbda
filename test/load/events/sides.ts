import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeApiKey } from "@bellhop/api";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, durations, type PackVersion, type RuleDefinition } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { z } from "zod";
import { api, durable, makeFloorStreams, type FloorPlan } from "../floor/plan.ts";
import { openWire, type Wire } from "../floor/wire.ts";
import { Told } from "../order.ts";
import { nextWord, startOwn } from "../own.ts";
import { endProcess, type StartedProcess } from "../processes.ts";
import { activateBenchPack, startApp, startServer } from "../stack.ts";

/** Something that takes webhooks and makes runs of them. */
export interface Side {
  name: string;
  /** Where webhooks are sent to, and what goes with them. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** The operator's own connection, for looking at what is written. */
  wire: Wire;
  processes: Readonly<Record<"api" | "engine" | "runner", StartedProcess>>;
  end(): Promise<void>;
}

export const path = "bench";

const Listens = z.object({ kind: z.literal("listens"), url: z.string() });

export async function startFloorSide(): Promise<Side> {
  const { server, credentials } = await startServer("events-floor");
  const plan: FloorPlan = { url: server.url, credentials: credentials.operator.file, shards: 1, shipped: false };
  const wire = await openWire({ ...plan, name: "bench" });
  await makeFloorStreams(wire.nc, plan);
  const work = { retention: "workqueue", storage: "file", discard: "new" };
  await api(wire.nc, "STREAM.CREATE.TRIGGER", { name: "TRIGGER", subjects: ["trigger.fired.>"], ...work });
  const bucket = { subjects: ["$KV.happened.>"], max_msgs_per_subject: 1, allow_rollup_hdrs: true, allow_direct: true, discard: "new" };
  await api(wire.nc, "STREAM.CREATE.KV_happened", { name: "KV_happened", ...bucket, retention: "limits", storage: "file" });
  await durable(wire.nc, { stream: "TRIGGER", name: "trigger_0", filter: "trigger.fired.0" });
  const env = { BENCH_PLAN: JSON.stringify(plan), BENCH_SIDE: JSON.stringify({ side: "floor" }) };
  const ready = async (file: string) => {
    const started = startOwn({ file, env });
    await nextWord(started, Told);
    return started;
  };
  const [engine, runner] = await Promise.all([ready("events/floor-engine.ts"), ready("floor/runner.ts")]);
  const door = startOwn({ file: "events/floor-api.ts", env });
  const { url } = await nextWord(door, Listens);
  return sideOf({ name: "floor", url, headers: {}, wire, server, processes: { api: door, engine, runner } });
}

/** The product as it ships: each app's main.ts a process of its own, its own permissions, its own durations, its log going to a file.
 *  @param at.rules what they run is `bench.noop` */
export async function startProductSide(at: { rules: readonly RuleDefinition[]; node?: readonly string[] }): Promise<Side> {
  const { rules, node = [] } = at;
  const place = await startServer("events");
  const { server, folder, credentials } = place;
  const operator = { url: server.url, credentials: credentials.operator.file };
  const bus = await connectBus({ ...operator, name: "bench", role: "operator", durations, log: silentLog });
  await bus.setUp();
  await activateBenchPack(bus);
  await activateRules(bus, rules);
  const { text, key } = makeApiKey({ name: "bench", scopes: ["webhooks"], by: "bench", at: new Date().toISOString() });
  await bus.bucket(buckets.apiKey).create(key.id, key);
  await writeFile(join(folder, "bellhop.yaml"), JSON.stringify({ api: { listen: "127.0.0.1:0", rate: 1_000_000 } }));
  const start = async (role: "api" | "engine" | "runner") => {
    const started = startApp(role, { place, node, channel: true });
    await nextWord(started, Told);
    return started;
  };
  const [door, engine, runner] = await Promise.all([start("api"), start("engine"), start("runner")]);
  await bus.drain();
  const url = /"url":"(http[^"]+)"/.exec(door.lastWords())?.[1] ?? "";
  const wire = await openWire({ ...operator, name: "bench" });
  return sideOf({
    name: "product",
    url,
    headers: { authorization: `Bearer ${text}` },
    wire,
    server,
    processes: { api: door, engine, runner },
  });
}

/** A rule that runs the action which does nothing. */
export function ruleFor(name: string, trigger: RuleDefinition["trigger"]): RuleDefinition {
  const source = { file: "bench.yaml", line: 1, column: 1 };
  const common = { pack: "event", description: "", enabled: true, type: "standard" as const, criteria: {}, source };
  return { ...common, ref: `event.${name}`, name, trigger, action: { ref: "bench.noop", parameters: {} } };
}

async function activateRules(bus: Bus, rules: readonly RuleDefinition[]): Promise<void> {
  const digest = "bench-event";
  const version: PackVersion = {
    v: 1,
    name: "event",
    version: "1.0.0",
    description: "",
    digest,
    actions: [],
    aliases: [],
    rules: [...rules],
  };
  await activatePack(bus, { version, files: { v: 1, digest, files: [] } });
}

function sideOf(at: Omit<Side, "end"> & { server: { stop(): Promise<void> } }): Side {
  const { server, ...side } = at;
  return {
    ...side,
    async end() {
      await Promise.all(Object.values(side.processes).map(endProcess));
      await side.wire.nc.close();
      await server.stop();
    },
  };
}
