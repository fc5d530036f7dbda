/** Types of frames between runner and keeper. */
export const keeperFrames = { spawn: 1, stop: 2, stdout: 3, stderr: 4, ended: 5 } as const;

export interface SpawnBody {
  file: string;
  args: string[];
  /** Absent: where the runner runs. */
  cwd?: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  /** Readable by the command at its file descriptor 3: text that must not stand in its arguments, where `ps` shows it. */
  script?: string;
}

export interface StopBody {
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
}

export interface EndedBody {
  code: number | null;
  signal: string | null;
  /** It could not be started at all. */
  problem?: { code: string; message: string };
}
