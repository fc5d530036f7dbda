import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buckets } from "@bellhop/contracts";
import { isGone } from "@bellhop/service";
import { connect, type NatsConnection } from "nats";
import { z } from "zod";
import { cpuMicros, pssMegabytes, treeOf } from "../../load/proc.ts";
import type { Stage } from "../../stage.ts";
import { liveHeapMegabytes } from "./live-heap.ts";

/** What the installation takes up at one moment. */
export interface Sample {
  /** Since the beginning, in hours. */
  at: number;
  /** By part, and `nats`. */
  processes: Record<string, ProcessSample>;
  streams: Record<string, { messages: number; bytes: number }>;
  /** Of the installation's folder: bytes in files, by what they are for. */
  folders: Record<string, number>;
  /** Members whose process is gone, and holdings of members that are none any more. */
  gone: { members: string[]; holdings: string[] };
}

export interface ProcessSample {
  pid: number;
  /** Proportional set size of the process itself, in MB. */
  memory: number;
  /** What is left of its heap once garbage is collected, in MB; absent where it is no Node process. */
  heap?: number;
  fds: number;
  /** Processor time so far, in seconds. */
  cpu: number;
  /** What it has started: how many, and how much memory they have together. */
  children: number;
  childMemory: number;
}

const StreamList = z.object({
  streams: z.array(z.object({ config: z.object({ name: z.string() }), state: z.object({ messages: z.int(), bytes: z.int() }) })),
});

/** Takes samples from outside: from /proc, from the server's own accounts, from the folder. */
export async function openSampling(stage: Stage): Promise<{ take(): Promise<Sample>; close(): Promise<void> }> {
  const began = performance.now();
  const nc = await connect({ servers: stage.nats.url, name: "soak", maxReconnectAttempts: -1 });
  const members = stage.bus.bucket(buckets.member);
  const holdings = stage.bus.bucket(buckets.holding);

  async function gone(): Promise<Sample["gone"]> {
    const dead = new Set<string>();
    const alive = new Set<string>();
    for (const { value } of await members.entries()) {
      (value.process !== undefined && isGone(value.process) ? dead : alive).add(`${value.id} ${value.epoch}`);
    }
    const stray = (await holdings.entries()).flatMap(({ value }) =>
      alive.has(`${value.member} ${value.epoch}`) ? [] : [`${value.what} of ${value.member} ${value.epoch}`],
    );
    return { members: [...dead], holdings: stray };
  }

  return {
    async take() {
      const { streams } = await listed(nc);
      return {
        at: (performance.now() - began) / 3_600_000,
        processes: Object.fromEntries([...(await Promise.all([...stage.pids()].map(partSample))), ["nats", processSample(stage.nats.pid)]]),
        streams: Object.fromEntries(streams.map(({ config, state }) => [config.name, { messages: state.messages, bytes: state.bytes }])),
        folders: foldersIn(join(stage.folder, "home")),
        gone: await gone(),
      };
    },
    close: () => nc.drain(),
  };
}

/** What was asked of a server that is killed is lost. */
async function listed(nc: NatsConnection, tries = 20): Promise<z.infer<typeof StreamList>> {
  try {
    return StreamList.parse((await nc.request("$JS.API.STREAM.LIST", "{}", { timeout: 2_000 })).json());
  } catch (error) {
    if (tries === 1) throw error;
    await pause(250);
    return await listed(nc, tries - 1);
  }
}

async function partSample([name, pid]: readonly [name: string, pid: number]): Promise<readonly [string, ProcessSample]> {
  const sample = processSample(pid);
  return [name, { ...sample, heap: await liveHeapMegabytes(pid) }];
}

function processSample(pid: number): ProcessSample {
  const [, ...children] = treeOf(pid);
  return {
    pid,
    memory: pssMegabytes(pid),
    fds: openFiles(pid),
    cpu: cpuMicros(pid) / 1_000_000,
    children: children.length,
    childMemory: children.reduce((sum, child) => sum + pssMegabytes(child), 0),
  };
}

/** 0 when it is gone. */
function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function foldersIn(home: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const entry of readdirSync(home, { withFileTypes: true })) {
    const path = join(home, entry.name);
    // The write-ahead log of the history belongs to it.
    const name = entry.name.replace(/\.db(-wal|-shm)?$/, "");
    sums[name] = (sums[name] ?? 0) + (entry.isDirectory() ? bytesIn(path) : sizeOf(path));
  }
  return sums;
}

function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? sizeOf(join(entry.parentPath, entry.name)) : 0), 0);
}

/** 0 for what was taken away meanwhile. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
