import { several, type Consumption, type Delivery, type OneOf } from "@bellhop/bus";
import {
  buckets,
  conversationKey,
  durables,
  subjects,
  type Message,
  type MessageDeleted,
  type MessageEdited,
  type MessagePressed,
  type MessageReacted,
  type MessageSubmitted,
  type Problem,
} from "@bellhop/contracts";
import { paced } from "@bellhop/service";
import type { Engine } from "../engine.ts";
import { startGatekeeper } from "../gates/gatekeeper.ts";
import { startHousekeeping } from "../upkeep/housekeeping.ts";
import { tellKvChanges } from "../events/kv-changes.ts";
import { onActionFinished, onDeadResult } from "../on-action-finished.ts";
import { onMessageDeleted } from "../on-message-deleted.ts";
import { onDeadEdit, onMessageEdited } from "../on-message-edited.ts";
import { onDeadPress, onMessagePressed } from "../on-message-pressed.ts";
import { onMessageReacted } from "../on-message-reacted.ts";
import { onMessageSubmitted } from "../on-message-submitted.ts";
import { onDeadMessage, onMessage } from "../on-message.ts";
import { onDeadAsk, onRunAsked } from "../on-run-asked.ts";
import { onDeadEvent, onTriggerFired } from "../on-trigger-fired.ts";
import { onUnread } from "../on-unread.ts";
import { startRenewal } from "../runs/renewal.ts";
import { steppingAside } from "../runs/stepping-aside.ts";
import { startSchedules } from "../time/schedules.ts";
import { startTicks } from "../time/ticks.ts";
import { startTimers } from "../time/timers.ts";

/** The work of one shard, from taking it over to giving it back. */
export interface ShardWork {
  /** Finishes what is in hand and lets go. */
  stop(): Promise<void>;
}

/** How often a shard's checkpoint is brought up to date, in milliseconds: only how much a take-over reads depends on it. */
const checkpointEvery = 10_000;

/** Learns the shard's live runs, then takes messages, asks, results and timers. */
export async function startShardWork(engine: Engine, shard: number, concurrency: number): Promise<ShardWork> {
  const { bus, book, log } = engine;
  const checkpoints = bus.bucket(buckets.checkpoint);
  let liveFrom = (await checkpoints.get(String(shard)))?.value.liveFrom ?? 0;
  // Whoever reads more begins no later than here.
  let unreadFrom = Number.POSITIVE_INFINITY;
  const onNewer = (sequence: number, { data }: Problem) => {
    log.warn({ shard, problem: data }, "a run is left to a newer engine");
    unreadFrom = Math.min(unreadFrom, sequence);
  };
  const learn = async (from: number) => {
    const options = { shard, from: from === 0 ? undefined : from, onNewer };
    for await (const { record, sequence } of paced(bus.log.scan(options))) book.learn(record, sequence);
  };
  const lastKnown = await bus.log.lastSequence();
  await learn(liveFrom);
  // Whoever held the shard may have been asleep, not dead, and have finished a step since: without a second look nobody would watch over a run that
  // it began then.
  const secondLook = setTimeout(() => {
    learn(lastKnown + 1).catch((error: unknown) => log.warn({ shard, error: String(error) }, "the second look at a shard's log failed"));
  }, engine.durations.lease * 2);

  const timers = startTimers(engine, shard);
  const ticks = startTicks(engine, shard);
  const gatekeeper = startGatekeeper(engine, shard);
  const schedules = startSchedules(engine, shard);
  const renewal = startRenewal(engine, shard);
  const housekeeping = shard === 0 ? startHousekeeping(engine) : undefined;
  const changes = shard === 0 ? tellKvChanges(engine) : undefined;
  const consumptions: Consumption[] = await Promise.all([
    bus.consume({
      ...durables.message(shard),
      subject: several(heard),
      inOrder: "wait",
      concurrency,
      keyOf: ({ payload }) => conversationKey(payload),
      handle: (event, delivery) => steppingAside(delivery.stepAside, () => onHeard(engine, event, delivery)),
      onDead: (event, raw, reason) => (event === undefined ? onUnread(engine, raw, reason) : onDeadHeard(engine, event, reason)),
    }),
    bus.consume({
      ...durables.trigger(shard),
      subject: subjects.trigger.fired,
      concurrency,
      keyOf: ({ event }) => event,
      handle: (fired, delivery) => steppingAside(delivery.stepAside, () => onTriggerFired(engine, fired)),
      onDead: (fired, raw, reason) => (fired === undefined ? onUnread(engine, raw, reason) : onDeadEvent(engine, fired, reason)),
    }),
    bus.consume({
      ...durables.asked(shard),
      subject: subjects.run.asked,
      concurrency,
      keyOf: (ask) => ask.run,
      handle: (ask, delivery) => steppingAside(delivery.stepAside, () => onRunAsked(engine, ask, delivery)),
      onDead: (ask, raw, reason) => (ask === undefined ? onUnread(engine, raw, reason) : onDeadAsk(engine, ask, reason)),
    }),
    bus.consume({
      ...durables.finished(shard),
      subject: subjects.action.finished,
      concurrency,
      // Those of one workflow's tasks are taken side by side: what comes while a step is written is the next one together.
      keyOf: ({ run, task }) => `${run}/${task}`,
      handle: (finished, delivery) => steppingAside(delivery.stepAside, () => onActionFinished(engine, finished)),
      onDead: (finished, raw, reason) => onDeadResult(engine, finished, raw, reason),
    }),
  ]);

  const saveCheckpoint = async () => {
    const next = Math.min(unreadFrom, book.liveFrom(shard, await bus.log.lastSequence()));
    if (next <= liveFrom) return;
    await checkpoints.put(String(shard), { v: 1, liveFrom: next });
    liveFrom = next;
  };
  const saving = setInterval(() => {
    saveCheckpoint().catch((error: unknown) => log.debug({ shard, error: String(error) }, "checkpoint not saved"));
  }, checkpointEvery);

  return {
    async stop() {
      clearInterval(saving);
      clearTimeout(secondLook);
      timers.stop();
      ticks.stop();
      gatekeeper.stop();
      schedules.stop();
      renewal.stop();
      housekeeping?.stop();
      changes?.stop();
      await Promise.all(consumptions.map((consumption) => consumption.drain()));
      book.forget(shard);
    },
  };
}

const { received, edited, deleted, reacted, pressed, submitted } = subjects.message;
const heard = { received, edited, deleted, reacted, pressed, submitted };

type Heard = OneOf<{
  received: Message;
  edited: MessageEdited;
  deleted: MessageDeleted;
  reacted: MessageReacted;
  pressed: MessagePressed;
  submitted: MessageSubmitted;
}>;

function onHeard(engine: Engine, event: Heard, delivery: Delivery): Promise<void> {
  switch (event.kind) {
    case "received":
      return onMessage(engine, event.payload, delivery);
    case "edited":
      return onMessageEdited(engine, event.payload, delivery);
    case "deleted":
      return onMessageDeleted(engine, event.payload);
    case "reacted":
      return onMessageReacted(engine, event.payload);
    case "pressed":
      return onMessagePressed(engine, event.payload);
    case "submitted":
      return onMessageSubmitted(engine, event.payload);
  }
}

async function onDeadHeard(engine: Engine, event: Heard, reason: Problem): Promise<void> {
  if (event.kind === "received") await onDeadMessage(engine, event.payload, reason);
  if (event.kind === "edited") await onDeadEdit(engine, event.payload, reason);
  if (event.kind === "pressed" || event.kind === "submitted") await onDeadPress(engine, event.payload, reason);
}
