import { z } from "zod";
import { AttemptRef } from "./action.ts";
import { Firing } from "./event.ts";
import { Address, FileRef, Person } from "./message.ts";
import { Posting } from "./post.ts";
import { Inquiry } from "./press.ts";
import { ProblemData } from "./problems.ts";
import { Value } from "./value.ts";
import { Acknowledgement, Notify } from "./definition.ts";

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
  /** Where else it is said, where its room's name stands for several. */
  also: z.array(Address).optional(),
  /** CommonMark. */
  text: z.string(),
  /** Only this person (their id on the platform) may see it. */
  only: z.string().optional(),
  /** Whom it calls by name: their id on the platform. */
  calls: z.string().optional(),
  /** What is shown beside the words, by platform, as aliases have it; filled in already. */
  extra: z.record(z.string(), z.unknown()).optional(),
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
  /** With it, saying this under its name is the whole work, which the shard of that name does. */
  posts: Posting.optional(),
  /** With it, letting this happen is the whole work. */
  fires: Firing.optional(),
  /** With it, people's answer to it is the whole work. */
  asks: Inquiry.optional(),
  /** Who is told of its end. */
  notify: Notify.optional(),
  /** Since when the current attempt is feared lost although it had started. */
  lostSince: z.iso.datetime().optional(),
  /** What becomes of the attempt is no runner's to say: it waits for its time, for a run of its own (`child`), for a person or for policies; or its result is on its way. */
  waits: z.enum(["delayed", "run", "pending", "result", "gate"]).optional(),
  child: z.string().optional(),
  /** The attempt that needed a pass of the action's gate, which the task has or waits for. */
  pass: z.int().min(1).optional(),
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
  /** It stands in the room itself, not in a thread that the command begins. */
  inRoom: z.boolean().optional(),
  /** The address of the run's page, where the installation names one. */
  page: z.string().optional(),
});
export type ReplyPlan = z.infer<typeof ReplyPlan>;

/** An attempt of a run that waits for another: what becomes of the other run is its result. */
export const Parent = AttemptRef.extend({
  /** Digests of the packs that both run with. */
  catalog: z.record(z.string(), z.string()),
  /** The runs that it is part of in turn, the nearest first. */
  within: z.array(z.string()).optional(),
  /** What the outermost of them does, and by which alias: whoever may run that may answer what its parts ask. */
  whole: z.object({ action: z.string(), alias: z.string().optional() }).optional(),
});
export type Parent = z.infer<typeof Parent>;

/** What became of the pass that a run needs as a whole, and what it waits for before it begins. */
export const AtGate = z.object({
  /** `time`: of a retry, its delay. Absent: it has begun. */
  waits: z.enum(["time", "gate"]).optional(),
  /** Whether it asked for a pass. */
  asked: z.literal(true).optional(),
  /** Why it waits, in words, and its place in line when it was told. */
  why: z.string().optional(),
  place: z.int().min(1).optional(),
  /** Of a workflow that goes on where another ended: the tasks that are done again, or all that failed. */
  again: z.array(z.object({ task: z.string(), reset: z.boolean().optional() })).optional(),
});
export type AtGate = z.infer<typeof AtGate>;

/** A try that follows on one that failed, as a policy has it. */
export const Retry = z.object({
  /** How many came before it, but for the first. */
  count: z.int().min(1),
  policy: z.string(),
  delayMs: z.int().min(0),
  /** Where the reply stands that an earlier try began. */
  reworded: z.object({ key: z.string(), revision: z.int() }).optional(),
});
export type Retry = z.infer<typeof Retry>;

/** What a run of a workflow holds besides. `state` is the conductor's; `tasks` of the run are what it handed out and what has not ended. */
export const WorkflowRun = z.object({
  /** The workflow itself, as its action was planned. */
  task: Task,
  /** Digests of the packs that it runs with to its end. */
  catalog: z.record(z.string(), z.string()),
  state: z.unknown(),
  /** Why a task of it was not let begin, which cancels the workflow. */
  refused: ProblemData.optional(),
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
  gate: AtGate.optional(),
  /** It is a further try of this run; and the run that tries again what this one failed at, and answers for both. */
  retry: Retry.omit({ reworded: true }).extend({ of: z.string() }).optional(),
  retried: z.string().optional(),
  /** Notices that are given once and were given. */
  told: z.array(z.string()).optional(),
  /** The trace that it belongs to, where that is not of the message that it answers: see {@link traceOfRun}. */
  trace: z.string().optional(),
  askedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});
export type Run = z.infer<typeof Run>;

/** A moment that the engine must come back at. `due` is epoch milliseconds; `name` is unique within the run. */
export const Timer = z.object({ v: z.literal(1), run: z.string(), name: z.string(), due: z.int() });
export type Timer = z.infer<typeof Timer>;
