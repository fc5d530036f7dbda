/** What holds for all runs of an action, however they are asked for. Times are seconds; `attributes`: it holds for runs in which these inputs agree, and for all of them
 *  where none are named; `action`: what becomes of one more. */
export type Policy<Name extends string = string> =
  /** So many at once. One more waits by default. */
  | {
      readonly type: "concurrency";
      readonly threshold: number;
      readonly attributes?: readonly Name[];
      readonly action?: "delay" | "cancel";
    }
  /** So many begin within that time. One more waits by default. */
  | {
      readonly type: "rate";
      readonly threshold: number;
      readonly seconds: number;
      readonly attributes?: readonly Name[];
      readonly action?: "delay" | "cancel";
    }
  /** One at a time, and the next that long after its end, or only after one that succeeded. What comes sooner is canceled by default. */
  | {
      readonly type: "cooldown";
      readonly seconds: number;
      readonly attributes?: readonly Name[];
      readonly action?: "delay" | "cancel";
      readonly after?: "end" | "success";
    }
  /** How long a run waits for the others at most; then it fails. */
  | { readonly type: "wait"; readonly seconds: number }
  /** A run that failed, or took too long, is tried again, repeatable or not: twice at most by default, and at once. */
  | { readonly type: "retry"; readonly on: "failure" | "timeout"; readonly times?: number; readonly delay?: number };
