import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Log } from "@bellhop/service";
import { toProblem } from "@bellhop/contracts";
import type { Executed, KvAnswer, KvAsk } from "@bellhop/sdk/host";
import { modulesRoot } from "../packs.ts";
import { scrubbedEnvironment } from "./environment.ts";
import { encodeFrame, frameReader } from "./frames.ts";
import { patienceMs, standsStill, type Occupation } from "./growth.ts";
import { compileCache } from "./keeper.ts";
import { sweepMarks } from "./mark.ts";
import { workerFrames, type AnswerBody, type AskBody, type DoneBody, type RunBody } from "./worker-frames.ts";

export interface WorkerCall extends RunBody {
  /** Ends the action: SIGTERM (its own signal is aborted), then SIGKILL. The worker is not used again. */
  signal: AbortSignal;
  onOutput(stream: "stdout" | "stderr" | "log", bytes: Buffer): void;
  /** Answers what the action asks of the datastore. */
  kv: (ask: KvAsk) => Promise<KvAnswer>;
}

/** How an action's time in a worker ended. */
export type WorkerEnd =
  | { kind: "done"; executed: Executed; types?: Record<string, string> }
  /** The process ended while the action ran. */
  | { kind: "died"; how: string }
  | { kind: "out-of-memory"; limitMb: number };

export interface Workers {
  run(call: WorkerCall): Promise<WorkerEnd>;
  /** Makes sure that one is there, or on its way. */
  warm(): void;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** `<unique name>.<start>` */
  mark: () => string;
  /** Folder of unpacked packs. */
  root: string;
  memoryMb: number;
  killGraceMs: number;
  /** How long a worker beyond the first stays with nothing to do. */
  idleMs?: number;
  cacheFolder?: string;
  log: Log;
}

/** A call until it has ended. */
interface PendingCall {
  call: WorkerCall;
  /** Since when it waits for a worker, on the monotonic clock. */
  since: number;
  resolve: (end: WorkerEnd) => void;
}

/** One that a worker has. */
interface CallInHand extends PendingCall {
  id: number;
  /** Since when the worker has been at it, or has had it. */
  began: number;
  /** Whether the worker has said that it begins. */
  taken: boolean;
  end: (end: WorkerEnd) => void;
}

interface Worker {
  child: ChildProcess;
  socket: Socket;
  mark: string;
  /** Modules it has loaded, old versions included: they never leave its memory. */
  modules: Set<string>;
  /** The last of its error output: V8 says there why it gave up. */
  tail: string;
  ready: boolean;
  /** The one it carries out, then those that wait there for their turn. */
  calls: CallInHand[];
  /** Looks whether those that wait would do better elsewhere. */
  recall?: NodeJS.Timeout;
  tooLarge: boolean;
  retired: boolean;
  idleSince: number;
  over: Promise<void>;
}

/** An action this short is over before another worker could be told of the next one, in milliseconds. */
const quickMs = 3;

/** Calls that one worker has at once. */
const mostWaiting = 8;

const cores = availableParallelism();

/** A worker that has seen this many modules makes room for a fresh one. */
const mostModules = 64;

