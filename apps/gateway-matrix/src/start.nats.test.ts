import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageIds, scaled, streams, subjects, type Message } from "@bellhop/contracts";
import { connectBus, type Bus, type Consumption } from "@bellhop/bus";
import { commonConfig, Secret, silentLog, type CrashPoint, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { startFakeMatrix, type FakeMatrix } from "@bellhop/testkit/matrix";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "./start.ts";

const durations = scaled(0.1);
const patience = 15_000;

let nats: TestNats;
let matrix: FakeMatrix;
let bus: Bus;
let engine: Consumption;
let folder: string;
let room: string;
let user: string;
/** Every message that was stored, in the engine's order. */
let heard: Message[];
let closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  [nats, matrix, folder] = await Promise.all([
    startNats(),
    // Little at a time, so that an absence leaves gaps.
    startFakeMatrix({ largestTimeline: 10 }),
    mkdtemp(join(tmpdir(), "bellhop-matrix-")),
  ]);
  user = matrix.createUser("ana");
  room = matrix.createRoom("ops", { members: [user] });
  heard = [];
  bus = await connectBus({ url: nats.url, name: "engine", role: "operator", durations, log: silentLog });
  await bus.setUp();
  engine = await parrot();
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
  await engine.drain();
  await bus.drain();
  await matrix.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the gateway of one account", () => {
  it("answers a !command and a mention in their threads, once each, and nobody else", async () => {
    await gateway();
    const asked = await say("!echo <hello>");
    const mentioned = await say("echo you", { mention: true });
    await say("just talking");
    await answered(2);
    await last(asked.event);
    expect(answers()).toEqual(
      expect.arrayContaining([
        { thread: asked.event, text: "you said: echo <hello>" },
        { thread: mentioned.event, text: "you said: echo you" },
      ]),
    );
    expect(answers()).toHaveLength(3);
    expect(heard).toHaveLength(3);
    expect(matrix.room(room).find(({ text }) => text.endsWith("<hello>") && text.startsWith("you"))?.html).toBe(
      "<p>you said: echo &lt;hello&gt;</p>",
    );
  });

  it("answers a direct message where it stands", async () => {
    await gateway();
    const { room: direct } = await matrix.dm(user, "status");
    await matrix.waitForMessage((message) => message.room === direct && message.user === matrix.bot.userId, patience);
    expect(matrix.room(direct).map(({ text, thread }) => [text, thread])).toEqual([
      ["status", undefined],
      ["you said: status", undefined],
    ]);
  });

  it("makes one message of what a sync gives twice", async () => {
    await gateway();
    const twice = matrix.disturbSyncs({ fault: { kind: "twice" } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(twice.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
    expect(heard).toHaveLength(2);
  });

  it("hears on while NATS is down, and answers once when it is back", async () => {
    await gateway();
    await nats.kill9();
    const { event } = await say("!echo stored");
    await say("!echo too", { thread: event });
    await nats.restart();
    await answered(2);
    await last(event);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo stored", "you said: echo too", "you said: echo last"]);
    expect(heard).toHaveLength(3);
  });

  it.each(["lose_answer", "lose_request", "error_after", "unavailable"] as const)("leaves one reply standing after %s", async (kind) => {
    await gateway();
    const fault = matrix.failCalls({ call: "send", fault: { kind } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("leaves one reply standing where the homeserver takes longer than we wait", async () => {
    await gateway();
    const fault = matrix.failCalls({ call: "send", fault: { kind: "hold", ms: durations.platformCall + 500 } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  }, 20_000);

  it("says everything where the homeserver counts as Synapse does unless told otherwise", async () => {
    matrix.pace({ perSecond: 2, burst: 3 });
    await gateway();
    const { event } = await say("!echo 1");
    for (let n = 2; n <= 8; n++) await say(`!echo ${n}`, { thread: event });
    await answered(8);
    expect(answers().map(({ text }) => text)).toEqual(Array.from({ length: 8 }, (_, n) => `you said: echo ${n + 1}`));
    expect(matrix.requests().filter(({ call, answer }) => call === "send" && answer?.status === 429).length).toBeGreaterThan(0);
  });

  it("starts while the homeserver can't be reached, and answers once it can", async () => {
    const outage = matrix.failCalls({ call: "whoami", fault: { kind: "unavailable" } });
    await gateway();
    expect(outage.hits()).toBe(1);
    await matrix.waitUntil(() => matrix.syncs() === 1);
    await say("!echo late");
    await answered(1);
  });

  it("refuses to start with a token that the homeserver does not take, and says which", async () => {
    matrix.revokeTokens();
    await expect(gateway()).rejects.toThrow(/BELLHOP_MATRIX_TOKEN/);
  });
});

describe("killed with -9", () => {
  it("answers what was said meanwhile, in rooms, threads and directly, in order and once", async () => {
    const first = await gatewayProcess();
    const { room: direct } = await matrix.dm(user, "before");
    const { event: root } = await say("!echo before");
    await answered(1);
    await matrix.waitForMessage(({ text }) => text === "you said: before", patience);
    first.child.kill("SIGKILL");
    await first.ended;
    const texts = Array.from({ length: 60 }, (_, n) => `echo ${n + 1}`);
    for (const text of texts) await say(`!${text}`, { thread: root });
    await matrix.dm(user, "meanwhile");
    const { room: fresh } = await matrix.dm(matrix.createUser("bob"), "invited meanwhile");
    await gateway();
    await answered(61);
    await matrix.waitForMessage((message) => message.room === direct && message.text === "you said: meanwhile", patience);
    await matrix.waitForMessage((message) => message.room === fresh && message.text === "you said: invited meanwhile", patience);
    await last(root);
    expect(answers().map(({ text }) => text)).toEqual(["echo before", ...texts, "echo last"].map((text) => `you said: ${text}`));
    expect(heard).toHaveLength(65);
  }, 30_000);

  it.each<CrashPoint>(["gateway.received", "gateway.stored", "gateway.sending", "gateway.sent-unrecorded", "gateway.recorded"])(
    "at %s, the next gateway leaves each piece of one reply standing",
    async (point) => {
      const crashLog = join(folder, "crash");
      const first = await gatewayProcess({ BELLHOP_CRASH: point, BELLHOP_CRASH_LOG: crashLog });
      const { event } = await say("!echo long");
      await first.ended;
      expect(await readFile(crashLog, "utf8")).toMatch(point);
      await gateway();
      await answered(4);
      await last(event);
      expect(answers().map(({ text }) => text.slice(0, 20))).toEqual(
        ["you said: echo long", "line", "line", "line", "you said: echo last"].map((text) => expect.stringContaining(text)),
      );
      expect(heard.map(({ content }) => content.text)).toEqual(["echo long", "echo last"]);
    },
    30_000,
  );

  it("while another one waits, that one takes over", async () => {
    const first = await gatewayProcess();
    await say("!echo one");
    await answered(1);
    await gateway();
    first.child.kill("SIGKILL");
    await first.ended;
    await say("!echo two");
    await answered(2);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo one", "you said: echo two"]);
  }, 30_000);
});

const say = (text: string, more: { thread?: string; mention?: boolean } = {}) => matrix.say({ room, user, text, ...more });

/** In this process. */
async function gateway(): Promise<Service> {
  const service = await start(
    {
      ...commonConfig({ NATS_URL: nats.url, BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" }, "gateway"),
      prefixes: { general: "!", rooms: {} },
      accounts: [{ name: "default", homeserver: matrix.url, login: { token: new Secret(matrix.bot.token) } }],
    },
    silentLog,
  );
  closing.push(() => service.stop());
  return service;
}

/** As it is shipped; ready when it waits for news. */
async function gatewayProcess(extra: Record<string, string> = {}): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
  const before = matrix.syncs();
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NATS_URL: nats.url,
      BELLHOP_FOLDER: folder,
      BELLHOP_TIME_FACTOR: "0.1",
      BELLHOP_MATRIX_HOMESERVER: matrix.url,
      BELLHOP_MATRIX_TOKEN: matrix.bot.token,
      ...extra,
    },
  });
  let told = "";
  child.stderr?.on("data", (chunk) => (told += String(chunk)));
  const ended = once(child, "exit");
  closing.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  });
  await Promise.race([
    matrix.waitUntil(() => matrix.syncs() > before, patience),
    ended.then(() => {
      throw new Error(`the gateway ended: ${told}`);
    }),
  ]);
  // What ends later is looked at by who asked for it.
  ended.catch(() => {});
  return { child, ended };
}

/** Of four pieces. */
const long = `\n\n${Array.from({ length: 900 }, (_, n) => `line ${n} of an answer that is long enough to matter`).join("\n")}`;

/** Plays the engine: says back what it hears. */
function parrot(): Promise<Consumption> {
  const sequences = new Set<number>();
  return bus.consume({
    subject: subjects.message.received,
    stream: streams.message,
    filter: subjects.message.received.filter({ platform: "matrix" }),
    durable: "parrot",
    concurrency: 1,
    keyOf: () => "",
    async handle(message, { sequence }) {
      if (!sequences.has(sequence)) heard.push(message);
      sequences.add(sequence);
      const send = {
        v: 1,
        key: `${message.key}#0`,
        revision: 1,
        platform: "matrix",
        account: message.account,
        to: message.replyTo,
        body: { text: `you said: ${message.content.text}${message.content.text.endsWith("long") ? long : ""}`, tone: "info" },
        answers: message.key,
        final: true,
      } as const;
      await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
    },
  });
}

function answers(): { thread?: string; text: string }[] {
  return matrix
    .room(room)
    .filter((message) => message.user === matrix.bot.userId)
    .map(({ text, thread }) => ({ thread, text }));
}

/** Asks once more in the same thread: replies there go out one after the other, so that nothing is on its way before this answer. */
async function last(thread: string): Promise<void> {
  await say("!echo last", { thread });
  await matrix.waitUntil(() => answers().some(({ text }) => text.endsWith("echo last")), patience);
}

function answered(count: number): Promise<void> {
  return matrix.waitUntil(() => answers().length >= count, patience);
}
