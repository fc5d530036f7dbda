import type { Bus } from "@bellhop/bus";
import {
  buckets,
  isPromptOf,
  messageIds,
  scheduleKey,
  subjects,
  traceOf,
  type Address,
  type Command,
  type CommandSchedule,
} from "@bellhop/contracts";
import { dueMessage, dueTicks, readSchedule, rulePlatform, type Schedules } from "@bellhop/core";
import { point } from "@bellhop/service";
import { startAlarms } from "./alarms.ts";
import type { Engine } from "../engine.ts";
import { openPrompts } from "../replies/places.ts";

/** All schedules of the installation: what people are told of them, and may have, depends on the others. */
export interface KnownSchedules extends Schedules {
  /** Writes one down, or its end. Safe to repeat. */
  keep(command: Extract<Command, { kind: "schedule" | "unschedule" }>): Promise<void>;
  /** Resolves when all that was written down before is known. */
  ready: Promise<void>;
  stop(): void;
}

/** Follows the schedules, and has what it wrote itself at once. */
export function followSchedules(bus: Bus): KnownSchedules {
  const known = new Map<string, { schedule: CommandSchedule; revision: number }>();
  const ready = Promise.withResolvers<void>();
  const learn = (schedule: CommandSchedule, revision: number) => {
    if ((known.get(schedule.id)?.revision ?? -1) < revision) known.set(schedule.id, { schedule, revision });
  };
  const watch = bus.bucket(buckets.schedule).watch(
    ">",
    ({ key, value, revision }) => {
      if (value === undefined) known.delete(key.slice(key.indexOf(".") + 1));
      else learn(value, revision);
    },
    { onReady: () => ready.resolve() },
  );
  return {
    live: () => Array.from(known.values(), ({ schedule }) => schedule).filter(({ over }) => over === undefined),
    has: (id) => known.has(id),
    async keep(command) {
      const kept = await keepSchedule(bus, command);
      if (kept !== undefined) learn(kept.schedule, kept.revision);
    },
    ready: ready.promise,
    stop: () => watch.stop(),
  };
}

/** Writes a schedule down, or its end: what stands already stays, whoever comes again.
 *  @returns what was written; undefined where nothing had to be */
export async function keepSchedule(
  bus: Bus,
  command: Extract<Command, { kind: "schedule" | "unschedule" }>,
): Promise<{ schedule: CommandSchedule; revision: number } | undefined> {
  const bucket = bus.bucket(buckets.schedule);
  if (command.kind === "schedule") {
    const { schedule } = command;
    const revision = await bucket.create(scheduleKey(schedule), schedule);
    return revision === undefined ? undefined : { schedule, revision };
  }
  for (;;) {
    const entry = await bucket.get(command.schedule);
    if (entry === undefined || entry.value.over !== undefined) return undefined;
    const { due: _, ...rest } = entry.value;
    const schedule: CommandSchedule = { ...rest, over: { at: command.at, why: "canceled", by: command.by } };
    const revision = await bucket.update(command.schedule, schedule, entry.revision);
    if (revision !== undefined) return { schedule, revision };
  }
}

/** Says the commands of a shard's schedules when they are due, while it is held. What is said is named by the time it was due, and the record is moved on
 *  afterwards: a crash in between says the same again, which is no second one. */
export function startSchedules(engine: Engine, shard: number): { stop(): void } {
  const { bus, durations } = engine;
  const bucket = bus.bucket(buckets.schedule);
  const revisions = new Map<string, { schedule: CommandSchedule; revision: number }>();
  const alarms = startAlarms(engine, "a scheduled command", async (key) => {
    const one = revisions.get(key);
    if (one === undefined) return;
    const { schedule, revision } = one;
    if (schedule.over !== undefined) return void (await bucket.delete(key, revision));
    // Where it was ended meanwhile, the watch says so.
    await bucket.update(key, await sayDue(engine, schedule), revision);
  });
  const watch = bucket.watch(`${shard}.>`, ({ key, value: schedule, revision }) => {
    if (schedule === undefined) {
      revisions.delete(key);
      return alarms.clear(key);
    }
    revisions.set(key, { schedule, revision });
    const { over, due } = schedule;
    // As long as what asked for it may come again, it is known that it was there.
    if (over !== undefined) alarms.set(key, Date.parse(over.at) + durations.recordRetention);
    else if (due !== undefined) alarms.set(key, Date.parse(due));
  });
  return {
    stop() {
      watch.stop();
      alarms.stop();
    },
  };
}

/** Says the latest command that is due. @returns the schedule, moved on */
async function sayDue({ bus, log, membership }: Engine, schedule: CommandSchedule): Promise<CommandSchedule> {
  const { due, ...rest } = schedule;
  const now = Date.now();
  const over = { ...rest, over: { at: new Date(now).toISOString(), why: "done" } } as const;
  const read = readSchedule(schedule.trigger, schedule.parameters);
  if (read.kind === "fault" || due === undefined) return over;
  const { fire, next } = dueTicks({ schedule: read.schedule, due: Date.parse(due), anchor: Date.parse(schedule.askedAt), now, late: 0 });
  for (const at of fire) {
    const message = { ...dueMessage(schedule, new Date(at).toISOString()), replyTo: whereHeard(schedule, openPrompts(membership)) };
    await bus.publish(subjects.message.received, message, { id: messageIds.received(message.key) });
    log.info({ schedule: schedule.id, message: message.key, trace: traceOf(message.key) }, "a scheduled command is due");
  }
  point("engine.ticked");
  return next === undefined ? over : { ...rest, due: new Date(next).toISOString() };
}

/** Where the answer goes. A prompt may be closed by then: another one of the same person has it, or only the history. */
function whereHeard({ replyTo, asker }: CommandSchedule, prompts: readonly string[]): Address {
  const { platform, account } = replyTo;
  if (platform !== "terminal" || prompts.includes(account)) return replyTo;
  const other = prompts.find((prompt) => isPromptOf(prompt, asker.id));
  return other === undefined ? { ...replyTo, platform: rulePlatform } : { ...replyTo, account: other };
}
