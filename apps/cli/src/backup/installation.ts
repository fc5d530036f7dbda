import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, problem } from "@bellhop/contracts";
import { commonConfig, isGone, silentLog, type Env } from "@bellhop/service";
import { enterFolder, runningIn } from "../up-lock.ts";
import { haveNats } from "../up.ts";

export interface Installation {
  bus: Bus;
  folder: string;
  /** Nothing else works on it, and nothing can begin to as long as we do. */
  ours: boolean;
  /** `bellhop up` runs in the folder. */
  up: boolean;
}

/** Connects as the operator: to what runs, or to a nats-server that is started in the folder for as long as `work` takes.
 *  @param at.alone nothing else may run in the folder. @throws Problem still_running */
export async function withInstallation<Result>(
  at: { env: Env; name: string; alone: boolean },
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const { env, name, alone } = at;
  const { folder, nats, durations } = commonConfig(env, "operator");
  const undo: (() => Promise<unknown>)[] = [];
  const connected = async (
    to: { url: string; credentials?: string },
    { ours = false, up = false }: { ours?: boolean; up?: boolean } = {},
  ) => {
    const bus = await connectBus({ ...to, name, role: "operator", durations, log: silentLog });
    undo.push(() => bus.drain());
    return await work({ bus, folder, ours, up });
  };
  try {
    if (env.NATS_URL !== undefined) return await connected(nats);
    const holder = await runningIn(folder);
    if (holder !== undefined && alone) throw problem("still_running", { folder, pid: holder.pid });
    if (holder !== undefined) return await connected(nats, { up: true });
    const entry = await enterFolder(folder);
    if (entry.kind === "theirs") throw problem("still_running", { folder, pid: entry.holder.pid });
    undo.push(() => entry.lock.release());
    const logs = join(folder, "logs");
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    const server = await haveNats({ env, folder, logs, undo, fail: failure.reject });
    return await Promise.race([connected({ url: server.url, ...server.credentials("operator") }, { ours: true }), failure.promise]);
  } finally {
    for (const one of undo.reverse()) await one().catch(() => undefined);
  }
}

/** Whether any process works on this NATS: one that is provably gone does not, and others are watched for a renewal. */
export async function someoneLives(bus: Bus, { renewalMs }: { renewalMs: number }): Promise<boolean> {
  const beats = async () => {
    const members =
      (await bus.snapshots.state(`KV_${buckets.member.name}`)) === undefined ? [] : await bus.bucket(buckets.member).entries();
    const possible = members.filter(({ value }) => value.process === undefined || !isGone(value.process));
    return new Map(possible.map(({ key, revision }) => [key, revision]));
  };
  const before = await beats();
  if (before.size === 0) return false;
  await pause(renewalMs * 1.5);
  const after = await beats();
  return [...after].some(([key, revision]) => before.get(key) !== revision);
}
