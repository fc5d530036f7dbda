import type { Executed } from "@bellhop/sdk/host";

/** Types of frames between runner and worker. The worker says `ready` once, then for each `run` any number of outputs and one `done`. */
export const workerFrames = { run: 1, ready: 2, stdout: 3, stderr: 4, log: 5, done: 6 } as const;

export interface RunBody {
  /** `pack.name` */
  action: string;
  /** The compiled module whose default export the action is. */
  module: string;
  input: Record<string, unknown>;
  config: Record<string, unknown>;
}

export type DoneBody = Executed;
