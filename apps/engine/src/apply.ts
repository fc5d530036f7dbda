import type { Bus } from "@bellhop/bus";
import { buckets, messageIds, pressKey, shardOfRun, subjects, token, type Command, type Question, type Timer } from "@bellhop/contracts";
import { rulePlatform } from "@bellhop/core";
import { cancelAttempt } from "./attempts.ts";
import { keepBookmark } from "./bookmarks.ts";
import { keepQuestion } from "./questions.ts";

/** Carries commands out. Resolves when the last of them is stored. Safe to repeat: message ids and the receivers' own records see to it.
 *  They leave in order, and are waited for together; but nobody sees a question, or what can be pressed, before it is written down.
 *  @param how.noRoom called for each that has to wait because its queue is full
 *  @param how.keep writes a question down */
export async function apply(
  bus: Bus,
  commands: readonly Command[],
  { noRoom, keep = (question) => keepQuestion(bus, question) }: ApplyOptions = {},
): Promise<void> {
  for (const command of commands) {
    if (command.kind === "question") await keep(command.question);
    if (command.kind === "press") await bus.bucket(buckets.press).put(pressKey(command.press.id), command.press);
  }
  await Promise.all(commands.map((command) => carryOut(bus, command, noRoom && (() => noRoom(command)))));
}

export interface ApplyOptions {
  noRoom?: (command: Command) => void;
  keep?: (question: Question) => Promise<unknown>;
}

async function carryOut(bus: Bus, command: Command, whenFull: (() => void) | undefined): Promise<unknown> {
  switch (command.kind) {
    case "request":
      return bus.publish(subjects.action.requested, command.request, { id: messageIds.requested(command.request), whenFull });
    case "send":
      // A rule waits for no answer.
      if (command.send.platform === rulePlatform) return;
      // First the bookmark: whoever sees that there is more may ask for it at once.
      if (command.send.more !== undefined) await keepBookmark(bus, command.send);
      return bus.publish(subjects.message.send, command.send, { id: messageIds.send(command.send), whenFull });
    case "ask":
      return bus.publish(subjects.run.asked, command.ask, { id: messageIds.asked(command.ask.key), whenFull });
    case "fire":
      return bus.publish(subjects.trigger.fired, command.event, { id: messageIds.fired(command.event.key), whenFull });
    case "question":
    case "press":
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

export function timerKey(timer: Pick<Timer, "run" | "name">): string {
  return `${shardOfRun(timer.run) ?? 0}.${timer.run}.${token(timer.name)}`;
}
