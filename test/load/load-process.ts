// The gateway's side of the bench, on the bare wire and the same for floor and product: publishes what a person wrote, reads the reply.
import { conversationKey, messageIds, messageKey, shardOfKey, subjects, type Message } from "@bellhop/contracts";
import type { Msg } from "nats";
import { z } from "zod";
import { child, tell } from "./child.ts";
import { durable, floorAccount, pullAhead, writeHeaders, type FloorMessage } from "./floor/plan.ts";
import { openWire } from "./floor/wire.ts";
import { conversations, Order } from "./order.ts";

/** What the two sides differ in. */
interface Side {
  /** The next message: its subject, payload, id for deduplication, and the name its reply will carry. */
  make(order: Order): { subject: string; data: string; id: string | undefined; name: string };
  /** Whose reply this is; undefined for one that is not the last word. */
  read(message: Msg): { name: string; ok: boolean; text: string } | undefined;
  stream: string;
  consumer: string;
}

const Started = z.object({ side: z.enum(["floor", "product"]), account: z.string().default(floorAccount) });

const plan = child.plan;
const { side: sideName, account } = Started.parse(JSON.parse(process.env["BENCH_SIDE"] ?? "{}"));
const wire = await openWire({ ...plan, name: "bench load" });
let count = 0;
const side = sideName === "floor" ? floorSide() : productSide();
if (sideName === "product") {
  const filter = subjects.message.send.filter({ platform: "terminal", account });
  await durable(wire.nc, { stream: side.stream, name: side.consumer, filter });
}

const waiting = new Map<string, (reply: { ok: boolean; text: string }) => void>();
wire.pull({ stream: side.stream, consumer: side.consumer, batch: pullAhead }, (message) => {
  const reply = side.read(message);
  wire.ack(message);
  if (reply === undefined) return;
  const then = waiting.get(reply.name);
  waiting.delete(reply.name);
  then?.(reply);
});

process.on("message", (raw) => {
  const order = Order.parse(raw);
  carryOut(order).then(
    (result) => tell({ kind: "done", ...result }),
    (error: unknown) => tell({ kind: "failed", why: String(error) }),
  );
});
child.ready();

/** Sends messages, `inFlight` of them out at one time, until there were `count` or the time is over; waits for the last reply. */
function carryOut(order: Order): Promise<{ seconds: number; latenciesMs: number[]; repliedAtMs: number[] }> {
  return new Promise((resolve, reject) => {
    const latenciesMs: number[] = [];
    const repliedAtMs: number[] = [];
    let sent = 0;
    const from = performance.now();
    const overdue = setTimeout(() => {
      waiting.clear();
      reject(new Error(`${sent - latenciesMs.length} of ${sent} messages had no reply after ${order.withinMs} ms`));
    }, order.withinMs);
    const next = () => {
      sent++;
      const { subject, data, id, name } = side.make(order);
      const at = performance.now();
      waiting.set(name, ({ ok, text }) => {
        const now = performance.now();
        latenciesMs.push(now - at);
        repliedAtMs.push(now - from);
        if (!ok) {
          waiting.clear();
          clearTimeout(overdue);
          reject(new Error(`"${order.text}" was answered with: ${text}`));
        } else if (sent < order.count && now - from < order.forMs) {
          next();
        } else if (latenciesMs.length === sent) {
          clearTimeout(overdue);
          resolve({ seconds: (now - from) / 1000, latenciesMs, repliedAtMs });
        }
      });
      wire.store(subject, data, () => {}, writeHeaders({ id }));
    };
    for (let i = 0; i < Math.min(order.inFlight, order.count); i++) next();
  });
}

function floorSide(): Side {
  const pad = "x".repeat(512 - JSON.stringify({ id: "m1000000", shard: 10, durable: false, pad: "" }).length);
  return {
    stream: "SEND",
    consumer: "send",
    make(order) {
      const shard = (count % conversations) % plan.shards;
      const name = `m${count++}`;
      const message: FloorMessage = { id: name, shard, durable: order.durable, pad };
      return {
        subject: `message.received.terminal.${account}.${shard}`,
        data: JSON.stringify(message),
        id: plan.shipped ? `in:${name}` : undefined,
        name,
      };
    },
    read(message) {
      return { name: message.json<FloorMessage>().id, ok: true, text: "" };
    },
  };
}

function productSide(): Side {
  const rooms = Array.from({ length: conversations }, (_, n) => {
    const conversation = { channel: `room-${n}`, kind: "direct" } as const;
    const shard = shardOfKey(conversationKey({ platform: "terminal", account, conversation }));
    return { conversation, shard };
  });
  const Reply = z.object({ answers: z.string(), final: z.boolean(), outcome: z.string().optional(), body: z.object({ text: z.string() }) });
  return {
    stream: "SEND",
    consumer: `send_terminal_${account}`,
    make(order) {
      const { conversation, shard } = rooms[count % conversations] ?? {
        conversation: { channel: "room", kind: "direct" as const },
        shard: 0,
      };
      const key = messageKey({ platform: "terminal", account, conversation, id: `${process.pid}-${count++}` });
      const message: Message = {
        v: 1,
        key,
        platform: "terminal",
        account,
        conversation,
        author: { platform: "terminal", id: "bench", name: "bench", kind: "human" },
        content: { text: order.text },
        addressed: "prompt",
        origin: "live",
        replyTo: { platform: "terminal", account, channel: conversation.channel },
        sentAt: new Date().toISOString(),
      };
      return {
        subject: `message.received.terminal.${account}.${shard}`,
        data: JSON.stringify(message),
        id: messageIds.received(key),
        name: key,
      };
    },
    read(message) {
      const { answers, final, outcome, body } = Reply.parse(message.json());
      return final ? { name: answers, ok: outcome === "ok", text: body.text } : undefined;
    },
  };
}
