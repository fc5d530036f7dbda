import { spawnSync } from "node:child_process";

/** What came of a check. */
export type Outcome =
  | { kind: "ok"; found: string }
  /** It can't be made here. */
  | { kind: "skipped"; why: string }
  | { kind: "bad"; faults: readonly string[] };

export function outcomeOf(faults: readonly string[], found: string): Outcome {
  return faults.length === 0 ? { kind: "ok", found } : { kind: "bad", faults };
}

/** Whether there is such a program on PATH. */
export function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
