import { z } from "zod";
import { ActionFinished, ActionRequested, AttemptRef } from "./action.ts";
import { EventOutcome, TriggerFired } from "./event.ts";
import { Apart, Held, Progress } from "./held.ts";
import { Address, FileRef, Person } from "./message.ts";
import { Inquiry, Press } from "./press.ts";
import { Question } from "./question.ts";
import { Send } from "./send.ts";
import { Value } from "./value.ts";
import { Acknowledgement } from "./definition.ts";
import { Outcome } from "./action.ts";

/** StackStorm's execution statuses. Whether a scheduled action is already being worked on stands in its attempt record. */
export const RunStatus = z.enum([
  "requested",
  "scheduled",
  "delayed",
  "running",
  "pending",
  "pausing",
  "paused",
  "resuming",
  "canceling",
  "succeeded",
  "failed",
  "timeout",
  "canceled",
  "abandoned",
]);
export type RunStatus = z.infer<typeof RunStatus>;

/** What is said in a room by the engine itself: no runner takes part. */
export const Announcement = z.object({
  to: Address,
  /** CommonMark. */
  text: z.string(),
  /** Only this person (their id on the platform) may see it. */
  only: z.string().optional(),
});
export type Announcement = z.infer<typeof Announcement>;

export const Task = z.object({
  action: z.string(),
  digest: z.string(),
  pool: z.string(),
  input: z.record(z.string(), z.unknown()),
  timeoutMs: z.int().positive(),
  repeatable: z.boolean(),
  /** The instance of the pack's configuration that was asked for. */
  config: z.string().optional(),
  /** The attempt that counts; results of earlier ones are late. */
  attempt: z.int().min(1),
  /** What came with the command. */
  files: z.array(FileRef).optional(),
  /** With it, saying this is the whole work: its input is not asked again. */
  announces: Announcement.optional(),
  /** With it, people's answer to it is the whole work. */
  asks: Inquiry.optional(),
  /** Since when the current attempt is feared lost although it had started. */
  lostSince: z.iso.datetime().optional(),
  /** What becomes of the attempt is no runner's to say: it waits for its time, for a run of its own (`child`) or for a person; or its result is on its way. */
  waits: z.enum(["delayed", "run", "pending", "result"]).optional(),
  child: z.string().optional(),
  /** Its attempt was told to end: where it is lost it is not made again. */
  calledBack: z.literal(true).optional(),
});
export type Task = z.infer<typeof Task>;

/** How the reply to a run is worded: what `core/reply` needs of the alias, copied so that a later catalog changes nothing. */
export const ReplyPlan = z.object({
  enabled: z.boolean(),
  /** The alias's result format; absent: the default wording. */
  format: z.string().optional(),
  /** What is shown beside the words, by platform: templates. */
  extra: z.record(z.string(), z.unknown()).optional(),
  /** Only who asked sees it. */
  whisper: z.boolean().optional(),
  /** What it prints is shown while it works. */
  live: z.boolean().optional(),
  /** What is shown when the result takes a while. */
  acknowledgement: Acknowledgement.optional(),
});
export type ReplyPlan = z.infer<typeof ReplyPlan>;

/** An attempt of a run that waits for another: what becomes of the other run is its result. */
export const Parent = AttemptRef.extend({
  /** Digests of the packs that both run with. */
  catalog: z.record(z.string(), z.string()),
});
export type Parent = z.infer<typeof Parent>;

/** What a run of a workflow holds besides. `state` is the conductor's; `tasks` of the run are what it handed out and what has not ended. */
export const WorkflowRun = z.object({
  /** The workflow itself, as its action was planned. */
  task: Task,
  /** Digests of the packs that it runs with to its end. */
  catalog: z.record(z.string(), z.string()),
  state: z.unknown(),
});
export type WorkflowRun = z.infer<typeof WorkflowRun>;

/** One execution of an action. The whole state: each log record carries it, so the last one is enough to go on. */
export const Run = z.object({
  v: z.literal(1),
  id: z.string(),
  revision: z.int().min(1),
  status: RunStatus,
  action: z.string(),
  alias: z.string().optional(),
  reply: ReplyPlan,
  asker: Person,
  replyTo: Address,
  /** Key of the message or ask that this run answers. */
  answers: z.string(),
  tasks: z.record(z.string(), Task),
  workflow: WorkflowRun.optional(),
  /** Who waits for it, where it is part of another run: that one is told, and nobody else. */
  parent: Parent.optional(),
  /** Ids of events already applied, so that a redelivery changes nothing. */
  applied: z.array(z.string()),
  output: Value.optional(),
  /** Messages that asked to cancel it: each gets a reply of its own when the run is over. */
  cancels: z.array(z.object({ asker: Person, replyTo: Address, answers: z.string() })).optional(),
  /** How it was acknowledged: the final reply takes its place. */
  acknowledged: z.enum(["reaction", "typing", "message"]).optional(),
  /** The key of its reply and the last revision that was said of it, where an earlier wording of the command had begun one. */
  reworded: z.object({ key: z.string(), revision: z.int() }).optional(),
  /** Its reply shows what it prints: in wordings after revision `from`. `reworded` keeps a number of them apart. */
  shown: z.object({ from: z.int() }).optional(),
  /** Ended before it started and without a word, because the command was reworded: the next wording goes on with its reply. */
  superseded: z.boolean().optional(),
  /** The rule that asked for it. */
  rule: z.string().optional(),
  /** How many events stand before it, each of which led to the next. */
  depth: z.int().min(0).optional(),
  /** Notices that are given once and were given. */
  told: z.array(z.string()).optional(),
  askedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});
