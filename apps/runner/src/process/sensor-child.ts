import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { modulesRoot } from "../packs.ts";
import { scrubbedEnvironment } from "./environment.ts";
import { compileCache } from "./keeper.ts";
import { sweepMarks } from "./mark.ts";
import { lineReader, readLine, type Answer, type Hello, type Said } from "../sensors/lines.ts";

/** How a sensor's process ended: `why` where that was a fault. */
export interface ChildEnd {
  readonly code: number | null;
  readonly why?: string;
}

export interface SensorChild {
  readonly pid: number | undefined;
  /** Resolves once it has ended, whatever it had started is gone, and all that it said has been read. */
  readonly ended: Promise<ChildEnd>;
  /** Lost where the sensor reads nothing. */
  answer(answer: Answer): void;
  /** Holds back what it says next. */
  pause(): void;
  resume(): void;
  /** SIGTERM to its group, SIGKILL after the grace time, or at once. */
  stop(how: { graceMs: number }): void;
}

export interface ChildOptions {
  readonly hello: Hello;
  /** A program; absent: the module that {@link Hello} names. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string>>;
  /** `<unique name>.<start>.<child>` */
  readonly mark: string;
  /** Folder of unpacked packs. */
  readonly root: string;
  readonly memoryMb: number;
  readonly cacheFolder: string;
  /** @param line its number among what the process said */
  readonly onSaid: (said: Said, line: number) => void;
  /** Whole lines of what it prints for people. */
  readonly onPrinted: (text: string) => void;
}

/** Starts the process of a sensor. What a program prints on standard output are its words; of one in TypeScript, those come by a socket. */
export function startChild(options: ChildOptions): SensorChild {
  const { hello, file, onSaid, onPrinted, mark } = options;
  const child = file === undefined ? spawnModule(options) : spawnProgram(file, options);
  const [words, answers] = file === undefined ? socketOf(child) : [child.stdout, child.stdin];
  let tail = "";
  let failed: string | undefined;
  const print = (text: string) => {
    tail = text;
    onPrinted(text);
  };
  const printed = () => lineReader((line) => line !== undefined && print(line), longestPrinted);
  const talk = slowly(
    words,
    lineReader((line, number) => {
      const said: Said = line === undefined ? { kind: "wrong", why: "it is longer than 1 MiB" } : readLine(line);
      if (said.kind === "failed") failed = said.why;
      onSaid(said, number);
    }),
  );
  const prints = [child.stderr, ...(file === undefined ? [child.stdout] : [])].map((stream) => slowly(stream, printed()));
  for (const stream of [words, answers, child.stdout, child.stderr]) stream?.on("error", () => {});
  answers?.write(`${JSON.stringify(hello)}\n`);

  const ended = new Promise<ChildEnd>((resolve) => {
    let unstartable: string | undefined;
    child.once("error", (error: NodeJS.ErrnoException) => {
      unstartable = `it can't be started (${error.code ?? error.message})`;
      if (child.pid === undefined) resolve({ code: null, why: unstartable });
    });
    child.once("exit", () => {
      signalGroup(child, "SIGKILL");
      // What left its group keeps the pipes open; it is found by its mark.
      void sweepMarks({ of: [`${mark}.`] });
    });
    child.once("close", (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `it was ended by ${signal}`;
      const why = unstartable ?? failed ?? (tail === "" ? how : `${how}: ${tail}`);
      resolve({ code, ...(code === 0 ? {} : { why }) });
    });
  });

  return {
    pid: child.pid,
    ended,
    answer(answer) {
      if (answers === null || answers.writableEnded || answers.destroyed) return;
      // A module reads all: it is only late.
      if (file !== undefined && answers.writableLength > mostUnread) return;
      answers.write(`${JSON.stringify(answer)}\n`);
    },
    pause: () => talk.hold(true),
    resume: () => talk.hold(false),
    stop({ graceMs }) {
      signalGroup(child, graceMs === 0 ? "SIGKILL" : "SIGTERM");
      // Held back, its last words would keep its pipes open.
      for (const stream of [talk, ...prints]) stream.release();
      void Promise.race([ended, delay(graceMs, undefined, { ref: false })]).then(() => {
        signalGroup(child, "SIGKILL");
        return sweepMarks({ of: [`${mark}.`] });
      });
    },
  };
}

/** Reads a stream, in a fifth of the runner's time at most: however much a sensor says, leases are renewed and others are served beside it. */
function slowly(stream: Readable | null, read: (bytes: Buffer) => void): { hold(is: boolean): void; release(): void } {
  let held = false;
  let resting = false;
  let released = false;
  const flow = () => {
    if (!released && (held || resting)) stream?.pause();
    else stream?.resume();
  };
  stream?.on("data", (bytes: Buffer) => {
    const before = performance.now();
    read(bytes);
    const took = performance.now() - before;
    if (released || took < 2) return;
    resting = true;
    flow();
    setTimeout(() => {
      resting = false;
      flow();
    }, took * 4);
  });
  return {
    hold(is) {
      held = is;
      flow();
    },
    release() {
      released = true;
      flow();
    },
  };
}

/** What a sensor may print in one line, in bytes. */
const longestPrinted = 16 * 1024;

/** Answers that wait for a sensor to read them, in bytes. */
const mostUnread = 1024 * 1024;

const sensorMain = fileURLToPath(new URL("sensor-main.ts", import.meta.url));

function spawnModule({ mark, env, root, memoryMb, cacheFolder }: ChildOptions): ChildProcess {
  const flags = [`--max-old-space-size=${memoryMb}`, "--max-semi-space-size=1", "--v8-pool-size=1", "--enable-source-maps"];
  return spawn(process.execPath, [...flags, sensorMain, root, modulesRoot(root)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...scrubbedEnvironment(process.env, mark), ...compileCache(cacheFolder), ...env },
  });
}

function spawnProgram(file: string, { mark, env }: ChildOptions): ChildProcess {
  return spawn(file, [], { detached: true, stdio: ["pipe", "pipe", "pipe"], env: { ...scrubbedEnvironment(process.env, mark), ...env } });
}

/** Node makes a duplex socket of a further "pipe". */
function socketOf(child: ChildProcess): [Readable | null, Writable | null] {
  const socket = child.stdio[3] as (Readable & Writable) | null | undefined;
  return [socket ?? null, socket ?? null];
}

function signalGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
