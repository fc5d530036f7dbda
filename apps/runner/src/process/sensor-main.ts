import { Socket } from "node:net";
import { importDefinition, registerPackModules } from "@bellhop/pack-loader/modules";
import { isSensor, runSensor, type SensorHost } from "@bellhop/sdk/host";
import { lineReader, longestLine, type Answer, type Hello } from "../sensors/lines.ts";

// The process of one sensor in TypeScript. It may be killed at any moment, and ends with its runner.

const [root = "", modules = ""] = process.argv.slice(2);
// Ours alone: what the pack starts shall not write into it.
delete process.env.NODE_COMPILE_CACHE;
registerPackModules({ root, dependencies: { within: modules } });

const runner = new Socket({ fd: 3, readable: true, writable: true });
const stop = new AbortController();
const waiting = new Map<number, (answer: Answer) => void>();
let asked = 0;
let begun = false;

process.on("SIGTERM", () => stop.abort());
// Whoever types Ctrl-C means the runner.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("uncaughtException", fail);
runner.on("close", () => process.exit(0));
runner.on("error", () => process.exit(0));
runner.on(
  "data",
  lineReader((line) => {
    if (line === undefined) return;
    const told = JSON.parse(line) as Answer | Hello;
    if (!begun && "sensor" in told) {
      begun = true;
      begin(told).then(() => leave(0), fail);
    } else if (!("sensor" in told) && typeof told.id === "number") {
      waiting.get(told.id)?.(told);
      waiting.delete(told.id);
    }
  }),
);

async function begin(hello: Hello): Promise<void> {
  const { sensor, module = "", config, partition } = hello;
  const definition: unknown = await importDefinition(module);
  if (!isSensor(definition)) throw new Error("its file has no sensor as its default export");
  await runSensor(definition, {
    signal: stop.signal,
    looking: (is) => say({ looking: is }),
    host: { ...hostOf(sensor.slice(0, sensor.indexOf("."))), sensor, config, partition },
  });
}

function hostOf(pack: string): Pick<SensorHost, "emit" | "state" | "log"> {
  const level = (name: string) => (fields: Record<string, unknown>, words: string) =>
    say({ log: Object.keys(fields).length === 0 ? words : `${words} ${JSON.stringify(fields)}`, level: name });
  return {
    log: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") },
    state: {
      get: async (name) => {
        const answer = await ask({ get: name });
        return "get" in answer ? answer.value : undefined;
      },
      set: async (name, value, { ttl } = {}) => void (await ask({ set: name, value, ttl })),
      delete: async (name) => void (await ask({ delete: name })),
    },
    emit: async (trigger, payload, { key }) => {
      const answer = await ask({ trigger: `${pack}.${trigger}`, payload, key });
      if ("stored" in answer) return { event: answer.event, again: answer.again };
      throw new Error("refused" in answer ? `the event was refused: ${answer.refused}` : "the event could not be told");
    },
  };
}

async function ask(what: Record<string, unknown>): Promise<Answer> {
  const id = ++asked;
  const line = JSON.stringify({ ...what, id });
  // Its runner would pass over it, and not know whom to answer.
  if (Buffer.byteLength(line) > longestLine) throw new Error("what it says is longer than 1 MiB");
  const answer = await new Promise<Answer>((resolve) => {
    waiting.set(id, resolve);
    runner.write(`${line}\n`);
  });
  if ("failed" in answer) throw new Error(answer.failed);
  return answer;
}

function say(line: Record<string, unknown>): void {
  runner.write(`${JSON.stringify(line)}\n`);
}

function fail(error: unknown): void {
  // It was told to end, and what it was at did not take it well.
  if (stop.signal.aborted) return leave(0);
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  say({ failed: error instanceof Error ? error.message || error.name : String(error) });
  leave(1);
}

function leave(code: number): void {
  runner.end(() => process.exit(code));
}