export type Run = z.infer<typeof Run>;

/** A moment that the engine must come back at. `due` is epoch milliseconds; `name` is unique within the run. */
export const Timer = z.object({ v: z.literal(1), run: z.string(), name: z.string(), due: z.int() });
export type Timer = z.infer<typeof Timer>;

/** No live run of the shard has its newest log record below this stream sequence: whoever takes the shard over reads from here. */
export const Checkpoint = z.object({ v: z.literal(1), liveFrom: z.int().min(0) });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** What only workflows brought is not for readers of version 1. */
const Version = z.union([z.literal(1), z.literal(2)]);

/** Asks something of a run. `parent`: the run that it is part of asks, and needs no answer. */
const Asking = { v: Version, key: z.string(), run: z.string(), asker: Person, replyTo: Address, askedAt: z.iso.datetime() };

/** Asks for a run, or asks something of one: from the CLI, the API, rules, and from one shard to another. */
export const RunAsked = z.discriminatedUnion("kind", [
  z.object({
    v: Version,
    kind: z.literal("start"),
    /** Makes the ask idempotent; the run's id comes from it. */
    key: z.string(),
    run: z.string(),
    action: z.string(),
    input: z.record(z.string(), z.unknown()),
    /** The instance of the pack's configuration; absent: what the input says, or the unnamed one. */
    config: z.string().optional(),
    /** The rule that asks: it waits for no answer, so none is said. */
    rule: z.string().optional(),
    /** How many events stand before it, each of which led to the next. */
    depth: z.int().min(0).optional(),
    /** The run that this one is part of. */
    parent: Parent.optional(),
    asker: Person,
    replyTo: Address,
    askedAt: z.iso.datetime(),
  }),
  z.object({
    v: Version,
    /** One of several that one message asked for, planned when it was taken; secrets sealed. */
    kind: z.literal("planned"),
    key: z.string(),
    run: z.string(),
    plan: z.object({ action: z.string(), alias: z.string().optional(), reply: ReplyPlan, task: Task }),
    asker: Person,
    replyTo: Address,
    askedAt: z.iso.datetime(),
  }),
  z.object({
    v: Version,
    /** What another run did, once more: its action as it was then, with its input, secrets sealed as they are. */
    kind: z.literal("again"),
    key: z.string(),
    /** The new run. */
    run: z.string(),
    of: z.string(),
    /** Of a workflow: what went well stands, and it begins again with these tasks; with none named, with those that failed. */
    tasks: z.array(z.string()).optional(),
    /** Of these all items are done again, not only those that failed. */
    reset: z.array(z.string()).optional(),
    asker: Person,
    replyTo: Address,
    askedAt: z.iso.datetime(),
  }),
  z.object({
    ...Asking,
    /** Answers what the run asks people. */
    kind: z.literal("answer"),
    /** Which of its tasks asks, and the attempt, where that is known; else the only one that does. */
    task: z.string().optional(),
    attempt: z.int().min(1).optional(),
    response: z.record(z.string(), z.unknown()),
    /** What comes of it is seen where it was asked. Only that it counts for nothing is said, to who answered alone. */
    pressed: z.boolean().optional(),
  }),
  z.object({ ...Asking, kind: z.literal("cancel"), parent: Parent.pick({ run: true }).optional() }),
  z.object({ ...Asking, kind: z.literal("pause"), parent: Parent.pick({ run: true }).optional() }),
  z.object({ ...Asking, kind: z.literal("resume"), parent: Parent.pick({ run: true }).optional() }),
  /** The run of a task tells the run it is part of how it stands, before its end. */
  z.object({
    ...Asking,
    kind: z.literal("moved"),
    task: z.string(),
    attempt: z.int().min(1),
    status: z.enum(["running", "pending", "pausing", "paused", "resuming", "canceling"]),
  }),
]);
export type RunAsked = z.infer<typeof RunAsked>;

/** What a step of the engine wants done. Published until stored, in this order, before the source of the step is acknowledged. */
export const Command = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("request"), request: ActionRequested }),
  z.object({ kind: z.literal("send"), send: Send }),
  z.object({ kind: z.literal("ask"), ask: RunAsked }),
  z.object({ kind: z.literal("fire"), event: TriggerFired }),
  /** Asks it, or ends it. */
  z.object({ kind: z.literal("question"), question: Question }),
  /** Writes down what can be pressed, before the send that shows it. */
  z.object({ kind: z.literal("press"), press: Press }),
  z.object({ kind: z.literal("cancel"), attempt: AttemptRef }),
  /** Says what became of an attempt that no runner had. */
  z.object({ kind: z.literal("finish"), finished: ActionFinished }),
  z.object({ kind: z.literal("timer"), timer: Timer }),
  z.object({ kind: z.literal("clear-timer"), timer: Timer }),
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
