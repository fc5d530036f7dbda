import { join } from "node:path";
import { problem } from "@bellhop/contracts";
import type { Executed } from "@bellhop/sdk/host";
import type { Kind, Result } from "./kind.ts";

/** An action written with `@bellhop/sdk`, in a warm worker process. Its result is what it returned. */
export const typescript: Kind = {
  name: "typescript",
  async run({ definition, input, config, folder, desk }, { workers, signal, emit, kv }) {
    const { ref, entryPoint } = definition;
    if (entryPoint === undefined) return failed(ref, "its definition names no file", "This is a fault of the pack.");
    const end = await workers.run({
      action: ref,
      module: join(folder, entryPoint),
      input,
      config,
      files: desk.files,
      attachTo: desk.folders.attach,
      signal,
      onOutput: emit,
      kv,
    });
    // A worker makes the folder itself when its action attaches something.
    if (end.kind !== "done" || end.types !== undefined) desk.used();
    switch (end.kind) {
      case "done":
        return { ...resultOf(end.executed), ...(end.types === undefined ? {} : { types: end.types }) };
      case "out-of-memory":
        return failed(
          ref,
          `it ran out of memory: an action may use ${end.limitMb} MB`,
          "Let it work in smaller pieces, or raise the limit (runner.memoryMb in bellhop.yaml, BELLHOP_ACTION_MEMORY_MB).",
        );
      case "died":
        return failed(ref, `its process ended before it was done (${end.how})`, "What it printed last may say why.");
    }
  },
};

function resultOf(executed: Executed): Result {
  return executed.kind === "succeeded"
    ? { status: "succeeded", output: executed.output }
    : { status: "failed", problem: executed.problem, ...("output" in executed ? { output: executed.output } : {}) };
}

function failed(action: string, why: string, next: string): Result {
  return { status: "failed", problem: problem("action_failed", { action, why, next }).data };
}
