// A platform, and what the bench has on NATS's side of the gateways: one process with one clock. It makes events on the platform and sees them stored, and
// publishes sends and sees the calls they become.
import { messageIds, Message, subjects, type Send } from "@bellhop/contracts";
import { setTimeout as pause } from "node:timers/promises";
import { child, tell } from "../child.ts";
import { writeHeaders } from "../floor/plan.ts";
import { openWire } from "../floor/wire.ts";
import { conversations } from "../order.ts";
import { floorAccount, Order, Place, type Side } from "./order.ts";
import { openPlatform, type FakePlatform } from "./platforms.ts";

/** How a reply to a room has to be addressed: as the first message from there said. */
type Asked = Pick<Message, "platform" | "account" | "replyTo">;

const { platform, limited } = Place.parse(JSON.parse(process.env["BENCH_PLACE"] ?? "{}"));
const wire = await openWire({ ...child.plan, name: `bench ${platform}` });
/** Messages on their way, by name. */
const waiting = new Map<string, (stored?: string) => void>();
const open = () => openPlatform(platform, { limited, onPost: (text) => arrived(text) });
const fakes: Record<Side, FakePlatform> = { product: await open(), floor: await open() };
const asked: Record<Side, Map<number, Asked>> = { product: new Map(), floor: new Map() };
let count = 0;

wire.nc.subscribe(`seen.message.received.${platform}.>`, { callback: (_, message) => arrived(message.string()) });
process.on("message", (raw) => {
  const order = Order.parse(raw);
  listenedTo(order.side, order.withinMs)
    .then(() => carryOut(order))
    .then(
      (result) => tell({ kind: "done", ...result }),
      (error: unknown) => tell({ kind: "failed", why: error instanceof Error ? error.message : String(error) }),
    );
});
await wire.nc.flush();
tell({ kind: "ready", env: { product: fakes.product.env, floor: fakes.floor.env } });

function arrived(text: string): void {
  const name = /bench-\d+-/.exec(text)?.[0];
  if (name === undefined) return;
  const then = waiting.get(name);
  waiting.delete(name);
  then?.(text);
}

/** Resolves once a gateway listens there. */
async function listenedTo(side: Side, withinMs: number): Promise<void> {
  for (const until = performance.now() + withinMs; fakes[side].connections() === 0; await pause(10)) {
    if (performance.now() > until) throw new Error(`no gateway came within ${withinMs} ms`);
  }
}

/** Keeps `inFlight` messages on their way until there were `count` or the time is over; waits for the last one. */
function carryOut(order: Order): Promise<{ seconds: number; latenciesMs: number[]; turnedAway: number }> {
  return new Promise((resolve, reject) => {
    const { side, count: most, forMs, withinMs } = order;
    const latenciesMs: number[] = [];
    const before = fakes[side].turnedAway();
    let begun = 0;
    const fail = (why: string) => {
      waiting.clear();
      clearTimeout(overdue);
      reject(new Error(why));
    };
    const overdue = setTimeout(() => fail(`${begun - latenciesMs.length} of ${begun} did not arrive within ${withinMs} ms`), withinMs);
    const from = performance.now();
    const next = () => {
      begun++;
      const room = count % conversations;
      const name = `bench-${count++}-`;
      const at = performance.now();
      waiting.set(name, (text = "") => {
        const now = performance.now();
        latenciesMs.push(now - at);
        if (order.way === "in") remember(side, { room, text });
        if (begun < most && now - from < forMs) return next();
        if (latenciesMs.length < begun) return;
        clearTimeout(overdue);
        resolve({ seconds: (now - from) / 1000, latenciesMs, turnedAway: fakes[side].turnedAway() - before });
      });
      if (order.way === "out") publish(side, { room, name, fail });
      else fakes[side].say(room, `!echo ${name}`).catch((error: unknown) => fail(String(error)));
    };
    for (let i = 0; i < Math.min(order.inFlight, most); i++) next();
  });
}

function remember(side: Side, { room, text }: { room: number; text: string }): void {
  if (asked[side].has(room)) return;
  const message = Message.parse(JSON.parse(text));
  if ((message.account === floorAccount) !== (side === "floor")) throw new Error(`${message.account} took what was not said to it`);
  asked[side].set(room, message);
}

function publish(side: Side, { room, name, fail }: { room: number; name: string; fail: (why: string) => void }): void {
  const to = asked[side].get(room);
  if (to === undefined) return fail(`nobody spoke in room ${room} yet`);
  const send: Send = {
    v: 1,
    key: `${name}${process.pid}#0`,
    revision: 1,
    platform: to.platform,
    account: to.account,
    to: to.replyTo,
    body: { text: `Deployed **api** in version 2 to the second cluster: 14 checks passed, none failed. ${name}`, tone: "ok" },
    final: true,
  };
  wire.store(subjects.message.send.of(send), JSON.stringify(send), () => {}, writeHeaders({ id: messageIds.send(send) }));
}
