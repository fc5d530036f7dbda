import { AttemptRecord } from "@bellhop/contracts";
import type { Msg } from "nats";
import { median } from "./figures.ts";
import { api } from "./floor/plan.ts";
import type { Order } from "./order.ts";
import type { Stack } from "./stack.ts";

/** Medians in milliseconds of the steps of one message, from the moments at which the server stored what each step wrote. */
export interface Stages {
  "received -> first log record": number;
  "first log record -> requested": number;
  "requested -> claimed": number;
  "claimed -> started": number;
  "started -> finished": number;
  "finished -> last log record": number;
  "last log record -> reply published": number;
}

type Moment = "received" | "logged" | "requested" | "claimed" | "started" | "finished" | "ended" | "published";

const count = 150;

/** Sends messages one at a time and looks at what is stored meanwhile. Work queues tell by republishing, log and attempts by a reader; that costs
 *  a little, so no other figure is taken here. */
export async function measureStages(stack: Stack, order: Partial<Order>): Promise<Stages> {
  const { nc } = stack.wire;
  const inbox = `_INBOX.stages.${process.pid}`;
  const messages: Map<Moment, bigint>[] = [];
  const stop: (() => void)[] = [];
  const note = (moment: Moment, at: bigint) => {
    if (moment === "received") messages.push(new Map());
    const current = messages.at(-1);
    if (current !== undefined && !current.has(moment)) current.set(moment, at);
  };
  const seen: Record<string, Moment> = {
    message_received: "received",
    action_requested: "requested",
    action_finished: "finished",
    message_send: "published",
  };
  const watched = nc.subscribe("seen.>", {
    callback: (_, message) => {
      const [, first, second] = message.subject.split(".");
      const moment = seen[`${first}_${second}`];
      if (moment !== undefined) note(moment, nanosecondsOf(message.headers?.get("Nats-Time-Stamp") ?? ""));
    },
  });
  stop.push(() => watched.unsubscribe());
  const listen = async (stream: string, onStored: (message: Msg, at: bigint) => void) => {
    const to = `${inbox}.${stream}`;
    const listening = nc.subscribe(to, { callback: (_, message) => onStored(message, BigInt(message.reply?.split(".")[7] ?? 0)) });
    stop.push(() => listening.unsubscribe());
    const config = { deliver_subject: to, deliver_policy: "new", ack_policy: "none", inactive_threshold: 5_000_000_000 };
    await api(nc, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config });
  };
  await listen("RUN", (_, at) => note(messages.at(-1)?.has("logged") === true ? "ended" : "logged", at));
  await listen("KV_attempt", (message, at) => note(momentOf(message, messages.at(-1)), at));
  try {
    await stack.run({ ...order, count, inFlight: 1 });
    await nc.flush();
  } finally {
    for (const one of stop) one();
  }
  // A record that was overwritten before the reader came to it is not seen; those messages tell of their other steps.
  const between = (from: Moment, to: Moment) =>
    median(
      messages.flatMap((moments) => {
        const [a, b] = [moments.get(from), moments.get(to)];
        return a === undefined || b === undefined ? [] : [Number(b - a) / 1_000_000];
      }),
    );
  return {
    "received -> first log record": between("received", "logged"),
    "first log record -> requested": between("logged", "requested"),
    "requested -> claimed": between("requested", "claimed"),
    "claimed -> started": between("claimed", "started"),
    "started -> finished": between("started", "finished"),
    "finished -> last log record": between("finished", "ended"),
    "last log record -> reply published": between("ended", "published"),
  };
}

/** The floor's attempt records carry no state: the first is the claim, the second the start. */
function momentOf(message: Msg, sofar: Map<Moment, bigint> | undefined): Moment {
  const read = AttemptRecord.safeParse(message.json());
  const state = read.success ? read.data.state : sofar?.has("claimed") === true ? "started" : "claimed";
  return state === "claimed" ? "claimed" : "started";
}

/** RFC 3339 with nanoseconds, as epoch nanoseconds. */
function nanosecondsOf(text: string): bigint {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const seconds = Math.floor(Date.parse(text.replace(/\.\d+/, "")) / 1000);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9) || 0);
}
