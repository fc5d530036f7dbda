import type { EndStatus, LogEntry, WorkflowState } from "./state.ts";

/** What happens to a workflow. `at` is ISO 8601. */
export type WorkflowEvent = { readonly at: string } & (
  | {
      readonly kind: "begin";
      readonly input: Readonly<Record<string, unknown>>;
      /** What every task sees beside its own: `st2`, `parent`. */
      readonly context?: Readonly<Record<string, unknown>>;
      /** How many actions may be out at once; absent: as many as there are. */
      readonly atOnce?: number;
    }
  /** The attempt that a `run` asked for has ended. What is not out any more changes nothing. */
  | { readonly kind: "finished"; readonly key: string; readonly attempt: number; readonly status: EndStatus; readonly result: unknown }
  /** An action that can wait (a sub-workflow, an inquiry) says what it does. */
  | { readonly kind: "moved"; readonly key: string; readonly attempt: number; readonly status: MovedStatus }
  | { readonly kind: "due"; readonly timer: string }
  | { readonly kind: "asked"; readonly what: "pause" | "resume" | "cancel" }
  /** It has ended, and goes on from these tasks; from those that failed last where none are named. */
  | { readonly kind: "again"; readonly tasks?: readonly TaskAgain[] }
);

export type MovedStatus = "running" | "pending" | "pausing" | "paused" | "resuming" | "canceling";

export interface TaskAgain {
  readonly task: string;
  /** Default: 0. */
  readonly route?: number;
  /** All items again, not those alone that did not succeed. */
  readonly reset?: boolean;
}

/** What is to be done, in order. A key is the instance's number, `7`, or that of one of its items, `7.3`. Key and attempt together occur once. */
export type WorkflowCommand =
  | {
      readonly kind: "run";
      readonly key: string;
      readonly attempt: number;
      readonly task: string;
      readonly route: number;
      /** Its place in the list, from 0. */
      readonly item?: number;
      readonly action: string;
      readonly input: unknown;
      readonly delayMs?: number;
    }
  /** What these are asked of reports with `moved` and `finished`; each `run` ends with one `finished`, whatever was asked. */
  | { readonly kind: "cancel" | "pause" | "resume"; readonly key: string; readonly attempt: number }
  /** `due` comes back with the name, unless it is cleared. A late one changes nothing. */
  | { readonly kind: "timer"; readonly name: string; readonly afterMs: number }
  | { readonly kind: "clear"; readonly name: string }
  /** Nothing of it is out any more. Said again only after `again`. */
  | {
      readonly kind: "end";
      readonly status: EndStatus;
      readonly output: Readonly<Record<string, unknown>> | null;
      readonly errors: readonly LogEntry[];
    };

/** What a step comes to. `refused` changes nothing and says why. */
export interface Conducted {
  readonly state: WorkflowState;
  readonly commands: readonly WorkflowCommand[];
  readonly refused?: string;
}
