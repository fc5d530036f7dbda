import { fireStored, type Bus } from "@bellhop/bus";
import {
  buckets,
  messageIds,
  pressKey,
  shardOfRun,
  subjects,
  token,
  type ActionRequested,
  type Command,
  type Question,
  type Timer,
} from "@bellhop/contracts";
import { rulePlatform } from "@bellhop/core";
import { inSlices } from "@bellhop/service";
import { cancelAttempt } from "./attempts.ts";
import { keepBookmark } from "../intake/bookmarks.ts";
import type { Gates } from "../gates/gates.ts";
import { keepQuestion } from "../intake/questions.ts";
import type { Begin, NoRoom } from "./run-book.ts";
import { keepSchedule, type KnownSchedules } from "../time/schedules.ts";

/** Carries commands out. Resolves when the last of them is stored. Safe to repeat: message ids and the receivers' own records see to it.
 *  They leave in order, and are waited for together; but nobody sees a question, what can be pressed, or that something is scheduled, before it is written down.
 *  @param how.noRoom called for each that has to wait because its queue is full; of a request, what it gives is waited for too
 *  @param how.keep writes a question down
 *  @param how.schedules writes schedules down
 *  @param how.gates where runs go in and out
 *  @param how.begin tried on what is asked for before that is stored */
export async function apply(
  bus: Bus,
  commands: readonly Command[],
  { noRoom, keep = (question) => keepQuestion(bus, question), schedules, gates, begin }: ApplyOptions = {},
): Promise<void> {
  const schedule =
    schedules === undefined
      ? (command: ScheduleCommand) => keepSchedule(bus, command)
      : (command: ScheduleCommand) => schedules.keep(command);
  for (const command of commands) {
    if (command.kind === "schedule" || command.kind === "unschedule") await schedule(command);
    if (command.kind === "question") await keep(command.question);
    if (command.kind === "press") await bus.bucket(buckets.press).put(pressKey(command.press.id), command.press);
  }
  const carriedOut = async (command: Command) => {
    if (command.kind === "enter" || command.kind === "leave") return await throughGate(command, gates);
    if (command.kind === "ask" && (await begin?.(command.ask)) === true) return undefined;
    return await carryOut(bus, command, noRoom && (() => noRoom(command)));
  };
  await Promise.all(await inSlices(begun(commands, carriedOut)));
}

/** An event may ask for thousands of runs. */
function* begun(commands: readonly Command[], carryOut: (command: Command) => Promise<unknown>): Generator<void, Promise<unknown>[], void> {
  const under: Promise<unknown>[] = [];
  for (const command of commands) {
    const one = carryOut(command);
    // Whoever waits for all of them hears of it, but not before all are begun.
    one.catch(() => {});
    under.push(one);
    yield;
  }
  return under;
}

export interface ApplyOptions {
  noRoom?: NoRoom;
  keep?: (question: Question) => Promise<unknown>;
  schedules?: Pick<KnownSchedules, "keep">;
  gates?: Pick<Gates, "apply">;
  begin?: Begin | undefined;
}

type ScheduleCommand = Extract<Command, { kind: "schedule" | "unschedule" }>;

type GateCommand = Extract<Command, { kind: "enter" | "leave" }>;

/** Who is refused at the door hears of it by a queue in which there may be no room before what is under way here is done: then nobody waits for that here. Runs that
 *  wait at a gate which does not know them are found and ask again. */
async function throughGate(command: GateCommand, gates: Pick<Gates, "apply"> | undefined): Promise<void> {
  if (gates === undefined) throw new Error("only steps of runs go through gates");
  const full = Promise.withResolvers<void>();
  await Promise.race([gates.apply(command, full.resolve), full.promise]);
}

async function carryOut(
  bus: Bus,
  command: Exclude<Command, GateCommand>,
  noRoom: (() => Promise<void> | undefined) | undefined,
): Promise<unknown> {
  const whenFull = noRoom && (() => void noRoom());
  switch (command.kind) {
    case "request":
      return requested(bus, command.request, noRoom);
    case "send":
      // A rule waits for no answer.
      if (command.send.platform === rulePlatform) return;
      // First the bookmark: whoever sees that there is more may ask for it at once.
      if (command.send.more !== undefined) await keepBookmark(bus, command.send);
      return bus.publish(subjects.message.send, command.send, { id: messageIds.send(command.send), whenFull });
    case "ask":
      return bus.publish(subjects.run.asked, command.ask, { id: messageIds.asked(command.ask.key), whenFull });
    case "fire":
      return fireStored(bus, command.event, { comesAgain: command.comesAgain === true, whenFull });
    case "question":
    case "press":
    case "schedule":
    case "unschedule":
      return;
    case "cancel":
      return cancelAttempt(bus, command.attempt);
    case "finish":
      return bus.publish(subjects.action.finished, command.finished, { id: messageIds.finished(command.finished), whenFull });
    case "timer":
      return bus.bucket(buckets.timer).put(timerKey(command.timer), command.timer);
    case "clear-timer":
      return bus.bucket(buckets.timer).delete(timerKey(command.timer));
  }
}

/** Of what was taken back while it waited for room the request may come to be stored all the same: nobody can claim it. */
async function requested(bus: Bus, request: ActionRequested, noRoom: (() => Promise<void> | undefined) | undefined): Promise<void> {
  const takenBack = Promise.withResolvers<void>();
  const whenFull = noRoom && (() => void noRoom()?.then(takenBack.resolve, takenBack.reject));
  const stored = bus.publish(subjects.action.requested, request, { id: messageIds.requested(request), whenFull });
  await Promise.race([stored, takenBack.promise]);
}

export function timerKey(timer: Pick<Timer, "run" | "name">): string {
  return `${shardOfRun(timer.run) ?? 0}.${timer.run}.${token(timer.name)}`;
}
