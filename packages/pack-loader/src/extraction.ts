import { fork, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { ChildMessage, ExtractRequest, Extraction } from "./child/protocol.ts";

export interface ExtractionLimits {
  readonly timeLimitMs: number;
  readonly memoryMb: number;
  /** Where Node keeps the compiler in the form that it runs in: a child is ready in two thirds of the time. Absent: nowhere. */
  readonly compilerFolder?: string;
}

/** A child that broke off: what it was at, and what became of it. */
interface ExtractionFailure {
  readonly file: string | undefined;
  readonly why: string;
  readonly said: string;
}

type ExtractionResult = { kind: "done"; extraction: Extraction } | ({ kind: "failed" } & ExtractionFailure);

/** How long a child with nothing to do is kept warm: starting one costs a quarter of a second of CPU. */
const idleMs = 3_000;

/** Compiles a pack's TypeScript and reads its definitions, in a child process that sees no credentials and can be ended. Packs share a warm
 *  child one after another; one that breaks it is tried once more alone before it is blamed. Where hundreds of files wait, there is a second child. */
export function extract(request: Omit<ExtractRequest, "id">, limits: ExtractionLimits): Promise<ExtractionResult> {
  const lane = lanes.reduce((best, one) => (filesBefore(one) < filesBefore(best) ? one : best));
  const files = request.sources.length;
  lane.waiting += files;
  const result = lane.queue.then(async () => {
    const first = await extractWith(lane, request, limits);
    // Something that an earlier pack left behind (a timer, a rejection) may have ended a shared child.
    return first.kind === "failed" && first.shared ? extractWith(lane, request, limits) : first;
  });
  lane.queue = result.catch(() => undefined).then(() => void (lane.waiting -= files));
  return result;
}

/** One child at a time, and the packs that wait for it. */
interface Lane {
  queue: Promise<void>;
  /** Files of all packs that wait or are being read. */
  waiting: number;
  warm?: Child;
}

const lanes: readonly Lane[] = Array.from({ length: Math.min(2, availableParallelism()) }, () => ({
  queue: Promise.resolve(),
  waiting: 0,
}));

/** As many files are read while a child starts. */
const startFiles = 250;

function filesBefore({ waiting, warm }: Lane): number {
  return waiting + (waiting === 0 && warm === undefined ? startFiles : 0);
}

interface Child {
  readonly process: ChildProcess;
  readonly memoryMb: number;
  readonly folders: Set<string>;
  said: string;
  idle?: NodeJS.Timeout;
}

let lastId = 0;

async function extractWith(
  lane: Lane,
  request: Omit<ExtractRequest, "id">,
  limits: ExtractionLimits,
): Promise<ExtractionResult & { shared?: boolean }> {
  const child = take(lane, request.folder, limits);
  const shared = child.folders.size > 0;
  child.folders.add(request.folder);
  const id = ++lastId;
  let file: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const { process: running } = child;
  child.said = "";

  const result = await new Promise<ExtractionResult>((resolve) => {
    const failed = (why: string) => resolve({ kind: "failed", file, why, said: child.said.trim() });
    const limit = () => {
      const seconds = limits.timeLimitMs / 1000;
      failed(`took longer than ${seconds} s to define what it defines`);
    };
    running.on("message", (message: ChildMessage) => {
      // Loading the compiler is not the pack's time.
      if (message.kind === "ready") timer = restarted(timer, limit, limits.timeLimitMs);
      if (message.kind === "at" && message.id === id) file = message.file;
      if (message.kind === "done" && message.id === id) resolve({ kind: "done", extraction: message.extraction });
    });
    running.on("error", (error) => failed(`can't be read: ${error.message}`));
    running.on("exit", (code, signal) => failed(endOf(code, signal, child.said, limits)));
    timer = restarted(timer, limit, limits.timeLimitMs + (shared ? 0 : startMs));
    running.send({ id, ...request }, (error) => {
      if (error) failed(`can't be read: ${error.message}`);
    });
  });

  clearTimeout(timer);
  for (const event of ["message", "error", "exit"]) running.removeAllListeners(event);
  running.on("error", () => {});
  if (result.kind === "failed") end(lane, child);
  else rest(lane, child);
  return { ...result, shared };
}

/** Before a child says that it is ready, it may take this long on top: loading the compiler on a busy machine. */
const startMs = 20_000;

function take(lane: Lane, folder: string, limits: ExtractionLimits): Child {
  const { warm } = lane;
  clearTimeout(warm?.idle);
  // Modules that were imported once stay as they were: a pack that changed needs a fresh child.
  const usable = warm !== undefined && warm.process.connected && warm.memoryMb === limits.memoryMb && !warm.folders.has(folder);
  if (warm !== undefined && usable) {
    warm.process.ref();
    warm.process.channel?.ref();
    return warm;
  }
  if (warm !== undefined) end(lane, warm);
  const running = fork(entry, [String(process.pid)], {
    // Nothing of ours is inherited: tokens and addresses stand in the environment.
    env: limits.compilerFolder === undefined ? {} : { NODE_COMPILE_CACHE: limits.compilerFolder },
    execArgv: [`--max-old-space-size=${limits.memoryMb}`, "--no-warnings"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "json",
    // A group of its own, so that whatever a definition starts ends with it.
    detached: process.platform !== "win32",
  });
  const child: Child = { process: running, memoryMb: limits.memoryMb, folders: new Set(), said: "" };
  for (const stream of [running.stdout, running.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (child.said = (child.said + text).slice(-4_000)));
  }
  lane.warm = child;
  return child;
}

const entry = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./child/main.ts" : "./child/main.js", import.meta.url));

/** Keeps the child for a while, without keeping this process from ending. */
function rest(lane: Lane, child: Child): void {
  child.process.unref();
  child.process.channel?.unref();
  for (const stream of [child.process.stdout, child.process.stderr]) if (stream instanceof Socket) stream.unref();
  child.idle = setTimeout(() => end(lane, child), idleMs).unref();
}

function end(lane: Lane, child: Child): void {
  if (lane.warm === child) lane.warm = undefined;
  clearTimeout(child.idle);
  const { pid } = child.process;
  if (pid === undefined || child.process.exitCode !== null || child.process.signalCode !== null) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    child.process.kill("SIGKILL");
  }
  child.process.unref();
}

function endOf(code: number | null, signal: string | null, said: string, limits: ExtractionLimits): string {
  if (/heap out of memory|heap limit/i.test(said)) return `needed more than ${limits.memoryMb} MB to define what it defines`;
  if (signal !== null) return `was ended by ${signal} while it was read`;
  return `ended the process with exit code ${code} while it was read`;
}

function restarted(timer: NodeJS.Timeout | undefined, run: () => void, ms: number): NodeJS.Timeout {
  clearTimeout(timer);
  return setTimeout(run, ms);
}
