import { buckets, scaled, streams, subjects, token, type FileRef, type Receipt, type Send } from "@bellhop/contracts";
import type { Bus, Membership } from "@bellhop/bus";
import { silentLog } from "@bellhop/service";
import type { TestNats } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Adapter } from "./adapter.ts";
import { keepSending } from "./sending.ts";
import { Board, type Fault } from "./test-board.ts";
import { startGuarded, type GuardedServer } from "./testing-server.ts";

const durations = scaled(0.1);
let server: GuardedServer;
let nats: TestNats;
let operator: Bus;
const closing: (() => Promise<unknown>)[] = [];
let accounts = 0;
let board: Board;

beforeAll(async () => {
  server = await startGuarded(durations);
  ({ nats, operator } = server);
});

afterAll(async () => await server.end());

beforeEach(() => {
  board = new Board(`board${++accounts}`);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("sends in order, and records what stands", async () => {
  await gateway();
  await say(send("a"), send("b"), send("c"));
  await settled("c", "sent");
  expect(board.texts()).toEqual(["a", "b", "c"]);
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
  await board.until(() => board.texts()[0] === "done");
  expect(board.texts()).toEqual(["done", "b"]);
});

it("says in place of what it crashes on that it can't be shown, and a replay takes that place once the fault is mended", async () => {
  let mended = false;
  const write = ({ body }: Send) => {
    if (body.text === "poison" && !mended) throw new Error("too many brackets");
    return [body.text];
  };
  await gateway({ write });
  await say(send("a", { text: "poison" }), send("b"));
  await settled("a", "sent");
  await settled("b", "sent");
  expect(board.texts().toSorted()).toEqual([
    expect.stringMatching(/^An answer can't be shown here: .*too many brackets\n.*dead letters/),
    "b",
  ]);
  const { key } = send("a");
  const [letter, ...more] = (await operator.dead.list((one) => one)).filter(({ data }) => new TextDecoder().decode(data).includes(key));
  if (letter === undefined) throw new Error("there is a letter");
  expect(more).toEqual([]);
  mended = true;
  await operator.dead.replay(letter, send("a", { revision: 2, text: "poison" }));
  await board.until(() => board.texts().includes("poison"));
  expect(board.texts().toSorted()).toEqual(["b", "poison"]);
  await operator.dead.drop(letter.number);
});

it("keeps a send, in its order, until the platform can be reached", async () => {
  board.faults.push({ kind: "unavailable", why: "closed" }, { kind: "unavailable", why: "busy", retryAfterMs: 20 });
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
});

it("does not try again what was refused, and goes on with the next", async () => {
  board.faults.push({ kind: "refused", why: "channel_gone" });
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(await settled("a", "failed")).toMatchObject({ why: "channel_gone" });
  expect(board.texts()).toEqual(["b"]);
});

it("tells where it was asked for what the platform refused, once, and says nothing for another account", async () => {
  board.faults.push({ kind: "refused", why: "not_in_channel" });
  await gateway();
  const { to } = send("");
  await say({ ...send("a", { channel: "closed" }), refusalTo: { ...to, channel: "asked" } });
  await settled("a/refused", "sent");
  board.faults.push({ kind: "refused", why: "not_in_channel" });
  await say({ ...send("b", { channel: "closed" }), refusalTo: { ...to, account: "other", channel: "asked" } });
  await settled("b", "failed");
  await say({ ...send("a", { channel: "closed" }), refusalTo: { ...to, channel: "asked" } }, send("c", { channel: "asked" }));
  await settled("c", "sent");
  expect(saidIn("asked")).toEqual([
    "board refused a message: not_in_channel\nLook whether the bot is in that room, and may write there.",
    "c",
  ]);
  expect(saidIn("closed")).toEqual([]);
});

it.each<[string, Fault]>([
  ["stands", "answer lost"],
  ["does not stand", "request lost"],
])("looks before it says again what may stand already: it %s", async (_, fault) => {
  board.faults.push(fault);
  await gateway();
  await say(send("a"), send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
  expect(board.calls.filter((call) => call.startsWith("find"))).toEqual(["find a"]);
});

it("reads the files of a send where they were put", async () => {
  await gateway();
  const file: FileRef = { name: "n.csv", type: "text/csv", bytes: 3, object: "of-the-test" };
  await operator.objects("values").put("of-the-test", new TextEncoder().encode("a,b"));
  await say({ ...send("a"), body: { text: "here", tone: "ok", files: [file] } });
  await settled("a", "sent");
  expect(board.texts()).toEqual(["here", "n.csv: a,b"]);
});

it("is the only one that sends; the other takes over when it stops", async () => {
  const first = await gateway();
  await say(send("a"));
  await settled("a", "sent");
  const second = await gateway();
  await say(send("b"));
  await settled("b", "sent");
  expect(board.notes.map(({ by }) => by)).toEqual([first.name, first.name]);
  await first.stop();
  await say(send("c"));
  await settled("c", "sent");
  expect(board.notes.at(-1)?.by).toBe(second.name);
  expect(board.texts()).toEqual(["a", "b", "c"]);
});

it("finishes between two gateways what takes several pieces, with none lost and none twice", async () => {
  board.lanes = () => [{ name: "wall", everyMs: 20, burst: 1 }];
  const text = Array.from({ length: 30 }, (_, at) => `piece ${at}`).join("|");
  const first = await gateway();
  await say(send("0"));
  await settled("0", "sent");
  await gateway();
  await say(send("a", { text }), send("b"));
  await board.until(() => board.notes.length >= 3);
  await first.stop();
  await settled("b", "sent");
  expect(board.texts()).toEqual(["0", ...text.split("|"), "b"]);
  expect(new Set(board.notes.map(({ by }) => by)).size).toBe(2);
});

it("keeps the order when what somebody had in hand comes again after newer sends", async () => {
  const first = await gateway();
  await say(send("0"));
  await settled("0", "sent");
  await first.stop();
  // Takes a send and is never heard of again.
  const lost = await server.connect("operator");
  const taken = Promise.withResolvers<void>();
  const { platform, account } = board.adapter("lost");
  await lost.consume({
    subject: subjects.message.send,
    stream: streams.send,
    filter: subjects.message.send.filter({ platform, account }),
    durable: `send_${platform}_${account}`,
    concurrency: 1,
    prefetch: 0,
    keyOf: () => "",
    handle() {
      taken.resolve();
      return new Promise(() => {});
    },
  });
  await say(send("a"));
  await taken.promise;
  await lost.drain();
  await say(send("b"));
  await gateway();
  await settled("b", "sent");
  expect(board.texts()).toEqual(["0", "a", "b"]);
});

it("goes on after its lease was lost", async () => {
  const bus = await server.connect("gateway");
  const taken: Membership[] = [];
  closing.push(
    () => bus.drain(),
    () => Promise.all(taken.map((membership) => membership.leave())),
  );
  await gateway({
    member: async () => {
      taken.push(await member(bus));
      return taken.at(-1) ?? member(bus);
    },
  });
  await say(send("a"));
  await settled("a", "sent");
  await nats.kill9();
  await taken[0]?.lost;
  await nats.restart();
  await say(send("b"));
  await settled("b", "sent");
  expect(board.texts()).toEqual(["a", "b"]);
  expect(taken.length).toBeGreaterThan(1);
});

it(
  "serves other conversations while some have thousands waiting, and those in their order when they may go on",
  { timeout: 60_000 },
  async () => {
    board.lanes = (channel) => [{ name: channel, everyMs: 0, burst: 1 }];
    const crowded = Array.from({ length: 12 }, (_, at) => `crowded ${at}`);
    const limited: Fault[] = crowded.map((lane) => ({ kind: "unavailable", why: "429", retryAfterMs: 5_000, lane }));
    for (const channel of crowded) await say(send(`${channel}/0`, { channel }));
    board.faults.push(...limited);
    await gateway();
    await board.until(() => board.calls.length === crowded.length);
    for (let at = 1; at < 200; at++) await say(...crowded.map((channel) => send(`${channel}/${at}`, { channel })));
    await say(send("other", { channel: "quiet" }));
    await settled("other", "sent");
    expect(board.texts()).toEqual(["other"]);
    await board.until(() => board.notes.length === 1 + 200 * crowded.length);
    for (const channel of crowded) expect(saidIn(channel)).toEqual(Array.from({ length: 200 }, (_, at) => `${channel}/${at}`));
  },
);

it(
  "says what waited for a platform that was away in order, once, and of what was reworded the last words alone",
  { timeout: 60_000 },
  async () => {
    board.away = true;
    const last = Promise.withResolvers<void>();
    await gateway({
      write({ body }) {
        if (body.text === "last") last.resolve();
        return [body.text];
      },
    });
    const channels = Array.from({ length: 40 }, (_, at) => `room ${at}`);
    for (let at = 0; at < 50; at++) await say(...channels.map((channel) => send(`${channel}/${at}`, { channel })));
    for (let revision = 1; revision <= 30; revision++) {
      await say({ ...send("news", { channel: "news", revision, text: `${revision} of 30` }), final: revision === 30 });
    }
    await say(send("last", { channel: "another" }));
    await last.promise;
    expect(board.notes).toEqual([]);
    board.away = false;
    await board.until(() => board.notes.length === 2 + 50 * channels.length);
    await settled("news", "sent");
    for (const channel of channels) expect(saidIn(channel)).toEqual(Array.from({ length: 50 }, (_, at) => `${channel}/${at}`));
    expect(saidIn("news")).toEqual(["30 of 30"]);
    expect(board.calls.filter((call) => call.startsWith("reword"))).toEqual([]);
  },
);

it("never gives a send up because its platform is away, however many gateways had it in hand", async () => {
  const dead: string[] = [];
  const reading = await operator.consume({
    subject: { ...subjects.message.send, filter: () => "dead.SEND" },
    stream: streams.dead,
    filter: "dead.SEND",
    durable: `test_dead_${accounts}`,
    concurrency: 1,
    keyOf: () => "",
    handle: async ({ key }) => void dead.push(key),
  });
  closing.push(() => reading.drain());
  board.lanes = () => [{ name: "wall", everyMs: 0, burst: 1 }];
  await say(send("a"));
  for (let life = 0; life < 24; life++) {
    board.faults.push({ kind: "unavailable", why: "429", retryAfterMs: 3_600_000 });
    const { length } = board.calls;
    const { stop } = await gateway();
    await board.until(() => board.calls.length > length);
    await stop();
  }
  await gateway();
  await settled("a", "sent");
  expect(board.texts()).toEqual(["a"]);
  expect(dead).toEqual([]);
});

it("takes the process's own membership where there is one, and leaves it to its owner", async () => {
  const bus = await server.connect("gateway");
  const membership = await member(bus);
  const { stop } = await gateway({ member: async () => membership });
  await say(send("a"));
  expect(await settled("a", "sent")).toMatchObject({ by: `${membership.id}/${membership.epoch}` });
  await stop();
  expect(membership.members("gateway")).toContainEqual({ id: membership.id, epoch: membership.epoch });
  await membership.leave();
  await bus.drain();
});

function member(bus: Bus): Promise<Membership> {
  return bus.join({ role: "gateway", lengthMs: durations.lease, renewalMs: durations.leaseRenewal });
}

let gateways = 0;

async function gateway(options: Pick<Parameters<typeof keepSending>[0], "member"> & { write?: Adapter<string>["write"] } = {}) {
  const name = `gateway${++gateways}`;
  const bus = await server.connect("gateway");
  const stopping = new AbortController();
  const { write, ...rest } = options;
  const adapter = { ...board.adapter(name), ...(write && { write }) };
  const sending = keepSending({ adapter, bus, durations, log: silentLog, stopping: stopping.signal, ...rest });
  const stop = async () => {
    stopping.abort();
    await sending;
  };
  closing.push(() => bus.drain(), stop);
  return { name, stop };
}

async function say(...sends: Send[]): Promise<void> {
  const publish = (one: Send) => operator.publish(subjects.message.send, one, { id: `${one.key}/${one.revision}/${Math.random()}` });
  await Promise.all(sends.map(publish));
}

function send(name: string, { revision = 1, text = name, channel = "wall" } = {}): Send {
  const { account } = board;
  const to = { platform: "board", account, channel };
  return { v: 1, key: `${account}/${name}`, revision, platform: "board", account, to, body: { text, tone: "info" }, final: true };
}

function saidIn(channel: string): string[] {
  return board.notes.filter((note) => note.channel === channel).map(({ text }) => text);
}

/** The receipt, once it is in that state. */
function settled(name: string, state: Receipt["state"]): Promise<Receipt> {
  return new Promise((resolve) => {
    const watch = operator.bucket(buckets.receipt).watch(token(`${board.account}/${name}`), ({ value }) => {
      if (value?.state !== state) return;
      setImmediate(() => watch.stop());
      resolve(value);
    });
  });
}
