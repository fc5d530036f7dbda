import type { WorkflowRun } from "@bellhop/contracts";
import type { List } from "./list.ts";

/** As the original names them. `retrying` is a task's alone. */
export type WorkflowStatus = "running" | "pausing" | "paused" | "resuming" | "canceling" | EndStatus;
export type EndStatus = "succeeded" | "failed" | "timeout" | "abandoned" | "canceled";
export type TaskStatus = "running" | "pending" | "pausing" | "paused" | "resuming" | "retrying" | "canceling" | EndStatus;

/** Where a run of a workflow stands: plain JSON. States share what a step did not change. */
export interface WorkflowState {
  readonly status: WorkflowStatus;
  /** What tasks see: nodes that say what was published after which. The first is what all see. */
  readonly contexts: List<ContextNode>;
  /** By number: the transitions at which each split off. */
  readonly routes: readonly (readonly string[])[];
  /** Every instance of a task there was, in the order in which they began. Its place is its number, and its key as text. */
  readonly sequence: List<TaskState>;
  /** By the number of the task in the definition: its latest instance on each route. */
  readonly latest: List<readonly Instance[]>;
  /** By the number of a join: what leads to it on each route. */
  readonly arrivals: List<readonly Arrivals[]>;
  /** Tasks that were led to, and have not begun or have items to begin. */
  readonly staged: readonly Staged[];
  /** How many of the latest instances are in each status. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>;
  /** How many actions are out: asked for, and not reported finished. */
  readonly out: number;
  readonly errors: readonly LogEntry[];
  /** What the definition's `output` gave, once it has ended and anything was given. */
  readonly output: Readonly<Record<string, unknown>> | null;
  /** Cleaning up after it was canceled or failed: which of the two. */
  readonly cleaning?: "cancel" | "failure";
  /** It ran out of time: it ends so, once what runs has been canceled. */
  readonly expired?: boolean;
  /** Somebody asked for it: no answer ends such a pause. */
  readonly asked?: "pause" | "cancel" | undefined;
  /** How often it rested between tasks that have nothing to do. */
  readonly rests?: number;
  /** How many actions may be out at once, where neither a task nor its items say less. */
  readonly atOnce: number | null;
  /** `end` was said. */
  readonly ended: boolean;
  /** ISO 8601, of the last event. */
  readonly at: string;
}

/** Where a run's conductor stands; undefined before its first step. It alone writes that, so no more than its being one is looked at.
 *  @throws {Error} where what is kept is no state of a conductor */
export function stateOf({ state }: WorkflowRun): WorkflowState | undefined {
  if (state === null || state === undefined) return undefined;
  if (!isState(state)) throw new Error("what a run keeps for its conductor is no state of one");
  return state;
}

function isState(value: unknown): value is WorkflowState {
  return typeof value === "object" && value !== null && "sequence" in value && "routes" in value;
}

/** The first holds what is set for all. Others add what was published (`set`) to another, or all that was published for a second one (`with`). */
export interface ContextNode {
  readonly from?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly with?: number;
}

export interface Instance {
  readonly route: number;
  readonly number: number;
}

/** Of the tasks before a join. */
export interface Arrivals {
  readonly route: number;
  /** How many have begun. */
  readonly begun: number;
  /** How many have led to it. */
  readonly led: number;
}

/** An instance that led to another, by which of its transitions between the two tasks. */
export interface Step {
  readonly number: number;
  readonly key: number;
}

/** One instance of a task. */
export interface TaskState {
  readonly task: string;
  readonly route: number;
  readonly status: TaskStatus;
  /** It is no instance, but the action of that one once more: a join for fewer than lead to it calls for one with each arrival, and the first to end counts. */
  readonly of?: number;
  /** The node of `contexts` that it sees. */
  readonly context: number;
  /** The instances that led to it. */
  readonly previous: List<Step>;
  /** Which of its transitions (`task__tKEY` of where they lead) were taken; those not asked are absent. */
  readonly next: Readonly<Record<string, boolean>>;
  /** The workflow's last contexts come from it. */
  readonly terminal?: boolean;
  readonly retry?: RetryState;
  /** From 1. */
  readonly attempt: number;
  readonly items?: ItemsState;
  /** Kept where the definition asks `task()` for it. */
  readonly result?: unknown;
  /** Its time is over: however what runs of it ends, it counts as timed out. */
  readonly expired?: boolean;
  /** It cleaned up. */
  readonly cleans?: boolean;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface RetryState {
  readonly when: string | undefined;
  readonly count: number;
  readonly delay: number | undefined;
  readonly tally: number;
}

/** Items that have begun, in their order; of the rest there is the list alone. One that is to begin again is null. */
export interface ItemsState {
  readonly list: readonly unknown[];
  readonly concurrency: number | null;
  readonly begun: List<ItemState | null>;
  /** No item before this one is to begin. */
  readonly from: number;
  /** How many are in each status; those that have not begun are in none. */
  readonly statuses: Readonly<Partial<Record<TaskStatus, number>>>;
}

export interface ItemState {
  readonly status: TaskStatus;
  readonly result?: unknown;
}

/** A task that was led to. */
export interface Staged {
  readonly task: string;
  readonly route: number;
  readonly context: number;
  readonly previous: List<Step>;
  /** Enough led to it. */
  readonly ready: boolean;
  /** Tried again, after this many seconds. */
  readonly retry?: number;
  /** Runs although the workflow has failed: it stands beside `fail`. */
  readonly despite?: boolean;
  /** Cleans up, or comes after what does. */
  readonly cleans?: boolean;
  /** An instance that has begun, and has items to begin. */
  readonly number?: number;
  /** Of the instance before, those items that are not to begin again. */
  readonly items?: ItemsState;
}

/** In the original's form. */
export interface LogEntry {
  readonly type: "error";
  readonly message: string;
  readonly task_id?: string;
  readonly route?: number;
  readonly task_transition_id?: string;
  readonly result?: unknown;
}
