import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { encodeFrame, frameReader } from "./frames.ts";
import { keeperFrames, type EndedBody, type SpawnBody, type StopBody } from "./keeper-frames.ts";

// The keeper: a small process that spawns commands for a big one, because a fork copies page tables. It knows no NATS and no packs, and it
// ends with whoever started it, together with everything that it started.

const runner = new Socket({ fd: 3, readable: true, writable: true });
const children = new Map<number, ChildProcess>();

runner.on(
  "data",
  frameReader(({ type, id, body }) => {
    if (type === keeperFrames.spawn) start(id, JSON.parse(body.toString("utf8")) as SpawnBody);
    else if (type === keeperFrames.stop) stop(id, JSON.parse(body.toString("utf8")) as StopBody);
  }),
);
runner.on("close", end);
runner.on("error", end);
// Whoever types Ctrl-C means the runner, which then drains; the keeper goes when the runner does.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

function start(id: number, { file, args, cwd, env, script }: SpawnBody): void {
  const child = spawn(file, args, {
    cwd,
    env,
    // A process group of its own, so that one signal reaches the command and what it started.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", script === undefined ? "ignore" : "pipe"],
  });
  children.set(id, child);
  let problem: EndedBody["problem"];
  child.on("error", (error: NodeJS.ErrnoException) => {
    problem = { code: error.code ?? "", message: error.message };
    if (child.pid === undefined) over(null, null);
  });
  forward(child, id);
  const secret = child.stdio[3];
  if (secret && "end" in secret) {
    secret.on("error", () => {});
    secret.end(script);
  }
  child.on("exit", () => {
    // What the command left in its group ends with it; what left the group too keeps the pipes open at most this long.
    signalGroup(child, "SIGKILL");
    setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, 100).unref();
  });
  child.on("close", over);

  function over(code: number | null, signal: string | null): void {
    if (!children.delete(id)) return;
    const body: EndedBody = { code, signal, ...(problem === undefined ? {} : { problem }) };
    runner.write(encodeFrame(keeperFrames.ended, id, body));
  }
}

function forward(child: ChildProcess, id: number): void {
  for (const [stream, type] of [
    [child.stdout, keeperFrames.stdout],
    [child.stderr, keeperFrames.stderr],
  ] as const) {
    stream?.on("data", (chunk: Buffer) => {
      if (runner.write(encodeFrame(type, id, chunk))) return;
      // A command that writes faster than the runner reads waits, instead of filling the keeper's memory.
      stream.pause();
      runner.once("drain", () => stream.resume());
    });
    stream?.on("error", () => {});
  }
  runner.setMaxListeners(2 * children.size + 10);
}

function stop(id: number, { graceMs }: StopBody): void {
  const child = children.get(id);
  if (!child) return;
  signalGroup(child, "SIGTERM");
  setTimeout(() => {
    if (children.has(id)) signalGroup(child, "SIGKILL");
  }, graceMs).unref();
}

function signalGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function end(): void {
  for (const child of children.values()) signalGroup(child, "SIGKILL");
  process.exit(0);
}
