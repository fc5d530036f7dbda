import type { Body, Message, Run } from "@bellhop/contracts";
import type { Policy } from "../access/may-run.ts";
import type { Catalog } from "../catalog.ts";
import type { RunPlan } from "../run/plan.ts";

export type Verdict =
  | { kind: "run"; plan: RunPlan }
  | { kind: "answer"; body: Body; outcome: "ok" | "failed" | "refused" }
  /** `run` is a full id; it may be over, or belong to another conversation. */
  | { kind: "cancel"; run: string }
  | { kind: "claim"; code: string };

/** Decides what an addressed message leads to.
 *  @param at.runs live runs of this message's conversation, in any order
 *  @param at.now ISO 8601, for the ages that `status` shows */
export function receive(_at: { catalog: Catalog; policy: Policy; message: Message; runs: readonly Run[]; now: string }): Verdict {
  throw new Error("to come");
}
