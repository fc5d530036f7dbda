import { z } from "zod";
import { FileRef } from "./message.ts";
import { ProblemData } from "./problems.ts";
import { Value } from "./value.ts";

/** The outcome of an attempt, with StackStorm's status names. `output` is what templates see as `execution.result`. */
export const Outcome = z.object({
  status: z.enum(["succeeded", "failed", "timeout", "canceled", "abandoned"]),
  output: Value.optional(),
  problem: ProblemData.optional(),
  /** What it made for people to have: shown with the reply. */
  files: z.array(FileRef).optional(),
  /** From the first side effect to the end, in milliseconds; absent when it never started. */
  ms: z.number().optional(),
});
export type Outcome = z.infer<typeof Outcome>;

/** Names one try of a runner at an action: the key of its record and of its result. */
export const AttemptRef = z.object({ run: z.string(), task: z.string(), attempt: z.int().min(1) });
export type AttemptRef = z.infer<typeof AttemptRef>;

/** Which attempt a payload is about that can't be read otherwise: somebody waits for it. */
export function attemptIn(raw: string): AttemptRef | undefined {
  try {
    return AttemptRef.safeParse(JSON.parse(raw)).data;
  } catch {
    return undefined;
  }
}

/** Work for any runner of a pool. The definition lies in the pack version that `digest` names. */
export const ActionRequested = AttemptRef.extend({
  v: z.literal(1),
  pool: z.string(),
  /** `pack.name` */
  action: z.string(),
  digest: z.string(),
  /** Checked, cast and complete with defaults; secrets sealed. */
  input: z.record(z.string(), z.unknown()),
  timeoutMs: z.int().positive(),
  /** The instance of the pack's configuration; absent: the unnamed one. */
  config: z.string().optional(),
  /** As whose a configuration sees values of the datastore. */
  user: z.string().optional(),
  /** What came with the command: the runner lays them out before it starts. */
  files: z.array(FileRef).optional(),
  /** Whether a second attempt may be made although the first one started. */
  repeatable: z.boolean(),
  /** See {@link traceOf}: a runner does not know what asked for the run. */
  trace: z.string().optional(),
  /** How many events stand before its run, each of which led to the next. */
  depth: z.int().min(0).optional(),
});
export type ActionRequested = z.infer<typeof ActionRequested>;

export const ActionFinished = AttemptRef.extend({
  v: z.literal(1),
  runner: z.string(),
  outcome: Outcome,
  /** As the request had it. */
  trace: z.string().optional(),
});
export type ActionFinished = z.infer<typeof ActionFinished>;

/** The claim on an attempt and how far it got. Created once; every later change is a compare-and-set. */
export const AttemptRecord = AttemptRef.extend({
  v: z.literal(1),
  /** The member and epoch that claimed it; empty when it was revoked before anyone did. */
  runner: z.string(),
  epoch: z.string(),
  state: z.enum(["claimed", "started", "finished", "revoked"]),
  repeatable: z.boolean(),
  /** Set when somebody asked to stop it: the runner must end it and say `canceled`. */
  cancel: z.boolean().optional(),
  /** Revoked so that the reworded command takes its place: nobody hands it out again. */
  superseded: z.boolean().optional(),
  at: z.iso.datetime(),
});
export type AttemptRecord = z.infer<typeof AttemptRecord>;

/** A piece of live output. `seq` counts within the attempt, from 0. */
export const OutputChunk = AttemptRef.extend({
  v: z.literal(1),
  seq: z.int().min(0),
  stream: z.enum(["stdout", "stderr", "log"]),
  text: z.string(),
});
export type OutputChunk = z.infer<typeof OutputChunk>;

/** Tells whoever works on a run, or on one task of it, to stop. Not stored: the attempt record says the same to those who were not listening. */
export const Control = z.object({ v: z.literal(1), run: z.string(), task: z.string().optional(), kind: z.literal("cancel") });
export type Control = z.infer<typeof Control>;
