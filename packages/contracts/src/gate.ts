import { z } from "zod";
import { AttemptRef } from "./action.ts";
import { shardOfKey } from "./keys.ts";
import { ProblemData } from "./problems.ts";
import { token } from "./token.ts";

/** What a run, or a task of a workflow, needs to begin an action that has policies. Asked for once: the attempt is the one that first needed it. */
export const Pass = AttemptRef.extend({
  /** When it was asked for: the line's order. Epoch milliseconds. */
  at: z.int(),
  /** Fingerprints of the inputs by which policies tell runs apart, by parameter. */
  values: z.record(z.string(), z.string()).optional(),
  /** Those of them that are short and no secrets, as people read them. */
  shown: z.record(z.string(), z.string()).optional(),
  /** The runs that it is part of, the nearest first. */
  within: z.array(z.string()).optional(),
});
export type Pass = z.infer<typeof Pass>;

/** What the policies of an action let in, and what waits for them. */
export const Gate = z.object({
  v: z.literal(1),
  /** `pack.name` */
  action: z.string(),
  inside: z.array(Pass),
  /** `refused`: it will not get in, and stays only until its run has ended. */
  line: z.array(Pass.extend({ refused: ProblemData.optional() })),
  /** By policy and group: when something last began there (rates), or ended (cooldowns). Epoch milliseconds. */
  lately: z.record(z.string(), z.record(z.string(), z.array(z.int()))),
  /** How many began at a time of `lately`, where that is more than one: by policy, group and time. */
  many: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.int()))).optional(),
});
export type Gate = z.infer<typeof Gate>;

/** How somebody fares who asked to go in. */
export const GateVerdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("inside") }),
  z.object({ kind: z.literal("waits"), why: z.string(), place: z.int().min(1) }),
  z.object({ kind: z.literal("refused"), status: z.enum(["canceled", "failed"]), problem: ProblemData }),
]);
export type GateVerdict = z.infer<typeof GateVerdict>;

/** Where the gate of an action stands: `<shard>.<token(action)>`. */
export function gateKey(action: string): string {
  return `${shardOfKey(action)}.${token(action)}`;
}

/** The name of a pass. */
export function passName({ run, task, attempt }: AttemptRef): string {
  return `${run}/${task}/${attempt}`;
}
