import type { Body, CommandSchedule, Message, Problem, Question, Run } from "@bellhop/contracts";
import type { AccessWish } from "../access/change.ts";
import type { Policy } from "../access/may-run.ts";
import type { Catalog } from "../catalog.ts";
import type { Datastore } from "../kv/names.ts";
import { renderProblem } from "../reply/render.ts";
import type { Places } from "../run/place.ts";
import type { RunPlan } from "../run/plan.ts";
import type { Schedules } from "../schedule/decide.ts";

export type Verdict =
  | { kind: "run"; plan: RunPlan }
  /** One message asks for several runs. */
  | { kind: "runs"; plans: readonly RunPlan[] }
  /** Its author is asked what the command lacks; `secrets` names what of the input is to be sealed. */
  | { kind: "ask"; body: Body; lacking: Pick<Question, "alias" | "action" | "input" | "lacks">; secrets: readonly string[] }
  | { kind: "answer"; body: Body; outcome: "ok" | "failed" | "refused" }
  /** It was no call, and what it may have been said to waits for nothing any more. */
  | { kind: "unheard" }
  /** `run` is a full id; it may be over, or belong to another conversation: whoever holds it decides whether this person may. */
  | { kind: "cancel" | "pause" | "resume"; run: string }
  | { kind: "claim"; code: string }
  /** The next page of that run's answer, or of the last one. */
  | { kind: "more"; run?: string }
  | { kind: "access"; wish: AccessWish }
  /** A command is to run later. */
  | { kind: "schedule"; schedule: CommandSchedule; body: Body }
  /** `schedule`: where it is kept. */
  | { kind: "unschedule"; schedule: string; body: Body };

/** What a verdict is reached from.
 *  `runs`: live runs of this message's conversation, in any order.
 *  `now`: ISO 8601, for the ages that `status` shows.
 *  `actionTimeoutMs`: for actions that name none.
 *  `liveOutput`: whether what commands print is shown while they work, where their alias does not say.
 *  `checkTriggers`: whether what is injected has to fit its trigger's schema; it has to where it is not said.
 *  `places`: where else than here something can be said.
 *  `schedules`: those of the whole installation.
 *  `timeZone`: of the wall clock that people mean; UTC when not given.
 *  `datastore`: what defaults and fixed parameters may ask for.
 *  `waiting`: why runs wait at gates, by their ids, where the message asks for that.
 *  `question`: what its author was asked here and has not answered; its secrets opened. */
export interface Received {
  catalog: Catalog;
  policy: Policy;
  message: Message;
  runs: readonly Run[];
  now: string;
  actionTimeoutMs?: number;
  liveOutput?: boolean;
  checkTriggers?: boolean;
  places?: Omit<Places, "here">;
  schedules?: Schedules;
  timeZone?: string;
  datastore?: Datastore;
  waiting?: ReadonlyMap<string, string>;
  question?: Question;
}

export function refuse(problem: Problem): Verdict {
  return { kind: "answer", body: renderProblem(problem), outcome: "refused" };
}
