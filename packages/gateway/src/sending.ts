import {
  buckets,
  problem,
  durables,
  subjects,
  toProblem,
  token,
  type Body,
  type Durations,
  type Problem,
  type Receipt,
  type Send,
} from "@bellhop/contracts";
import type { Bucket, Bus, Hold, Membership } from "@bellhop/bus";
import type { Log, Telemetry } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import { createCalls } from "./calls.ts";
import { monotonic as clock } from "./clock.ts";
import { joinAsGateway } from "./membership.ts";
import type { UnsurePolicy } from "./say.ts";
import { conversationOf, createSendQueue } from "./send-queue.ts";

export interface SendingOptions {
  adapter: Adapter;
  bus: Bus;
  /** The process's own membership, taken anew by whoever gives it after it was lost; the giver leaves. Without it the gateway joins by itself. */
  member?: () => Promise<Membership>;
  /** Default: resend, because a reply twice is better than none. */
  unsure?: UnsurePolicy;
  /** Whether calls keep to the lanes that the adapter names; default true. What the platform itself asks for is always kept. */
  paced?: boolean;
  /** For accounts that come and go: what NATS keeps for an account that nobody sends for is removed after this, in milliseconds. Waiting messages stay. */
  removeIdleAfterMs?: number;
  /** Hears when the account becomes ours, and when it is that no more. */
  onHold?(isHeld: boolean): void;
  durations: Durations;
  log: Log;
  telemetry?: Telemetry;
  stopping: AbortSignal;
  /** Given the way to say something of this gateway's own for as long as it sends. */
  onVoice?: (say: ((send: Send) => Promise<void>) | undefined) => void;
}

/** Takes the account whenever it is free, and sends for as long as it is ours. */
export async function keepSending(options: SendingOptions): Promise<void> {
  const { adapter, bus, durations, log, stopping } = options;
  const what = `sender.${token(adapter.platform)}.${token(adapter.account)}`;
  let own: Membership | undefined;
  const member = options.member ?? (async () => (own ??= await joinAsGateway({ bus, durations })));
  try {
    while (!stopping.aborted) {
      const membership = await member();
      const gone = lostSignal(membership);
      const over = AbortSignal.any([stopping, gone]);
      while (!over.aborted) {
        const hold = await membership.hold(what);
        if (hold !== undefined) await sendWhileHeld({ ...options, membership, hold, over });
        else await changed(membership, { atLeastEvery: durations.leaseRenewal, over });
      }
      if (!gone.aborted) break;
      log.warn({ member: membership.id }, "the lease was lost");
      own = undefined;
    }
  } finally {
    await own?.leave();
  }
}

async function sendWhileHeld(at: SendingOptions & { membership: Membership; hold: Hold; over: AbortSignal }): Promise<void> {
  const { adapter, bus, log, telemetry, durations, removeIdleAfterMs, membership, hold, paced = true, unsure = "resend" } = at;
  const taken = new AbortController();
  const over = AbortSignal.any([at.over, taken.signal]);
  const forget = membership.onChange(() => {
    const holder = membership.holder(hold.what);
    if (holder !== undefined && (holder.id !== membership.id || holder.epoch !== membership.epoch)) taken.abort();
  });
  log.info({ member: membership.id }, "this gateway sends now");
  at.onHold?.(true);
  const values = bus.objects("values");
  const receipts = bus.bucket(buckets.receipt);
  const queue = createSendQueue({
    adapter,
    receipts,
    read: async ({ object }) => (object === undefined ? undefined : values.get(object)),
    me: membership,
    calls: createCalls({ adapter, clock, paced, durations, over, log, telemetry }),
    clock,
    over,
    unsure,
    durations,
    log,
    telemetry,
  });
  const sayOwn = (send: Send) => queue(send, { sequence: 0, storedAt: Date.now(), deliveries: 1 });
  at.onVoice?.(sayOwn);
  const consumption = await bus.consume({
    ...durables.send(adapter),
    subject: subjects.message.send,
    ...(removeIdleAfterMs === undefined ? {} : { removeIdleAfterMs }),
    // The queue keeps the order, and has to see of every conversation what waits.
    concurrency: Infinity,
    keyOf: ({ key, revision }) => `${key}/${revision}`,
    groups: { of: conversationOf, wording: ({ key, revision, final }) => ({ key, revision, last: final }), ...mostInHand },
    // What the gateway before had in hand comes first.
    inOrder: "anew",
    async handle(send, delivery) {
      await queue(send, delivery);
      const refusal = await refusalOf(send, receipts);
      // Whoever dies before is given the send again, and says the same: it has a receipt of its own.
      if (refusal !== undefined) await sayOwn(refusal);
    },
    // A send may be handed over any number of times while its platform is away: that says nothing against it.
    retry: "anywhere",
    async onDead(send, _raw, reason) {
      log.error({ key: send?.key, run: send?.run, why: reason.message }, "a send is dead");
      if (send === undefined || send.gesture !== undefined) return;
      // Whoever waits is told in its place. Its receipt is that of the send, so that this is said once; a replay is its next wording.
      await sayOwn({ ...send, body: untold(send, reason) }).catch((thrown: unknown) => {
        const failure = toProblem(thrown);
        if (failure.retry) throw failure;
        log.error({ key: send.key, run: send.run, why: failure.message }, "nor can it be told that a send is dead");
      });
    },
  });
  await aborted(over);
  at.onVoice?.(undefined);
  await consumption.drain();
  at.onHold?.(false);
  forget();
  if (!taken.signal.aborted) await membership.release(hold);
}

/** What is said about a send that the platform refused, where it was asked for: as long as that is on this account, since a gateway speaks for no other. */
async function refusalOf(send: Send, receipts: Bucket<Receipt>): Promise<Send | undefined> {
  const { key, revision, platform, account, run, refusalTo: to } = send;
  if (to === undefined || to.platform !== platform || to.account !== account) return undefined;
  const receipt = (await receipts.get(token(key)))?.value;
  if (receipt?.state !== "failed" || receipt.revision !== revision) return undefined;
  const suggestion = "Look whether the bot is in that room, and may write there.";
  const { message, hint } = problem("send_refused", { platform, why: receipt.why ?? "it does not say why", suggestion });
  const body: Body = { text: `${message}\n${hint}`, tone: "error" };
  return { v: 1, key: `${key}/refused`, revision: 1, platform, account, to, body, ...(run === undefined ? {} : { run }), final: false };
}

function untold({ run }: Send, { message }: Problem): Body {
  const { message: what, hint } = problem("dead_untold", { why: message, run: run === undefined ? "" : `, run ${run}` });
  return { text: `${what}\n${hint}`, tone: "error" };
}

/** Sends of one conversation, and of all of them, that are not only remembered to be there. Each is smaller than a record of a run's log, so this bounds memory. */
const mostInHand = { each: 64, all: 1_000 };

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
