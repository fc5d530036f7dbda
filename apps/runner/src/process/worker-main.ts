import { mkdirSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { Socket } from "node:net";
import { join } from "node:path";
import { Problem, problem } from "@bellhop/contracts";
import { importDefinition, registerPackModules } from "@bellhop/pack-loader/modules";
import {
  executeAction,
  isAction,
  type ActionLog,
  type AnyAction,
  type Attached,
  type Executed,
  type KvAnswer,
  type KvHost,
} from "@bellhop/sdk/host";
import { encodeFrame, frameReader } from "./frames.ts";
import { workerFrames, type AnswerBody, type AskBody, type DoneBody, type RunBody } from "./worker-frames.ts";

// A worker: carries out TypeScript actions, one after the other, and may be killed at any moment. Everything it needs is loaded before the first one.

const [root = "", modules = ""] = process.argv.slice(2);
// Ours alone: what the pack starts shall not write into it.
delete process.env.NODE_COMPILE_CACHE;
registerPackModules({ root, dependencies: { within: modules } });

const runner = new Socket({ fd: 3, readable: true, writable: true });
let current: { id: number; action: string; abort: AbortController; types?: Record<string, string> } | undefined;
const next: { id: number; body: RunBody }[] = [];
/** Set when this process is to end: nothing may begin that would be killed for what another action did. */
let closing = false;
let keeping: NodeJS.Timeout | undefined;

process.stdout.write = forwarded(workerFrames.stdout, process.stdout);
process.stderr.write = forwarded(workerFrames.stderr, process.stderr);
process.on("SIGTERM", () => {
  closing = true;
  current?.abort.abort();
});
// Whoever types Ctrl-C means the runner.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("uncaughtException", (error) => {
  // The error came from work that nobody waits for: what else goes on in here can't be known, so this process is not used again.
  closing = true;
  const why = `an error that nothing caught: ${error instanceof Error ? error.message : String(error)}`;
  if (current)
    finish({ kind: "failed", problem: problem("action_failed", { action: current.action, why, next: "" }).data }, workerFrames.last);
  runner.end(() => process.exit(1));
});
runner.on("close", () => process.exit(0));
runner.on("error", () => process.exit(0));
runner.on(
  "data",
  frameReader(({ type, id, body }) => {
    if (type === workerFrames.run) next.push({ id, body: JSON.parse(body.toString("utf8")) as RunBody });
    else if (type === workerFrames.drop) drop(id);
    else if (type === workerFrames.answer) answered(JSON.parse(body.toString("utf8")) as AnswerBody);
    begin();
  }),
);
runner.write(encodeFrame(workerFrames.ready, 0));
keepCompiled();

function begin(): void {
  if (current !== undefined || closing) return;
  const first = next.shift();
  if (first !== undefined) void run(first.id, first.body);
}

function drop(id: number): void {
  const at = next.findIndex((one) => one.id === id);
  if (at < 0) return;
  next.splice(at, 1);
  runner.write(encodeFrame(workerFrames.dropped, id));
}

async function run(id: number, { action, module, input, config, files, attachTo }: RunBody): Promise<void> {
  const abort = new AbortController();
  const mine: NonNullable<typeof current> = { id, action, abort };
  current = mine;
  const keep = (file: Attached, bytes: Uint8Array) => {
    if (mine.types === undefined) mkdirSync(attachTo, { recursive: true, mode: 0o700 });
    writeFileSync(join(attachTo, file.name), bytes, { mode: 0o600 });
    mine.types = { ...mine.types, [file.name]: file.type };
  };
  runner.write(encodeFrame(workerFrames.taken, id));
  await sent();
  if (current !== mine) return;
  const executed = await load(action, module).then(
    async (found) =>
      found.kind === "failed"
        ? found
        : await executeAction(found.definition, { action, input, config, files, keep, kv: kvOf(id), log: logOf(id), signal: abort.signal }),
    (error: unknown) => failed(action, `its code can't be loaded: ${error instanceof Error ? error.message : String(error)}`),
  );
  if (current?.id === id) finish(executed);
}

