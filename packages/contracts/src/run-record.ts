import { z } from "zod";
import { ActionFinished, ActionRequested, AttemptRef, Outcome } from "./action.ts";
import { EventOutcome, TriggerFired } from "./event.ts";
import { Pass } from "./gate.ts";
import { Apart, Held, Progress } from "./held.ts";
import { Person } from "./message.ts";
import { Press } from "./press.ts";
import { Question } from "./question.ts";
import { RunAsked, Version } from "./run-asked.ts";
import { Run, Timer } from "./run.ts";
import { CommandSchedule } from "./schedule.ts";
import { Send } from "./send.ts";

/** No live run of the shard has its newest log record below this stream sequence: whoever takes the shard over reads from here. */
export const Checkpoint = z.object({ v: z.literal(1), liveFrom: z.int().min(0) });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** What a step of the engine wants done. Published until stored, in this order, before the source of the step is acknowledged. */
export const Command = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("request"), request: ActionRequested }),
  z.object({ kind: z.literal("send"), send: Send }),
  z.object({ kind: z.literal("ask"), ask: RunAsked }),
  /** `comesAgain`: what is fired later under the same key is the same event. */
  z.object({ kind: z.literal("fire"), event: TriggerFired, comesAgain: z.literal(true).optional() }),
  /** Asks it, or ends it. */
  z.object({ kind: z.literal("question"), question: Question }),
  /** Writes down what can be pressed, before the send that shows it. */
  z.object({ kind: z.literal("press"), press: Press }),
  z.object({ kind: z.literal("cancel"), attempt: AttemptRef }),
  /** Says what became of an attempt that no runner had. */
  z.object({ kind: z.literal("finish"), finished: ActionFinished }),
  z.object({ kind: z.literal("timer"), timer: Timer }),
  z.object({ kind: z.literal("clear-timer"), timer: Timer }),
  /** Asks for a pass of an action's gate, and gives it back: `ended` is how that ended which was begun with it; absent where nothing was, or it is tried again. */
  z.object({ kind: z.literal("enter"), action: z.string(), pass: Pass }),
  z.object({ kind: z.literal("leave"), action: z.string(), pass: AttemptRef, ended: Outcome.shape.status.optional() }),
  z.object({ kind: z.literal("schedule"), schedule: CommandSchedule }),
  /** `schedule`: its {@link scheduleKey}. */
  z.object({ kind: z.literal("unschedule"), schedule: z.string(), by: Person, at: z.iso.datetime() }),
]);
export type Command = z.infer<typeof Command>;

/** What a message or ask led to. Stands in the first record of the log that its key names: creation wins once, whoever races. */
export const Intake = z.object({
  key: z.string(),
  /** Digests of the packs the verdict was reached with. */
  catalog: z.record(z.string(), z.string()),
  verdict: z.enum(["run", "answered", "refused", "passed-on", "event"]),
  /** Hash of the words that were asked, so that an edit that changes none of them changes nothing. */
  words: z.string().optional(),
  /** The question that they answered. */
  question: Question.optional(),
});
export type Intake = z.infer<typeof Intake>;

/** One step in a run's log (`run.changed.{shard}.{run}`): the event, the state after it, and the commands it wants carried out. */
export const RunRecord = z.object({
  v: Version,
  run: z.string(),
  revision: z.int().min(1),
  event: z.object({ id: z.string(), kind: z.string() }),
  /** In the first record. */
  intake: Intake.optional(),
  /** Of an event's log: what happened, and which rules made what of it. */
  fired: EventOutcome.optional(),
  /** Absent where a message led to an answer but to no run. That of a workflow comes without `tasks` and `workflow`: they are what it holds. */
  state: Run.optional(),
  held: Held.optional(),
  /** Of a workflow: what became of its tasks in this step. */
  progress: z.array(Progress).optional(),
  outcome: Outcome.optional(),
  commands: z.array(Command),
  /** What was taken out of `held` and `commands` because it is large. */
  apart: z.array(Apart).optional(),
  at: z.iso.datetime(),
});
export type RunRecord = z.infer<typeof RunRecord>;
