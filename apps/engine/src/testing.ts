// For the tests of this package: a server of their own, engines on it, and people in one room of a chat.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import {
  messageIds,
  messageKey,
  scaled,
  streams,
  subjects,
  type ActionRequested,
  type Durations,
  type Message,
  type MessageDeleted,
  type MessageEdited,
  type MessageReacted,
  type Outcome,
  type PackVersion,
  type Person,
  type RuleDefinition,
  type Send,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, until, type TestNats } from "@bellhop/testkit";
import type { EngineConfig } from "./config.ts";
import { start } from "./start.ts";

export { until };

export const ana: Person = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" };
const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" as const } };
const sentAt = "2026-01-01T00:00:00.000Z";

export interface Scene {
  /** Where NATS is. */
  url: string;
  bus: Bus;
  /** What was to be said or shown, each wording once, in order; and what was to be done. */
  sends: Send[];
  requests: ActionRequested[];
  startEngine(more?: Partial<EngineConfig>): Promise<Service>;
  /** An engine in a process of its own that kills itself at this point. @returns the points it was killed at, once it is */
  crashEngine(at: string, more?: Partial<EngineConfig>): Promise<string>;
  say(id: string, text: string, more?: Partial<Message>): Promise<void>;
  /** `text` undefined: it does not call us any more. `second`: when, after the message itself. */
  edit(id: string, text: string | undefined, second: number, more?: { id?: string; author?: Person }): Promise<void>;
  remove(id: string, second: number): Promise<void>;
  react(id: string, emoji: string, by: Person): Promise<void>;
  /** Its attempt prints this, as piece `seq`. */
  print(request: ActionRequested, seq: number, text: string): Promise<void>;
  finish(request: ActionRequested, outcome: Partial<Outcome> & { text?: string }): Promise<void>;
  /** Resolves once everything before is handled. */
  handled(): Promise<void>;
  /** What a person sees of a reply in the end: the last wording of each key, gestures left out. */
  seen(): string[];
  end(): Promise<void>;
}

/** What every engine stands on in a test. */
export interface Ground {
  nats: TestNats;
  bus: Bus;
  /** Of the engines: their keyring is in it. */
  folder: string;
  startEngine(more?: Partial<EngineConfig>): Promise<Service>;
  /** Stops the engines that still work, and the server. */
  end(): Promise<void>;
}

/** A server with one pack, on which the test is the gateway of one account, and the runner of the pool `default`: both hear all in the order of
 *  its streams. */