/** Warm processes for TypeScript actions: as many as actions are at work, down to one when there is nothing to do. */
export function createWorkers(options: WorkersOptions): Workers {
  const { idleMs = 10_000, memoryMb, killGraceMs, log } = options;
  const workers = new Set<Worker>();
  let born = 0;
  let lastCall = 0;
  let watch: NodeJS.Timeout | undefined;
  let stopped = false;

  /** How long the actions of a module take, in milliseconds: a moving average. */
  const usual = new Map<string, number>();
  const queue: PendingCall[] = [];
  let growing: NodeJS.Timeout | undefined;

  return {
    run: (call) => new Promise((resolve) => place({ call, since: performance.now(), resolve })),
    warm,
    async stop() {
      stopped = true;
      clearInterval(watch);
      clearTimeout(growing);
      const all = [...workers];
      for (const worker of all) retire(worker);
      await Promise.all(all.map(({ over }) => over));
    },
  };

  function place(pending: PendingCall): void {
    const idle = [...workers].filter(isIdle);
    const worker = idle.find(({ modules }) => modules.has(pending.call.module)) ?? idle[0] ?? [...workers].find(hasRoom);
    if (worker !== undefined) return assign(worker, pending);
    queue.push(pending);
    pending.call.signal.addEventListener("abort", () => {
      const at = queue.indexOf(pending);
      if (at >= 0) queue.splice(at, 1).forEach(({ resolve }) => resolve({ kind: "died", how: "it was ended before it began" }));
    });
    warm();
    grow();
  }

  function grow(): void {
    growing ??= setTimeout(() => {
      growing = undefined;
      const starting = [...workers].filter(({ ready, retired }) => !ready && !retired).length;
      if (!stopped && queue.length > starting && isStill()) start();
      if (queue.length > 0) grow();
    }, patienceMs);
  }

  function isStill(): boolean {
    const occupied = [...workers].filter(({ retired }) => !retired).map(({ calls: [first] }) => occupationWith(first));
    return standsStill({ now: performance.now(), since: queue[0]?.since, workers: occupied, cores });
  }

  function occupationWith(first: CallInHand | undefined): Occupation {
    return { began: first?.began, usual: first === undefined ? undefined : usual.get(first.call.module) };
  }

  function assign(worker: Worker, pending: PendingCall): void {
    const { call } = pending;
    worker.modules.add(call.module);
    const stop = () =>
      void (inHand.taken || worker.calls[0] === inHand ? end(worker) : worker.socket.write(encodeFrame(workerFrames.drop, inHand.id)));
    const inHand: CallInHand = {
      ...pending,
      id: ++lastCall,
      began: performance.now(),
      taken: false,
      end(how) {
        call.signal.removeEventListener("abort", stop);
        const now = performance.now();
        learn(call.module, now - inHand.began);
        worker.calls.splice(worker.calls.indexOf(inHand), 1);
        const [following] = worker.calls;
        if (following !== undefined) following.began = now;
        worker.idleSince = now;
        const wornOut = worker.modules.size > mostModules && worker.calls.length === 0;
        if ((call.signal.aborted && inHand.taken) || worker.retired || wornOut) retire(worker);
        else serveNext(worker);
        // A worker may die before it came to it. Nothing of the action has begun then.
        if (how.kind === "died" && !inHand.taken && !call.signal.aborted) place({ ...pending, since: now });
        else if (call.signal.aborted && inHand.taken) void worker.over.then(() => pending.resolve(how));
        else pending.resolve(how);
      },
    };
    worker.calls.push(inHand);
    const { action, module, input, config, files, attachTo } = call;
    const body: RunBody = { action, module, input, config, files, attachTo };
    tell(worker, encodeFrame(workerFrames.run, inHand.id, body));
    watch ??= setInterval(look, 500).unref();
    if (worker.calls.length > 1) worker.recall ??= setTimeout(() => recall(worker), quickMs);
    if (call.signal.aborted) stop();
    else call.signal.addEventListener("abort", stop, { once: true });
  }

  /** One that was expected to be over soon is not: those behind it are taken back, unless they begin just now. */
  function recall(worker: Worker): void {
    delete worker.recall;
    const [first, ...waiting] = worker.calls;
    if (first === undefined || waiting.length === 0) return;
    if (performance.now() - first.began < quickMs) worker.recall = setTimeout(() => recall(worker), quickMs);
    else for (const { id } of waiting) tell(worker, encodeFrame(workerFrames.drop, id));
  }

  function learn(module: string, ms: number): void {
    const known = usual.get(module);
    usual.set(module, known === undefined ? ms : known + (ms - known) / 8);
    // A map of what ran lately: the oldest are the first.
    for (const oldest of usual.keys()) if (usual.size > 1024) usual.delete(oldest);
  }

  /** Whether the next call may wait in the worker itself, which goes on with it at once, instead of here: only behind actions that are known to be
   *  over sooner than the two processes can talk about them. */
  function hasRoom({ ready, calls, retired, modules }: Worker): boolean {
    const [first] = calls;
    if (!ready || retired || first === undefined || calls.length >= mostWaiting || modules.size > mostModules) return false;
    const quick = calls.every(({ call }) => (usual.get(call.module) ?? Infinity) < quickMs);
    return quick && performance.now() - first.began < quickMs;
  }

  /** What one turn of the loop gives a worker goes out together: waking it costs more than the action may. */
  function tell({ socket }: Worker, frame: Buffer): void {
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    socket.write(frame);
  }

  function serveNext(worker: Worker): void {
    while (queue.length > 0 && (isIdle(worker) || hasRoom(worker))) {
      const next = queue.shift();
      if (next !== undefined) assign(worker, next);
    }
  }

  function warm(): void {
    if (!stopped && ![...workers].some(({ retired }) => !retired)) start();
  }

  function start(): Worker {
    const mark = `${options.mark()}.w${++born}`;
    const flags = [`--max-old-space-size=${memoryMb}`, "--max-semi-space-size=2", "--v8-pool-size=1", "--enable-source-maps"];
    const child = spawn(process.execPath, [...flags, workerMain, options.root, modulesRoot(options.root)], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...scrubbedEnvironment(process.env, mark), ...compileCache(options.cacheFolder) },
    });
    // Node makes a duplex socket of a further "pipe".
    const socket = child.stdio[3] as Socket;
    const worker: Worker = {
      child,
      socket,
      mark,
      ready: false,
      calls: [],
      modules: new Set(),
      tail: "",
      tooLarge: false,
      retired: false,
      idleSince: performance.now(),
      over: new Promise((resolve) => {
        child.once("error", (error) => died(worker, error.message, resolve));
        child.once("exit", (code, signal) => died(worker, signal ?? `exit code ${code}`, resolve));
      }),
    };
    workers.add(worker);
    socket.on("error", () => {});
    socket.on(
      "data",
      frameReader(({ type, id, body }) => heard(worker, type, id, body)),
    );
    // What programs that the action started write for themselves; the worker's own words come by frames.
    child.stdout?.on("data", (bytes: Buffer) => worker.calls[0]?.call.onOutput("stdout", bytes));
    child.stderr?.on("data", (bytes: Buffer) => {
      worker.tail = (worker.tail + bytes.toString("latin1")).slice(-4096);
      worker.calls[0]?.call.onOutput("stderr", bytes);
    });
    return worker;
  }

  function heard(worker: Worker, type: number, id: number, body: Buffer): void {
    if (type === workerFrames.ready) {
      worker.ready = true;
      serveNext(worker);
      return;
    }
    const inHand = worker.calls.find((one) => one.id === id);
    if (inHand === undefined) return;
    if (type === workerFrames.taken) {
      inHand.taken = true;
      // It was to be dropped, and had begun.
      if (inHand.call.signal.aborted) void end(worker);
    } else if (type === workerFrames.dropped) inHand.end({ kind: "died", how: "it was ended before it began" });
    else if (type === workerFrames.stdout) inHand.call.onOutput("stdout", body);
    else if (type === workerFrames.stderr) inHand.call.onOutput("stderr", body);
    else if (type === workerFrames.log) inHand.call.onOutput("log", body);
    else if (type === workerFrames.ask) void answer(worker, inHand, JSON.parse(body.toString("utf8")) as AskBody);
    else if (type === workerFrames.done || type === workerFrames.last) {
      if (type === workerFrames.last) worker.retired = true;
      const { types, ...executed } = JSON.parse(body.toString("utf8")) as DoneBody;
      // Output of programs it started came by pipes that this turn of the loop may not have read yet.
      setImmediate(() => inHand.end({ kind: "done", executed, ...(types === undefined ? {} : { types }) }));
    }
  }

  async function answer(worker: Worker, { id, call }: CallInHand, { n, ask }: AskBody): Promise<void> {
    const body: AnswerBody = await call.kv(ask).then(
      (answer) => ({ n, answer }),
      (error: unknown) => ({ n, problem: toProblem(error).data }),
    );
    if (worker.calls.some((one) => one.id === id)) worker.socket.write(encodeFrame(workerFrames.answer, id, body));
  }

  function died(worker: Worker, how: string, done: () => void): void {
    if (!workers.delete(worker)) return;
    const { ready } = worker;
    const calls = [...worker.calls];
    if (calls.length === 0 && !worker.retired && !stopped) log.warn({ how, ready, said: worker.tail }, "a worker ended by itself");
    worker.retired = true;
    // What it started has no parent now. It ends before anybody is told, so that nothing goes on unseen; and by then its last words, which may
    // explain its end, have been read.
    void sweepMarks({ of: [`${worker.mark}.`] }).then(() => {
      const outOfMemory = worker.tooLarge || /heap out of memory|heap limit|Out of memory/i.test(worker.tail);
      done();
      for (const call of calls) call.end(outOfMemory && call.taken ? { kind: "out-of-memory", limitMb: memoryMb } : { kind: "died", how });
      // One that can't even start would be started without end: somebody must be told.
      if (!ready) queue.shift()?.resolve({ kind: "died", how });
      if (queue.length > 0 || calls.length > 0) warm();
    });
  }

  /** SIGTERM to its group, which aborts the action's signal, then SIGKILL unless it is gone. */
  async function end(worker: Worker): Promise<void> {
    signalGroup(worker, "SIGTERM");
    const timer = setTimeout(() => signalGroup(worker, "SIGKILL"), killGraceMs);
    await worker.over;
    clearTimeout(timer);
  }

  function retire(worker: Worker): void {
    worker.retired = true;
    signalGroup(worker, "SIGKILL");
  }

  /** Twice a second while anything is at work: memory outside V8's heap, which its own limit does not see, and workers that are too many. */
  function look(): void {
    const busy = [...workers].filter(({ calls }) => calls.length > 0);
    for (const worker of busy) void weigh(worker);
    const idle = [...workers].filter(isIdle);
    const spare = busy.length > 0 ? idle : idle.slice(1);
    for (const worker of spare) if (performance.now() - worker.idleSince > idleMs) retire(worker);
    if (busy.length === 0 && idle.length <= 1) {
      clearInterval(watch);
      watch = undefined;
    }
  }

  async function weigh(worker: Worker): Promise<void> {
    const pages = Number((await readFile(`/proc/${worker.child.pid}/statm`, "utf8").catch(() => "")).split(" ")[1] ?? 0);
    if (pages * 4096 < (memoryMb + baseMb) * 1024 * 1024) return;
    worker.tooLarge = true;
    retire(worker);
  }
}

/** What a worker takes with nothing in it, generously. */
const baseMb = 128;

const workerMain = fileURLToPath(new URL("worker-main.ts", import.meta.url));

function isIdle({ ready, calls, retired }: Worker): boolean {
  return ready && calls.length === 0 && !retired;
}

function signalGroup({ child }: Worker, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}
