import { buckets, problem, streams, subjects, token, type Durations } from "@bellhop/contracts";
import type { Bus, Hold, Membership } from "@bellhop/bus";
import { isGone, processIdentity, type Log } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import { createSendQueue, type UnsurePolicy } from "./send-queue.ts";

export interface SendingOptions {
  adapter: Adapter;
  bus: Bus;
  /** The process's own, where it has one. Without it the gateway joins by itself. */
  membership?: Membership;
  /** Default: resend, because a reply twice is better than none. */
  unsure?: UnsurePolicy;
  /** Whether calls keep to the lanes that the adapter names; default true. What the platform itself asks for is always kept. */
  paced?: boolean;
  /** For accounts that come and go: what NATS keeps for an account that nobody sends for is removed after this, in milliseconds. Waiting messages stay. */
  removeIdleAfterMs?: number;
  durations: Durations;
  log: Log;
  stopping: AbortSignal;
}

/** Takes the account whenever it is free, and sends for as long as it is ours. */
export async function keepSending({ adapter, bus, durations, log, stopping, ...options }: SendingOptions): Promise<void> {
  const what = `sender.${token(adapter.platform)}.${token(adapter.account)}`;
  const { unsure = "resend", removeIdleAfterMs } = options;
  let own: Membership | undefined;
  try {
    while (!stopping.aborted) {
      const membership = options.membership ?? (own ??= await join({ bus, durations }));
      const gone = lostSignal(membership);
      const over = AbortSignal.any([stopping, gone]);
      const hold = await membership.hold(what);
      if (hold !== undefined) await sendWhileHeld({ adapter, bus, log, unsure, removeIdleAfterMs, membership, hold, over });
      else await changed(membership, { atLeastEvery: durations.leaseRenewal, over });
      if (!gone.aborted) continue;
      log.warn({ member: membership.id }, "the lease was lost");
      if (options.membership !== undefined) throw problem("internal", { why: "the lease of this process was lost", run: "-" });
      own = undefined;
    }
  } finally {
    await own?.leave();
  }
}

async function sendWhileHeld(at: {
  adapter: Adapter;
  bus: Bus;
  log: Log;
  unsure: UnsurePolicy;
  removeIdleAfterMs: number | undefined;
  membership: Membership;
  hold: Hold;
  over: AbortSignal;
}): Promise<void> {
  const { adapter, bus, log, unsure, removeIdleAfterMs, membership, hold } = at;
  const taken = new AbortController();
  const over = AbortSignal.any([at.over, taken.signal]);
  const forget = membership.onChange(() => {
    const holder = membership.holder(hold.what);
    if (holder !== undefined && (holder.id !== membership.id || holder.epoch !== membership.epoch)) taken.abort();
  });
  log.info({ member: membership.id }, "this gateway sends now");
  const handle = createSendQueue({
    adapter,
    receipts: bus.bucket(buckets.receipt),
    me: membership,
    isAlive: membership.isAlive.bind(membership),
    over,
    unsure,
    log,
  });
  const { platform, account } = adapter;
  const consumption = await bus.consume({
    subject: subjects.message.send,
    stream: streams.send,
    filter: subjects.message.send.filter({ platform, account }),
    durable: `send_${token(platform)}_${token(account)}`,
    ...(removeIdleAfterMs === undefined ? {} : { removeIdleAfterMs }),
    concurrency: 16,
    keyOf: ({ to }) => `${to.channel}/${to.thread ?? ""}`,
    handle,
    async onDead(send, _raw, { message }) {
      log.error({ key: send?.key, run: send?.run, why: message }, "a send is dead");
    },
  });
  await aborted(over);
  await consumption.drain();
  forget();
  if (!taken.signal.aborted) await membership.release(hold);
}

function join({ bus, durations }: { bus: Bus; durations: Durations }): Promise<Membership> {
  return bus.join({
    role: "gateway",
    lengthMs: durations.lease,
    renewalMs: durations.leaseRenewal,
    process: processIdentity(),
    isGone,
  });
}

function lostSignal(membership: Membership): AbortSignal {
  const lost = new AbortController();
  void membership.lost.then(() => lost.abort());
  return lost.signal;
}

/** Resolves when members or holdings change, after `atLeastEvery` ms anyway, or when it is time to stop. */
function changed(membership: Membership, { atLeastEvery, over }: { atLeastEvery: number; over: AbortSignal }): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      forget();
      over.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, atLeastEvery);
    const forget = membership.onChange(done);
    over.addEventListener("abort", done);
    if (over.aborted) done();
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
