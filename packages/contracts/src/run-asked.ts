import { z } from "zod";
import { AttemptRef } from "./action.ts";
import { GateVerdict } from "./gate.ts";
import { Address, Person } from "./message.ts";
import { Posting } from "./post.ts";
import { Parent, ReplyPlan, Retry, Task } from "./run.ts";

/** What only workflows brought is not for readers of version 1. */
export const Version = z.union([z.literal(1), z.literal(2)]);

/** Asks something of a run. `parent`: the run that it is part of asks, and needs no answer. */
const Asking = {
  v: Version,
  key: z.string(),
  run: z.string(),
  asker: Person,
  replyTo: Address,
  /** The trace of what asks, where the key does not tell it. */
  trace: z.string().optional(),
  askedAt: z.iso.datetime(),
};

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
    /** Names of what the engine sealed of it, beside what its action calls secret: a secret of the datastore went into it. */
    secrets: z.array(z.string()).optional(),
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
    trace: z.string().optional(),
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
    trace: z.string().optional(),
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
    /** A policy asks for it: the reply goes on where that of the other run would have stood. */
    retry: Retry.optional(),
    asker: Person,
    replyTo: Address,
    trace: z.string().optional(),
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
  /** A gate tells how a pass fares: see {@link Pass}. */
  z.object({
    v: Version,
    kind: z.literal("gate"),
    key: z.string(),
    run: z.string(),
    task: z.string(),
    attempt: z.int().min(1),
    verdict: GateVerdict,
    askedAt: z.iso.datetime(),
  }),
  /** Says what a task posts. `run` names the log of this ask, on the shard of the posting's key. `trusts`: a rule or a workflow posts it, and may tell of any run;
   *  otherwise the asker has to be somebody who may see what that came to. */
  z.object({
    ...Asking,
    kind: z.literal("post"),
    parent: AttemptRef,
    posting: Posting.required({ key: true }),
    trusts: z.literal(true).optional(),
  }),
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