/** Resolves once all that was said has left: what ends this process must not take a large result with it that another action gave before, nor the word that
 *  this one begins. */
async function sent(): Promise<void> {
  // What is written together leaves at the end of this turn.
  await Promise.resolve();
  if (runner.writableLength > 0) await new Promise<void>((resolve) => void runner.write("", () => resolve()));
}

/** Asks that wait for their answers. */
const asked = new Map<number, { answer: (answer: KvAnswer) => void; fail: (problem: Problem) => void }>();
let asks = 0;

/** The datastore of one run: the runner has it. What still asks when its action is over is told nothing. */
function kvOf(id: number): KvHost {
  return (ask) =>
    new Promise((answer, fail) => {
      if (current?.id !== id)
        return fail(problem("kv_refused", { why: "The action is over.", next: "Wait for what you ask before it returns." }));
      const n = ++asks;
      asked.set(n, { answer, fail });
      runner.write(encodeFrame(workerFrames.ask, id, { n, ask } satisfies AskBody));
    });
}

function answered(body: AnswerBody): void {
  const one = asked.get(body.n);
  asked.delete(body.n);
  if ("answer" in body) one?.answer(body.answer);
  else one?.fail(new Problem(body.problem));
}

/** Asking Node for a module that it has already takes as long as a small action. */
const loaded = new Map<string, AnyAction>();

async function load(action: string, module: string) {
  const known = loaded.get(module);
  if (known !== undefined) return { kind: "action" as const, definition: known };
  const definition: unknown = await importDefinition(module);
  keepCompiled();
  if (isAction(definition)) {
    loaded.set(module, definition);
    return { kind: "action" as const, definition };
  }
  return failed(action, "its file has no action as its default export");
}

/** Node writes its compile cache when a process ends by itself, which a worker never does. With all of it, what the first action brought along too, the
 *  next one takes 16 MB less, since it need not load what strips types, and starts sooner. */
function keepCompiled(): void {
  clearTimeout(keeping);
  keeping = setTimeout(flushCompileCache, 100).unref();
}

function failed(action: string, why: string): Executed & { kind: "failed" } {
  return { kind: "failed", problem: problem("action_failed", { action, why, next: "This is a fault of the pack." }).data };
}

function finish(executed: Executed, type: number = workerFrames.done): void {
  const { id = 0, action = "", types } = current ?? {};
  current = undefined;
  asked.clear();
  const frameOf = (end: Executed) => encodeFrame(type, id, (types === undefined ? end : { ...end, types }) satisfies DoneBody);
  const frame = frameOf(executed);
  const told =
    frame.length <= largestResult
      ? frame
      : frameOf(failed(action, `its result has ${frame.length} bytes; up to ${largestResult} are taken`));
  // With that the next one is taken, in one write: each of them wakes the runner.
  runner.cork();
  runner.write(told);
  begin();
  runner.uncork();
}

const largestResult = 32 * 1024 * 1024;

/** Output takes the same road as the result, so that it arrives before it. */
function forwarded(type: number, stream: NodeJS.WriteStream): NodeJS.WriteStream["write"] {
  return function write(chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean {
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8") : chunk;
    const callback = typeof encoding === "function" ? encoding : done;
    const flowing = runner.write(encodeFrame(type, current?.id ?? 0, bytes));
    if (typeof callback === "function") process.nextTick(callback as () => void);
    if (!flowing) runner.once("drain", () => stream.emit("drain"));
    return flowing;
  };
}

function logOf(id: number): ActionLog {
  const say = (level: string) => (fields: Record<string, unknown>, words: string) => {
    const data = Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
    runner.write(encodeFrame(workerFrames.log, id, `${level} ${words}${data}\n`));
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
