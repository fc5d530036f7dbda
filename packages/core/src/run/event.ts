import type { ActionFinished, Address, Command, GateVerdict, Outcome, Person, ProblemData, Progress, Run } from "@bellhop/contracts";
import type { Catalog } from "../catalog.ts";
import type { Answered } from "../inquiry/decide.ts";
import type { Datastore } from "../kv/names.ts";
import type { KeptText } from "../reply/fit.ts";
import type { MovedStatus, TaskAgain } from "../workflow/event.ts";
import type { Places } from "./place.ts";
import type { ActionPolicies } from "../policy/policies.ts";
import type { RunPlan } from "./plan.ts";

/** What decisions need besides: durations in milliseconds, and for workflows the packs that the run has, as they were when it was asked for. Where those can't be had any more, only
 *  a cancel is decided. */
export interface DecideSettings {
  lateResult: number;
  catalog?: Catalog;
  /** What expressions and templates of workflows may ask for; `seal` closes what they open of it. */
  datastore?: Datastore & { seal(value: unknown): unknown };
  /** Where an announcement can be made. */
  places?: Omit<Places, "here">;
  /** Whether what is injected has to fit its trigger's schema; true where it is not said. */
  checkTriggers?: boolean;
  /** Whether a rule waits for a trigger. */
  waitsFor?: (trigger: string) => boolean;
  /** Reads what is sealed in the input of a task, for defaults that take it in. */
  open?: (value: unknown) => unknown;
  /** What holds for the runs of an action now, whatever packs the run has. */
  policies?: (action: string) => ActionPolicies | undefined;
  /** Tells texts apart without showing them. */
  fingerprint?: (text: string) => string;
  /** The address of a run's page, with `{run}` where its id belongs. */
  runPage?: string | undefined;
}

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
      parent?: Run["parent"];
      /** It is a further try of another run. */
      retry?: Run["retry"];
      /** It goes on with what a workflow that is over came to, from these tasks, or from those that failed. */
      again?: { of: NonNullable<Run["workflow"]>; tasks?: readonly TaskAgain[] };
    }
  /** `output` is the outcome's output, loaded where it travelled by reference. */
  | { kind: "finished"; finished: ActionFinished; output?: unknown }
  /** The runner's lease is over. `certain`: nothing of the attempt can still run or report. `task`: the only one there is, where it is not named. */
  | { kind: "lost"; task?: string; attempt: number; runner: string; started: boolean; certain: boolean }
  /** Nobody has taken it for a while. `runners`: how many work for its pool. */
  | { kind: "unclaimed"; task?: string; attempt: number; runners: number }
  /** It takes long enough for a sign that it was heard. */
  | { kind: "slow" }
  /** It works for a while, and has printed something that its reply may show. */
  | { kind: "printed" }
  /** The command was reworded, and this attempt was revoked for it before anybody claimed it. */
  | { kind: "superseded"; attempt: number }
  /** `run` tells the canceller which one there is not, where no run was found. `quiet`: the run that it is part of asks, and needs no answer. */
  | { kind: "cancel"; run?: string; asker: Person; replyTo: Address; answers: string; quiet?: boolean }
  | { kind: "pause" | "resume"; asker: Person; replyTo: Address; answers: string; quiet?: boolean }
  /** The run of a task says how it stands. */
  | { kind: "moved"; task: string; attempt: number; status: MovedStatus }
  /** Somebody who may answers what a task asks. */
  | ({ kind: "answered" } & Omit<Answered, "at">)
  /** The gate of an action says how a pass fares, which `task` asked for with this attempt. */
  | { kind: "gate"; task: string; attempt: number; verdict: GateVerdict }
  | { kind: "timer"; name: string }
  /** Something that was for it could not be dealt with: `attempt` names what it was the result of. */
  | { kind: "broken"; problem: ProblemData; attempt?: { task: string; attempt: number } }
);

/** Commands are carried out in order. `kept` has to lie in the object store before the step is logged, because its commands refer to it. `unchanged` appends
 *  nothing to the log, but may still have something to say. */
export type Decision =
  | {
      kind: "changed";
      run: Run;
      commands: Command[];
      kept?: readonly KeptText[];
      outcome?: Outcome;
      progress?: Progress[];
      /** Fields of tasks' inputs that are sealed before anything is stored: in the task, and in what asks for it. */
      secrets?: readonly { task: string; names: readonly string[] }[];
    }
  /** `refused`: why what was asked for can't be. */
  | { kind: "unchanged"; commands: Command[]; refused?: string };
