import type { ObjectRef, ProblemData, Progress, RunStatus } from "@bellhop/contracts";

/** A run as lists show it. Times are ISO 8601. */
export interface PastRun {
  id: string;
  status: RunStatus;
  action: string;
  alias?: string;
  /** The instance of the pack's configuration that was named. */
  config?: string;
  /** The run that it is part of. */
  parent?: string;
  person: { platform: string; space?: string; id: string; name?: string };
  where: { platform: string; account: string; space?: string; channel: string; thread?: string };
  /** Complete with defaults; secrets read `[secret]`. */
  input: Record<string, unknown>;
  askedAt: string;
  /** When its last attempt began to work: known once it ended. */
  startedAt?: string;
  endedAt?: string;
  /** How long that attempt worked, in milliseconds. */
  ms?: number;
  attempts: number;
}

/** All that is known of a run. */
export interface PastRunInFull extends PastRun {
  revision: number;
  /** Key of the message or ask it answers. */
  answers: string;
  output?: unknown;
  /** Where the output lies that was too large to keep here. */
  outputRef?: ObjectRef;
  problem?: ProblemData;
  /** What was said in the end, cut to 4,000 characters. */
  reply?: string;
  steps: Step[];
}

/** One record of the run's log. */
export interface Step {
  revision: number;
  /** Its place in the stream. */
  sequence: number;
  at: string;
  /** What happened: asked, finished, lost, cancel … */
  event: string;
  /** The run's status after it. */
  status: RunStatus;
  attempt: number;
  /** What it wanted done. */
  commands: { kind: string; about: string }[];
  /** What became of a workflow's tasks. */
  tasks?: Progress[];
}

export interface RunFilter {
  status?: readonly RunStatus[];
  /** `pack.name` */
  action?: string;
  /** An identity (`slack:T1/U2`), or a name. */
  person?: string;
  /** `slack:T1/C9`, or the channel alone. */
  room?: string;
  /** Epoch milliseconds; `until` itself is left out. */
  since?: number;
  until?: number;
  /** Words that all occur in the action, the input, the answer or the names. */
  text?: string;
  limit: number;
  /** The id of a run: those before it. */
  before?: string;
}
