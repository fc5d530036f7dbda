import {
  conversationKey,
  messageKey,
  problem,
  scheduleId,
  scheduleKey,
  type CommandSchedule,
  type Conversation,
  type Message,
} from "@bellhop/contracts";
import { isOwner, isSame } from "../access/may-run.ts";
import { plainText } from "../alias/format.ts";
import { shortened } from "../intake/call.ts";
import { refuse, type Received, type Verdict } from "../intake/verdict.ts";
import { renderProblem } from "../reply/render.ts";
import type { RunPlan } from "../run/plan.ts";
import { readSchedule } from "../tick/schedule.ts";
import { longestAhead, type Phrase } from "./phrase.ts";
import { listBody, nameOf, scheduledBody, unscheduledBody } from "./say.ts";

/** How many schedules may wait at once. */
const most = { person: 20, room: 50 } as const;

/** What the schedules of an installation are known by. */
export interface Schedules {
  /** Those that are not over, in any order. */
  readonly live: () => readonly CommandSchedule[];
  /** Whether one has this id, over or not. */
  readonly has: (id: string) => boolean;
}

/** Decides what it leads to that somebody says a time and a command.
 *  @param judge what the command leads to, said now */
export function schedule(
  at: Received,
  phrase: Extract<Phrase, { kind: "phrase" }>,
  judge: (at: Received, command: string) => Verdict,
): Verdict {
  const { command, when, timing } = phrase;
  const { message } = at;
  const judged = judge({ ...at, message: { ...message, content: { text: command } } }, command);
  const refused = refusalOf(judged, command);
  if (refused !== undefined) return refused;
  const read = readSchedule(timing.trigger, timing.parameters);
  const askedAt = Date.parse(message.sentAt);
  const first = read.kind === "ok" ? read.schedule.next(askedAt, askedAt) : undefined;
  if (first === undefined || first - askedAt > longestAhead) {
    const why = first === undefined ? "that never comes" : "the first time is more than a year ahead";
    return refuse(problem("schedule_unread", { text: shortened(when), why }));
  }
  const live = at.schedules?.live() ?? [];
  const theirs = live.filter(({ asker }) => isSame(asker, message.author)).length;
  if (theirs >= most.person) return refuse(problem("schedules_many", { who: nameOf(message.author), count: String(theirs) }));
  const here = live.filter((one) => isIn(one, message)).length;
  if (here >= most.room) return refuse(problem("schedules_many", { who: "this room", count: String(here) }));
  const { replyTo, account, conversation, addressed, author: asker, key } = message;
  // What answers later answers no message: nobody looks at the one that asked any more.
  const { message: _, ...place } = replyTo;
  const wanted: CommandSchedule = {
    v: 1,
    id: freeId(at.schedules, key),
    message: key,
    asker,
    account,
    conversation,
    addressed,
    replyTo: place,
    command,
    when,
    ...timing,
    askedAt: message.sentAt,
    due: new Date(first).toISOString(),
  };
  return { kind: "schedule", schedule: wanted, body: scheduledBody(wanted) };
}

/** Why what can't be run now can't be scheduled; undefined where it can. */
function refusalOf(judged: Verdict, command: string): Verdict | undefined {
  if (judged.kind === "run" || judged.kind === "runs") {
    const plans = judged.kind === "run" ? [judged.plan] : judged.plans;
    const [told] = plans.flatMap((plan) => saidSecrets(plan, command));
    return told === undefined ? undefined : refuse(problem("schedule_secret", told));
  }
  if (judged.kind !== "ask") return judged;
  return refuse(problem("schedule_lacks", { action: judged.lacking.action, parameters: judged.lacking.lacks.join(", ") }));
}

/** Lists of schedules are for all to read, and a schedule stays for long. What was read of JSON lacks the backslashes that it was written with. */
function saidSecrets({ action, task, secrets }: RunPlan, command: string): { action: string; parameter: string }[] {
  const said = bare(plainText(command));
  const isSaid = (value: unknown): boolean => {
    if (typeof value === "string") return value !== "" && said.includes(bare(value));
    return typeof value === "number" || (typeof value === "object" && value !== null && Object.values(value).some(isSaid));
  };
  return secrets.filter((name) => isSaid(task.input[name])).map((parameter) => ({ action, parameter }));
}

