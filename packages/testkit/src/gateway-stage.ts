import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import type { TestNats } from "@bellhop/bus/testing";
import { messageIds, streams, subjects, type Message, type Send } from "@bellhop/contracts";
import { startBus } from "./start-bus.ts";

/** What a gateway stands on in a test: NATS, a folder, and an engine that answers all it hears. */
export interface GatewayStage {
  nats: TestNats;
  bus: Bus;
  /** Empty, and gone at the end. */
  folder: string;
  /** What a gateway's configuration has of all this, at a tenth of all durations. */
  env: { NATS_URL: string; BELLHOP_FOLDER: string; BELLHOP_TIME_FACTOR: string };
  /** Every message that was stored, in the engine's order, each once. */
  heard: readonly Message[];
  /** Starts a gateway as it is shipped. Resolves when it is ready, and rejects where it ends before.
   *  @param at.main its main.ts */
  run(at: {
    main: string;
    env: Record<string, string>;
    ready: Promise<unknown>;
  }): Promise<{ child: ChildProcess; ended: Promise<unknown> }>;
  /** What is done at the end, the last first, before all of this goes. */
  atEnd(close: () => Promise<unknown>): void;
  end(): Promise<void>;
}

/** @param at.answer what the engine says to a message */
export async function startGatewayStage(at: { platform: string; answer: (message: Message) => Send["body"] }): Promise<GatewayStage> {
  const { platform, answer } = at;
  const [server, folder] = await Promise.all([startBus(), mkdtemp(join(tmpdir(), `bellhop-${platform}-`))]);
  const { nats, bus } = server;
  const heard: Message[] = [];
  const sequences = new Set<number>();
  const engine = await bus.consume({
    subject: subjects.message.received,
    stream: streams.message,
    filter: subjects.message.received.filter({ platform }),
    durable: "parrot",
    concurrency: 1,
    keyOf: () => "",
    async handle(message, { sequence }) {
      if (!sequences.has(sequence)) heard.push(message);
      sequences.add(sequence);
      const { key, account, replyTo: to } = message;
      const send: Send = { v: 1, key: `${key}#0`, revision: 1, platform, account, to, body: answer(message), answers: key, final: true };
      await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
    },
  });
  const closing: (() => Promise<unknown>)[] = [];
  const env = { NATS_URL: nats.url, BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" };
  return {
    nats,
    bus,
    folder,
    env,
    heard,
    async run({ main, env: more, ready }) {
      const { PATH, NODE_COMPILE_CACHE } = process.env;
      const child = spawn(process.execPath, [main], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { PATH, NODE_COMPILE_CACHE, ...env, ...more },
      });
      let told = "";
      child.stderr.on("data", (chunk) => (told += String(chunk)));
      const ended = once(child, "exit");
      closing.push(async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
        await ended;
      });
      const early = ended.then(() => {
        throw new Error(`the gateway ended: ${told}`);
      });
      // What ends later is looked at by who asked for it.
      early.catch(() => {});
      await Promise.race([ready, early]);
      return { child, ended };
    },
    atEnd: (close) => void closing.push(close),
    async end() {
      for (const close of closing.reverse()) await close();
      await engine.drain();
      await server.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
