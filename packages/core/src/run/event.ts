import type { ActionFinished, Address, Command, Outcome, Person, ProblemData, Progress, Run } from "@bellhop/contracts";
import type { KeptText } from "../reply/fit.ts";
import type { RunPlan } from "./plan.ts";

/** What happens to a run. `id` names the event for ever (a redelivery has the same one), `at` is ISO 8601. */
export type RunEvent = { id: string; at: string } & (
  | {
      kind: "asked";
      run: string;
      /** With `secrets` already sealed in `task.input`. */
      plan: RunPlan;
      asker: Person;
      replyTo: Address;
      /** Key of the message or ask that the run answers. */
      answers: string;
      /** The rule that asks for it, and how many events stand before it. */
      rule?: string | undefined;
      depth?: number | undefined;
      /** The reply that an earlier wording of the command began, which this run's goes on with. */
      reworded?: Run["reworded"];
    }
  /** `output` is the outcome's output, loaded where it travelled by reference. */
  | { kind: "finished"; finished: ActionFinished; output?: unknown }
  /** The runner's lease is over. `certain`: nothing of the attempt can still run or report. */
  | { kind: "lost"; attempt: number; runner: string; started: boolean; certain: boolean }
  /** Nobody has taken it for a while. `runners`: how many work for its pool. */
  | { kind: "unclaimed"; attempt: number; runners: number }
  /** It takes long enough for a sign that it was heard. */
  | { kind: "slow" }
  /** It works for a while, and has printed something that its reply may show. */
  | { kind: "printed" }
  /** The command was reworded, and this attempt was revoked for it before anybody claimed it. */
  | { kind: "superseded"; attempt: number }
  /** `run` tells the canceller which one there is not, where no run was found. */
  | { kind: "cancel"; run?: string; asker: Person; replyTo: Address; answers: string }
  | { kind: "timer"; name: string }
  | { kind: "broken"; problem: ProblemData }
);

/** Commands are carried out in order. `kept` has to lie in the object store before the step is logged, because its commands refer to it. `unchanged` appends
 *  nothing to the log, but may still have something to say. */
export type Decision =
  | { kind: "changed"; run: Run; commands: Command[]; kept?: readonly KeptText[]; outcome?: Outcome; progress?: Progress[] }
  | { kind: "unchanged"; commands: Command[] };