function bare(text: string): string {
  return text.replaceAll("\\", "");
}

function freeId(schedules: Schedules | undefined, message: string): string {
  const own = schedules?.live().find((one) => one.message === message);
  if (own !== undefined) return own.id;
  for (let nth = 0; ; nth++) {
    const id = scheduleId(message, nth);
    if (schedules?.has(id) !== true) return id;
  }
}

/** `schedules`: those of this conversation, and in private all of one's own; owners may ask for all there are, where nobody else reads it. */
export function listSchedules(at: Received, { all }: { all: boolean }): Verdict {
  const { message, policy, now } = at;
  const isPrivate = message.conversation.kind === "direct" || message.addressed === "prompt";
  if (all && !(isPrivate && isOwner(policy, message.author))) return refuse(problem("schedules_private", {}));
  const live = at.schedules?.live() ?? [];
  const shown = live.filter((one) => all || isIn(one, message) || (isPrivate && isSame(one.asker, message.author)));
  const place = (one: CommandSchedule) => (isIn(one, message) ? "" : ` in ${placeName(one)}`);
  return { kind: "answer", body: listBody(shown, { now, place }), outcome: "ok" };
}

/** `unschedule ID`: whoever asked for it may, and owners. Nobody learns of what is in other conversations. */
export function unschedule(at: Received, id: string): Verdict {
  const { message, policy } = at;
  const found = at.schedules?.live().find((one) => one.id === id.toUpperCase());
  const mayEnd = found !== undefined && (isSame(found.asker, message.author) || isOwner(policy, message.author));
  if (found === undefined || !(mayEnd || isIn(found, message))) return refuse(problem("schedule_unknown", { schedule: id }));
  if (!mayEnd)
    return refuse(problem("schedule_denied", { person: nameOf(message.author), schedule: found.id, asker: nameOf(found.asker) }));
  return { kind: "unschedule", schedule: scheduleKey(found), body: unscheduledBody(found) };
}

/** What a command leads to that is due now: as if its author said it, but that nobody is there to be asked. */
export function whenDue(at: Received, id: string, judged: Verdict): Verdict {
  const asker = nameOf(at.message.author);
  const told = (text: string): Verdict => {
    const body = { text: `Schedule \`${id}\` of ${asker}, ${shortened(at.message.content.text)}: ${text}`, tone: "error" } as const;
    return { kind: "answer", body, outcome: "refused" };
  };
  if (judged.kind === "ask") {
    const { action, lacks } = judged.lacking;
    return told(renderProblem(problem("schedule_lacks", { action, parameters: lacks.join(", ") })).text);
  }
  return judged.kind === "answer" && judged.outcome === "refused" ? told(judged.body.text) : judged;
}

function isIn(schedule: CommandSchedule, message: Message): boolean {
  const { conversation, account, replyTo } = schedule;
  return conversationKey({ platform: replyTo.platform, account, conversation }) === conversationKey(message);
}

function placeName({ conversation, replyTo }: { conversation: Conversation; replyTo: { platform: string } }): string {
  return conversation.kind === "direct" ? `private on ${replyTo.platform}` : `${replyTo.platform} ${conversation.channel}`;
}

/** The message that a schedule is when it is due: its key and its time are those of the moment it was due at, so that it is one however often it is made.
 *  @param due ISO 8601 */
export function dueMessage(schedule: CommandSchedule, due: string): Message {
  const { id, asker: author, account, conversation, addressed, replyTo, command } = schedule;
  const { platform } = replyTo;
  const key = messageKey({ platform, account, conversation, id: `schedule:${id}@${due}` });
  return {
    v: 1,
    key,
    platform,
    account,
    conversation,
    author,
    content: { text: command },
    addressed,
    origin: "live",
    replyTo,
    schedule: { id },
    sentAt: due,
  };
}
