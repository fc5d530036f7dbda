import type { ProblemData } from "@bellhop/contracts";
import type { ActionFile, Executed, KvAnswer, KvAsk } from "@bellhop/sdk/host";

/** Types of frames between runner and worker. The worker says once that it is `ready`. It carries out one `run` after the other: says that one is
 *  `taken` before anything of it begins, then any number of outputs and one `done`, or one `last`: the same, from a worker that must not be used
 *  again. Meanwhile it may `ask` for the datastore, and is told each `answer`. A run that waits for its turn may be taken back by `drop`, and is `dropped` unless it was taken meanwhile. */
export const workerFrames = {
  run: 1,
  taken: 2,
  stdout: 3,
  stderr: 4,
  log: 5,
  done: 6,
  last: 7,
  ready: 8,
  drop: 9,
  dropped: 10,
  ask: 11,
  answer: 12,
} as const;

/** `n` tells one ask of a run from the others. */
export interface AskBody {
  n: number;
  ask: KvAsk;
}

export type AnswerBody = { n: number } & ({ answer: KvAnswer } | { problem: ProblemData });

export interface RunBody {
  /** `pack.name` */
  action: string;
  /** The compiled module whose default export the action is. */
  module: string;
  input: Record<string, unknown>;
  config: Record<string, unknown>;
  files: readonly ActionFile[];
  /** The folder for what the action attaches; the worker makes it when there is something. */
  attachTo: string;
}

/** With the media types of what the action attached, by name, if it did. */
export type DoneBody = Executed & { types?: Record<string, string> };
