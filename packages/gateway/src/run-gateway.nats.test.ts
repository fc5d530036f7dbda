import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buckets, messageIds, scaled, streams, subjects, token, type Message, type Send } from "@bellhop/contracts";
import { connectBus, type Bus } from "@bellhop/bus";
import { ensureCredentials, serverConfig } from "@bellhop/bus/server";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Adapter, Inbox, Resolution, SendResult } from "./adapter.ts";
import { runGateway, type GatewayOptions } from "./run-gateway.ts";

const durations = scaled(0.1);
let nats: TestNats;
let folder: string;
let credentials: Awaited<ReturnType<typeof ensureCredentials>>;
let operator: Bus;
let closing: (() => Promise<unknown>)[] = [];
let accounts = 0;
let board: Board;

beforeAll(async () => {
  // With the permissions that are shipped: what a gateway may not do, it must not need.
  folder = await mkdtemp(join(tmpdir(), "bellhop-gateway-"));
  credentials = await ensureCredentials(folder);
  nats = await startNats({ config: serverConfig({ users: Object.values(credentials) }) });
  operator = await connect("operator");
  await operator.setUp();
});

afterAll(async () => {
  await operator.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  board = new Board(`board${++accounts}`);
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

it("stores what it receives, once, before it says so", async () => {
  const { inbox } = await gateway();
  const message = written("1");
  await Promise.all([inbox.receive(message), inbox.receive(message)]);
  await inbox.receive({ ...message, origin: "retry" });
  const again = await operator.publish(subjects.message.received, message, { id: messageIds.received(message.key) });
  expect(again.duplicate).toBe(true);
  expect(await received(1)).toEqual([message]);
});

it("says nothing while it can't be stored, and everything once it can", async () => {
  const { inbox } = await gateway();
  await nats.kill9();
  let told = false;
  const stored = inbox.receive(written("1")).then(() => (told = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toBe(false);
  await nats.restart();
  await stored;
  expect(await received(1)).toHaveLength(1);
});

it("sends in order, and records what stands", async () => {
  await gateway();
  await say(send("a"), send("b"), send("c"));
  await board.until(() => board.texts().length === 3);
  expect(board.texts()).toEqual(["a", "b", "c"]);
  await settled("c", "sent");
});

it("drops what was said already", async () => {
  await gateway();
  await say(send("a"));
  await settled("a", "sent");
  await say({ ...send("a"), final: false }, send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
});

it("rewords what stands, and drops older wordings", async () => {
  await gateway();
  await say(send("a", { revision: 1, text: "on it" }));
  await settled("a", "sent");
  await say(send("a", { revision: 3, text: "done" }), send("a", { revision: 2, text: "nearly" }), send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["done", "b"]);
});

it("keeps a send, in its order, until the platform can be reached", async () => {
  board.results.push({ kind: "unavailable", why: "closed" }, { kind: "unavailable", why: "busy", retryAfterMs: 20 });
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
});

it("does not try again what was refused, and goes on with the next", async () => {
  board.results.push({ kind: "refused", why: "channel_gone" });
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(await settled("a", "failed")).toMatchObject({ why: "channel_gone" });
  expect(board.texts()).toEqual(["b"]);
});

it.each([
  ["stands", true],
  ["does not stand", false],
])("looks before it says again what may stand already: it %s", async (_, stands) => {
  board.answersLost = 1;
  board.requestsLost = stands ? 0 : 1;
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
  expect(board.looks).toBe(1);
});

it.each([
  ["resend", ["a", "a"]],
  ["stay_silent", ["a"]],
] as const)("follows the setting %s where there is no way to look", async (unsure, expected) => {
  board.blind = true;
  board.answersLost = 1;
  await gateway({ unsure });
  await say(send("a"), send("z"));
  await settled("z", "sent");
  expect(board.texts()).toEqual([...expected, "z"]);
});

it("is the only one that sends; the other takes over when it stops", async () => {
  const first = await gateway();
  await say(send("a"));
  await settled("a", "sent");
  const second = await gateway();
  await say(send("b"));
  await settled("b", "sent");
  expect(board.senders()).toEqual([first.name, first.name]);
  await first.service.stop();
  await say(send("c"));
  await settled("c", "sent");
  expect(board.senders().at(-1)).toBe(second.name);
  expect(board.texts()).toEqual(["a", "b", "c"]);
});

it("goes on after its lease was lost", async () => {
  await gateway();
  await say(send("a"));
  await settled("a", "sent");
  await nats.kill9();
  await new Promise((resolve) => setTimeout(resolve, durations.lease * 1.5));
  await nats.restart();
  await say(send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
});

/** A platform in memory: a wall that people read. */
class Board {
  readonly account: string;
  /** What the next calls give, before the wall is touched. */
  readonly results: SendResult[] = [];
  answersLost = 0;
  requestsLost = 0;
  blind = false;
  looks = 0;
  readonly #notes: { key: string; text: string; by: string }[] = [];
  readonly #watching = new Set<() => void>();

  constructor(account: string) {
    this.account = account;
  }

  texts = () => this.#notes.map(({ text }) => text);
  senders = () => this.#notes.map(({ by }) => by);

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#watching.delete(look);
        resolve();
      };
      this.#watching.add(look);
      look();
    });
  }

  adapter(name: string, connected: (inbox: Inbox) => void): Adapter {
    return {
      platform: "board",
      account: this.account,
      capabilities: { edit: true },
      connect: async (inbox) => connected(inbox),
      disconnect: async () => {},
      send: async ({ body: { text } }, { key, edits }) => this.#write({ key, text, by: name }, edits),
      ...(this.blind ? {} : { resolve: async ({ key }: Send) => this.#find(key) }),
    };
  }

  #write(note: { key: string; text: string; by: string }, edits: string | undefined): SendResult {
    const result = this.results.shift();
    if (result !== undefined) return result;
    const lost = this.answersLost > 0;
    if (lost) this.answersLost--;
    if (this.requestsLost > 0) {
      this.requestsLost--;
      return { kind: "unsure", why: "lost" };
    }
    const at = edits === undefined ? this.#notes.length : Number(edits);
    this.#notes[at] = note;
    for (const look of this.#watching) look();
    return lost ? { kind: "unsure", why: "lost" } : { kind: "sent", ref: String(at) };
  }

  #find(key: string): Resolution {
    this.looks++;
    const at = this.#notes.findIndex((note) => note.key === key);
    return at < 0 ? { kind: "not-there" } : { kind: "sent", ref: String(at) };
  }
}

function connect(role: "operator" | "gateway"): Promise<Bus> {
  return connectBus({ url: nats.url, credentials: credentials[role].file, name: role, role, durations, log: silentLog });
}

let gateways = 0;

async function gateway(options: Pick<GatewayOptions, "unsure"> = {}): Promise<{ service: Service; inbox: Inbox; name: string }> {
  const name = `gateway${++gateways}`;
  const bus = await connect("gateway");
  const connected = Promise.withResolvers<Inbox>();
  const service = await runGateway({ adapter: board.adapter(name, connected.resolve), bus, durations, log: silentLog, ...options });
  closing.push(
    () => bus.drain(),
    () => service.stop(),
  );
  return { service, name, inbox: await connected.promise };
}

async function say(...sends: Send[]): Promise<void> {
  for (const each of sends) await operator.publish(subjects.message.send, each, { id: `${each.key}/${each.revision}/${Math.random()}` });
}

function send(name: string, { revision = 1, text = name } = {}): Send {
  const to = { platform: "board", account: board.account, channel: "wall" };
  return {
    v: 1,
    key: `${board.account}/${name}`,
    revision,
    platform: "board",
    account: board.account,
    to,
    body: { text, tone: "info" },
    final: true,
  };
}

/** The receipt, once it is in that state. */
function settled(name: string, state: "sent" | "failed") {
  return new Promise((resolve) => {
    const watch = operator.bucket(buckets.receipt).watch(token(`${board.account}/${name}`), ({ value }) => {
      if (value?.state !== state) return;
      setImmediate(() => watch.stop());
      resolve(value);
    });
  });
}

function written(id: string): Message {
  const { account } = board;
  const platform = "board";
  return {
    v: 1,
    key: `${platform}/${account}//wall/${id}`,
    platform,
    account,
    conversation: { channel: "wall", kind: "room" },
    author: { platform, id: "ana", kind: "human" },
    content: { text: "echo hello" },
    addressed: "prefix",
    origin: "live",
    replyTo: { platform, account, channel: "wall" },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
}

/** Everything stored for this account, once there are so many. */
async function received(count: number): Promise<Message[]> {
  const messages: Message[] = [];
  const enough = Promise.withResolvers<void>();
  const consumption = await operator.consume({
    subject: subjects.message.received,
    stream: streams.message,
    filter: subjects.message.received.filter({ platform: "board", account: board.account }),
    durable: `test_${board.account}`,
    concurrency: 1,
    keyOf: () => "",
    async handle(message) {
      messages.push(message);
      if (messages.length >= count) enough.resolve();
    },
  });
  await enough.promise;
  await consumption.drain();
  return messages;
}
