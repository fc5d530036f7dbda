import { problem } from "@bellhop/contracts";
import { commonConfig, type Env } from "@bellhop/service";
import { openPrompt } from "./prompt.ts";
import { note, type ExitCode } from "./report.ts";
import { aborted, stopSignal } from "./stop-signal.ts";
import { openPrompts } from "./terminal/journal.ts";
import { enterFolder, isOver, mayStillJoin, type Holder, type UpLock } from "./up-lock.ts";
import { startUp, type Up, type UpStatus } from "./up.ts";

const lookMs = 250;

/** `bellhop start`: everything in one process, with a prompt; or a prompt on what runs in this folder already. */
export async function start(env: Env, { json }: { json: boolean }): Promise<ExitCode> {
  const stop = stopSignal();
  const { folder } = commonConfig(env, "cli");
  for (;;) {
    const entry = await enterFolder(folder, waiting);
    if (entry.kind === "mine") return await startHere({ env, lock: entry.lock, stop, json });
    const left = await join({ env, folder, holder: entry.holder, stop, json });
    if (left.kind === "done") return left.code;
  }
}

/** `bellhop up`: the same without a prompt. */
export async function up(env: Env, options: { json: boolean }): Promise<ExitCode> {
  const stop = stopSignal();
  const { folder } = commonConfig(env, "cli");
  const entry = await enterFolder(folder, waiting);
  if (entry.kind === "theirs") {
    note(`Bellhop runs in ${folder} already (process ${entry.holder.pid}).`);
    return 1;
  }
  const running = await startUnlessStopped({ env, lock: entry.lock, patient: true, stop });
  if (running === undefined) return 0;
  try {
    const stopped = aborted(stop);
    const status = await Promise.race([running.ready, running.failed, stopped]);
    if (status === undefined) return 0;
    if (options.json) process.stdout.write(`${JSON.stringify({ ...status, pid: process.pid, folder })}\n`);
    note(statusLine(status));
    await Promise.race([stopped, running.failed]);
    return 0;
  } finally {
    await running.stop();
  }
}

/** `bellhop chat`: a prompt on what runs; never starts anything. */
export async function join(at: {
  env: Env;
  folder: string;
  holder: Holder | undefined;
  stop: AbortSignal;
  json: boolean;
}): Promise<Awaited<ReturnType<typeof openPrompt>>> {
  const { env, folder, holder, stop, json } = at;
  const config = commonConfig(env, "cli");
  const common = { stop, json, welcome: Promise.resolve("Joined what runs here. `help` lists the commands, Ctrl-D leaves.") };
  if (holder === undefined) return await openPrompt({ ...common, config, failed: new Promise<never>(() => {}) });
  const watch = watchHolder(folder, holder);
  let joined = false;
  try {
    return await openPrompt({
      ...common,
      config: holder.url === undefined ? config : { ...config, nats: { ...config.nats, url: holder.url } },
      failed: watch.over,
      mayJoin: async () => (joined = await mayStillJoin(folder, holder)),
    });
  } catch (error) {
    // Before it was joined, its end is no loss: whoever wants to may take the folder now.
    if (!joined && !(await mayStillJoin(folder, holder))) return { kind: "not-joined" };
    throw error;
  } finally {
    watch.stop();
  }
}

async function startHere(at: { env: Env; lock: UpLock; stop: AbortSignal; json: boolean }): Promise<ExitCode> {
  const { env, lock, stop, json } = at;
  const running = await startUnlessStopped({ env, lock, patient: process.stdin.isTTY && !json, stop });
  if (running === undefined) return 1;
  try {
    const config = commonConfig(env, "cli");
    const cli = { ...config, nats: { ...config.nats, url: running.url } };
    const welcome = running.ready.then((status) => `${statusLine(status)}\n\`help\` lists the commands, Ctrl-D leaves.`);
    const left = await openPrompt({ config: cli, json, failed: running.failed, stop, welcome });
    await Promise.race([othersLeft({ folder: cli.folder, lock, url: running.url, stop }), running.failed]);
    return left.kind === "done" ? left.code : 0;
  } finally {
    await running.stop();
  }
}

/** Undefined when it was stopped on the way: what was begun ends with this process. */
async function startUnlessStopped(at: { env: Env; lock: UpLock; patient: boolean; stop: AbortSignal }): Promise<Up | undefined> {
  const running = await Promise.race([startUp(at), aborted(at.stop)]);
  if (running === undefined) await at.lock.release();
  return running ?? undefined;
}

/** Prompts that joined this process are let finish: what they asked would otherwise end with ours. */
async function othersLeft(at: { folder: string; lock: UpLock; url: string; stop: AbortSignal }): Promise<void> {
  const { folder, lock, url, stop } = at;
  for (let told = false; !stop.aborted; told = true) {
    await lock.closing();
    if (openPrompts(folder).length === 0) return;
    if (!told) note("Another prompt is open here: Bellhop stays until it leaves. Ctrl-C ends it now.");
    await lock.ready(url);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

function watchHolder(folder: string, holder: Holder): { over: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setInterval(() => {
    if (isOver(holder)) reject(problem("stopped_meanwhile", { folder }));
  }, lookMs);
  return { over: promise, stop: () => clearInterval(timer) };
}

function waiting(holder: Holder): void {
  note(`${holder.state === "stopping" ? "waiting until Bellhop has stopped" : "Bellhop is starting"} here (process ${holder.pid}) …`);
}

export function statusLine({ packs, parts, url, natsServer }: UpStatus): string {
  return `Bellhop is up: ${packs.join(", ") || "no packs"} · ${parts.join(", ")} · nats-server ${natsServer} at ${url}`;
}
