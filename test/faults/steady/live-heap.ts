import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const Answer = z.object({
  id: z.int(),
  result: z.looseObject({ usedSize: z.number().optional(), backingStorageSize: z.number().optional() }),
});

/** What a Node process holds on to, in MB: its heap and the buffers beside it, after all garbage was collected. V8 lets garbage of processes that mostly wait lie for
 *  hours, so their memory alone does not tell a leak from a collection that is to come. Opens the process's inspector, which it must have on a port of
 *  its own (`--inspect-port=0`). Undefined when the process ended meanwhile. */
export async function liveHeapMegabytes(pid: number): Promise<number | undefined> {
  try {
    process.kill(pid, "SIGUSR1");
    const port = await inspectorOf(pid);
    if (port === undefined) return undefined;
    const listed = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(5_000) });
    const [target] = Targets.parse(await listed.json());
    const usage = await askAfterCollecting(target?.webSocketDebuggerUrl ?? "");
    return usage / 1024 ** 2;
  } catch {
    return undefined;
  }
}

function askAfterCollecting(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => socket.close(), 10_000);
    socket.addEventListener("open", () => {
      // What a collection that is under way has marked already lives through it.
      for (const id of [0, 1]) socket.send(JSON.stringify({ id, method: "HeapProfiler.collectGarbage" }));
      socket.send(JSON.stringify({ id: 2, method: "Runtime.getHeapUsage" }));
    });
    socket.addEventListener("message", ({ data }) => {
      const answer = Answer.safeParse(JSON.parse(String(data)));
      if (answer.data?.id !== 2) return;
      const { usedSize = 0, backingStorageSize = 0 } = answer.data.result;
      resolve(usedSize + backingStorageSize);
      socket.close();
    });
    socket.addEventListener("error", () => reject(new Error(`the inspector at ${url} can't be asked`)));
    socket.addEventListener("close", () => {
      clearTimeout(timer);
      reject(new Error(`the inspector at ${url} went`));
    });
  });
}

/** The port of this machine that the process listens on: these processes serve nothing else. */
async function inspectorOf(pid: number): Promise<number | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const sockets = new Set(
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []),
    );
    const lines = readFileSync(`/proc/${pid}/net/tcp`, "utf8").trim().split("\n").slice(1);
    for (const line of lines) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      // 0A: it listens.
      if (state === "0A" && sockets.has(inode)) return Number.parseInt(local.split(":")[1] ?? "", 16);
    }
    await pause(50);
  }
  return undefined;
}

/** "" for what was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