export async function startGround(options: {
  durations: Durations;
  pack: PackVersion;
  account: { platform: string; account: string };
  said: (send: Send) => void;
  requested: (request: ActionRequested) => void;
}): Promise<Ground> {
  const { durations, pack: version, account, said, requested } = options;
  const nats = await startNats();
  const folder = await mkdtemp(join(tmpdir(), "bellhop-engine-"));
  const bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version, files: { v: 1, digest: version.digest, files: [] } });
  const engines: Service[] = [];
  await bus.consume({
    subject: subjects.message.send,
    stream: streams.send,
    filter: subjects.message.send.filter(account),
    durable: "send_test",
    concurrency: 1,
    keyOf: () => "all",
    handle: async (send) => said(send),
  });
  await bus.consume({
    subject: subjects.action.requested,
    stream: streams.action,
    filter: subjects.action.requested.filter({ pool: "default" }),
    durable: "pool_default",
    concurrency: 1,
    keyOf: () => "all",
    handle: async (request) => requested(request),
  });
  return {
    nats,
    bus,
    folder,
    async startEngine(more = {}) {
      const engine = await start({ ...engineConfig({ url: nats.url, folder, durations }), ...more });
      engines.push(engine);
      return engine;
    },
    async end() {
      await Promise.all(engines.map((engine) => engine.stop()));
      await bus.drain();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of an engine whose owner is {@link ana}. */
function engineConfig({ url, folder, durations }: { url: string; folder: string; durations: Durations }) {
  const common = { nats: { url }, folder, durations, logLevel: "silent", file: {} } as const;
  return { ...common, owners: ["slack:T1/U1"], concurrency: 8 };
}

/** @param overrides of durations, before all of them are scaled to a tenth */
export async function startScene(overrides: Partial<Durations> = {}): Promise<Scene> {
  const durations = scaled(0.1, { acknowledgeAfter: 3_600_000, unclaimedNotice: 3_600_000, ...overrides });
  const sends: Send[] = [];
  const requests: ActionRequested[] = [];
  const marks = new Set<string>();
  let questions = 0;
  const ground = await startGround({
    durations,
    pack,
    account: { platform: place.platform, account: place.account },
    said(send) {
      if (!sends.some(({ key, revision }) => key === send.key && revision === send.revision)) sends.push(send);
    },
    requested(request) {
      if (request.action === mark) marks.add(request.run);
      else requests.push(request);
    },
  });
  const { nats, bus, folder } = ground;

  async function say(id: string, text: string, more: Partial<Message> = {}): Promise<void> {
    await bus.publish(subjects.message.received, { ...messageOf(id, text), ...more }, { id: `in:${id}/${questions++}` });
  }
  return {
    url: nats.url,
    bus,
    sends,
    requests,
    say,
    startEngine: (more) => ground.startEngine(more),
    end: () => ground.end(),
    async crashEngine(at, more = {}) {
      const witness = join(folder, `crashed-${questions++}`);
      const program = `import { start } from "./start.ts"; await start(JSON.parse(process.argv[1]));`;
      const config = { ...engineConfig({ url: nats.url, folder, durations }), ...more };
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program, JSON.stringify(config)], {
        cwd: fileURLToPath(new URL(".", import.meta.url)),
        env: { ...process.env, BELLHOP_CRASH: at, BELLHOP_CRASH_LOG: witness },
        stdio: ["ignore", "ignore", "inherit"],
      });
      await new Promise((resolve) => child.once("exit", resolve));
      return (await readFile(witness, "utf8")).split(" ")[0] ?? "";
    },
    async edit(id, text, second, { id: rev = String(second), author = ana } = {}) {
      const key = messageKey({ ...place, id, edit: rev });
      const message = text === undefined ? undefined : { ...messageOf(id, text), key, author };
      const edited: MessageEdited = { ...aboutOf(id, key), author, message, editedAt: after(second) };
      await bus.publish(subjects.message.edited, edited, { id: `edit:${key}/${questions++}` });
    },
    async remove(id, second) {
      const deleted: MessageDeleted = { ...aboutOf(id, keyOf(id)), deletedAt: after(second) };
      await bus.publish(subjects.message.deleted, deleted, { id: `del:${questions++}` });
    },
    async react(id, emoji, by) {
      const key = `${keyOf(id)}/r/${by.id}/${emoji}`;
      const { replyTo } = messageOf(id, "");
      const reacted: MessageReacted = { ...aboutOf(id, key), by, emoji, added: true, replyTo, at: after(9) };
      await bus.publish(subjects.message.reacted, reacted, { id: `react:${key}` });
    },
    async print({ run, task, attempt }, seq, text) {
      const chunk = { v: 1, run, task, attempt, seq, stream: "stdout", text } as const;
      await bus.publish(subjects.run.output, chunk, { id: messageIds.output(chunk, seq) });
    },
    async finish({ run, task, attempt }, { text, ...outcome }) {
      const output = text === undefined ? {} : { output: { inline: text } };
      const finished = { v: 1, run, task, attempt, runner: "test", outcome: { status: "succeeded", ...output, ...outcome } } as const;
      await bus.publish(subjects.action.finished, finished, { id: messageIds.finished(finished) });
    },
    async handled() {
      const id = `question ${questions++}`;
      await say(id, "status");
      await until(() => sends.some(({ answers }) => answers === keyOf(id)));
      for (const [index, { answers }] of sends.entries()) if (answers === keyOf(id)) sends.splice(index, 1);
      // What was to be done comes by another stream, where it may be later than the answer: what stands behind it there tells that all of it is here.
      const behind = { v: 1, run: id, task: "main", attempt: 1, pool: "default", action: mark, digest: "", input: {} } as const;
      await bus.publish(subjects.action.requested, { ...behind, timeoutMs: 1, repeatable: false }, { id: `mark:${id}` });
      await until(() => marks.has(id));
    },
    seen() {
      const last = new Map<string, Send>();
      for (const send of sends)
        if (send.gesture === undefined && send.revision > (last.get(send.key)?.revision ?? 0)) last.set(send.key, send);
      return [...last.values()].map(({ body }) => body.text);
    },
  };
}

/** Of a pack's rule what its test is about; the rest of it is as of any. */
export function ruleOf(
  pack: string,
  name: string,
  given: Pick<RuleDefinition, "trigger" | "action"> & Partial<RuleDefinition>,
): RuleDefinition {
  const source = { file: `rules/${name}.yaml`, line: 1, column: 1 };
  return { ref: `${pack}.${name}`, pack, name, description: "", enabled: true, type: "standard", criteria: {}, source, ...given };
}

export function keyOf(id: string): string {
  return messageKey({ ...place, id });
}

function messageOf(id: string, text: string): Message {
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1", thread: id, message: id };
  return { v: 1, key: keyOf(id), ...place, author: ana, content: { text }, addressed: "prefix", origin: "live", replyTo, sentAt };
}

function aboutOf(id: string, key: string) {
  return { v: 1 as const, key, ...place, original: { key: keyOf(id), sentAt } };
}

function after(seconds: number): string {
  return new Date(Date.parse(sentAt) + seconds * 1000).toISOString();
}

/** The action of a request that is none. */
const mark = "test.mark";
const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "hello", enabled: true, description: "", source };
/** `greet`; `secretly`, which is whispered; `politely`, which is acknowledged in words; `openly`, which shows what it prints; and `everybody`, who are
 *  greeted one by one. */
const pack: PackVersion = {
  v: 1,
  name: "hello",
  version: "1.0.0",
  description: "",
  digest: "d1",
  actions: [
    {
      ...common,
      kind: "typescript",
      pool: "default",
      ref: "hello.greet",
      name: "greet",
      repeatable: false,
      parameters: { name: { type: "string" }, times: { type: "integer" } },
    },
  ],
  aliases: (["greet", "secretly", "politely", "openly", "everybody"] as const).map((name) => ({
    ...common,
    ref: `hello.${name}`,
    name,
    action: "hello.greet",
    immutableParameters: {},
    formats: [
      name === "everybody"
        ? { display: "@NAME …", representation: ["(?:\\s|^)@(?P<name>\\w+)(?:\\s|$)"], matchMultiple: true }
        : { display: `${name} {{ name }}`, representation: [`${name} {{ name }}`], matchMultiple: false },
    ],
    ...(name === "politely" ? { ack: { enabled: true, format: "At your service" } } : {}),
    result: { enabled: true, ...(name === "secretly" ? { whisper: true } : {}), ...(name === "openly" ? { live: true } : {}) },
  })),
};
