import { join } from "node:path";
import { connectBus } from "@bellhop/bus";
import { buckets } from "@bellhop/contracts";
import { loadPack } from "@bellhop/pack-loader";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { runningIn } from "../up-lock.ts";
import { packRoots, packsIn, shortPath } from "./folders.ts";

interface Listed {
  name: string;
  version: string;
  digest: string;
  /** Answers now, as against lying in a folder only. */
  active: boolean;
}

/** `bellhop pack list`: what answers now; where nothing runs, what would. */
export async function packList(options: { json: boolean }, env: Env): Promise<ExitCode> {
  const config = commonConfig(env, "cli");
  const runs = env.NATS_URL !== undefined || (await runningIn(config.folder)) !== undefined;
  const packs = runs ? await activePacks(env) : await localPacks(env);
  if (options.json) process.stdout.write(`${JSON.stringify({ running: runs, packs })}\n`);
  else {
    const width = Math.max(0, ...packs.map(({ name }) => name.length));
    for (const { name, version, digest } of packs) process.stdout.write(`${name.padEnd(width)}  ${version}  ${digest.slice(0, 12)}\n`);
    if (!runs) note("Nothing runs here; these are the packs in the folders that `npm start` reads.");
  }
  return 0;
}

async function activePacks(env: Env): Promise<Listed[]> {
  const { nats, durations } = commonConfig(env, "cli");
  const bus = await connectBus({ ...nats, name: "bellhop pack list", role: "cli", durations, log: silentLog });
  try {
    const entries = await bus.bucket(buckets.catalog).entries("active.>");
    return entries.map(({ value: { name, version, digest } }) => ({ name, version, digest, active: true })).toSorted(byName);
  } finally {
    await bus.drain();
  }
}

async function localPacks(env: Env): Promise<Listed[]> {
  const { folder, file } = commonConfig(env, "cli");
  const listed: Listed[] = [];
  for (const pack of packsIn(packRoots(file, env))) {
    const loaded = await loadPack(pack, { cacheFolder: join(folder, "cache", "packs") });
    if (loaded.kind === "faulty") note(`${shortPath(pack)} is faulty: \`bellhop pack check ${shortPath(pack)}\` says why`);
    else listed.push({ name: loaded.version.name, version: loaded.version.version, digest: loaded.version.digest, active: false });
  }
  return listed.toSorted(byName);
}

function byName(a: Listed, b: Listed): number {
  return a.name < b.name ? -1 : 1;
}
