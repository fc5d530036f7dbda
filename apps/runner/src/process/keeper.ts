import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Log } from "@bellhop/service";
import { scrubbedEnvironment } from "./environment.ts";
import { encodeFrame, frameReader, type Frame } from "./frames.ts";
import { keeperFrames, type EndedBody, type SpawnBody } from "./keeper-frames.ts";
import { sweepMarks } from "./mark.ts";

export interface Command {
  file: string;
  args: string[];
  /** Absent: where the runner runs. */
  cwd?: string;
  /** Added to the scrubbed environment. */
  env: Record<string, string>;
  /** Text for file descriptor 3: what must not be seen in the arguments. */
  script?: string;
  /** Ends the command: SIGTERM to its group, then SIGKILL to all that it started. */
  signal: AbortSignal;
  onOutput(stream: "stdout" | "stderr", bytes: Buffer): void;
}

/** How a command ended. `lost`: its keeper died, and the command with it. */
export type Ended =
  | { kind: "exited"; code: number | null; signal: string | null }
  | { kind: "unstartable"; code: string; message: string }
  | { kind: "lost"; how: string };

export interface Keeper {
  /** Carries a command out. Resolves once it has ended and its output is complete. */
  run(command: Command): Promise<Ended>;
  /** Starts the process ahead of the first command. */
  warm(): void;
  stop(): Promise<void>;
}

export interface KeeperOptions {
  /** `<unique name>.<start>`: what the keeper starts carries it. */
  mark: () => string;
  killGraceMs: number;
  /** How long the process stays with nothing to do. */
  idleMs?: number;
  cacheFolder?: string;
  log: Log;
}

interface InHand {
  command: Command;
  mark: string;
  end: (ended: Ended) => void;
}

interface Started {
  child: ChildProcess;
  socket: Socket;
  mark: string;
  inHand: Map<number, InHand>;
}

/** The runner's side of the keeper: its process is started by the first command, and again when it died. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { killGraceMs, idleMs = 60_000, log } = options;
  let started: Started | undefined;
  let keepers = 0;
  let commands = 0;
  let idle: NodeJS.Timeout | undefined;
  const ending = new Set<Promise<void>>();

  return {
    run(command) {
      const keeper = (started ??= start());
      clearTimeout(idle);
      const id = ++commands;
      const mark = `${keeper.mark}.c${id}`;
      return new Promise((resolve) => {
        const stop = () => {
          keeper.socket.write(encodeFrame(keeperFrames.stop, id, { graceMs: killGraceMs }));
          // What left the process group is found by its mark.
          setTimeout(() => void sweepMarks({ of: [`${mark}.`] }), killGraceMs);
        };
        keeper.inHand.set(id, {
          command,
          mark,
          end(ended) {
            command.signal.removeEventListener("abort", stop);
            keeper.inHand.delete(id);
            if (keeper.inHand.size === 0 && keeper === started) rest(keeper);
            if (command.signal.aborted) void sweepMarks({ of: [`${mark}.`] }).then(() => resolve(ended));
            else resolve(ended);
          },
        });
        const body: SpawnBody = {
          file: command.file,
          args: command.args,
          ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
          env: { ...scrubbedEnvironment(process.env, mark), ...command.env },
          ...(command.script === undefined ? {} : { script: command.script }),
        };
        keeper.socket.write(encodeFrame(keeperFrames.spawn, id, body));
        if (command.signal.aborted) stop();
        else command.signal.addEventListener("abort", stop, { once: true });
      });
    },
    warm() {
      if (started) return;
      started = start();
      rest(started);
    },
    async stop() {
      clearTimeout(idle);
      started?.socket.end();
      started = undefined;
      await Promise.all(ending);
    },
  };

  function rest(keeper: Started): void {
    clearTimeout(idle);
    // The runner says when: were it the keeper, a command could reach a keeper that is about to go.
    idle = setTimeout(() => {
      if (keeper === started) started = undefined;
      keeper.socket.end();
    }, idleMs).unref();
  }

  function start(): Started {
    const mark = `${options.mark()}.k${++keepers}`;
    const child = spawn(process.execPath, ["--max-semi-space-size=1", "--max-old-space-size=64", "--v8-pool-size=1", keeperMain], {
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      env: { ...scrubbedEnvironment(process.env, mark), ...compileCache(options.cacheFolder) },
    });
    // Node makes a duplex socket of a further "pipe".
    const socket = child.stdio[3] as Socket;
    const keeper: Started = { child, socket, mark, inHand: new Map() };
    socket.on("error", () => {});
    socket.on(
      "data",
      frameReader((frame) => heard(keeper, frame)),
    );
    ending.add(
      new Promise<void>((resolve) => {
        child.once("error", (error) => over(keeper, error.message, resolve));
        child.once("close", (code, signal) => over(keeper, signal ?? `exit code ${code}`, resolve));
      }),
    );
    return keeper;
  }

  function over(keeper: Started, how: string, done: () => void): void {
    if (keeper === started) started = undefined;
    const lost = [...keeper.inHand.values()];
    if (lost.length > 0) log.error({ how, commands: lost.length }, "the keeper died with commands in hand");
    // Its commands are nobody's children now: they end before anybody is told, so that nothing goes on unseen.
    void sweepMarks({ of: [`${keeper.mark}.`] }).then(() => {
      for (const { end } of lost) end({ kind: "lost", how });
      done();
    });
  }
}

const keeperMain = fileURLToPath(new URL("keeper-main.ts", import.meta.url));

/** Node keeps our stripped sources there: without it every child loads the TypeScript stripper, 12 MB of it. */
export function compileCache(folder: string | undefined): Record<string, string> {
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

function heard({ inHand }: Started, { type, id, body }: Frame): void {
  const entry = inHand.get(id);
  if (!entry) return;
  if (type === keeperFrames.stdout) entry.command.onOutput("stdout", body);
  else if (type === keeperFrames.stderr) entry.command.onOutput("stderr", body);
  else if (type === keeperFrames.ended) {
    const { code, signal, problem } = JSON.parse(body.toString("utf8")) as EndedBody;
    entry.end(problem === undefined ? { kind: "exited", code, signal } : { kind: "unstartable", ...problem });
  }
}
