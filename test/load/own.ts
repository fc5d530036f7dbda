import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { plainEnv, startProcess, type StartedProcess } from "./processes.ts";

/** Starts a process of the bench's own, from a file beside this one; it speaks over its channel. */
export function startOwn({
  file,
  node = [],
  env,
}: {
  file: string;
  node?: readonly string[];
  env: Record<string, string>;
}): StartedProcess {
  return startProcess({
    command: process.execPath,
    args: [...node, fileURLToPath(new URL(file, import.meta.url))],
    env: { ...plainEnv(), ...env },
    channel: true,
  });
}

/** What it says next; fails when it ends instead. */
export function nextWord<Told>(from: StartedProcess, schema: z.ZodType<Told>): Promise<Told> {
  return new Promise((resolve, reject) => {
    from.child.once("message", (raw) => resolve(schema.parse(raw)));
    void from.gone.then(() => reject(new Error(`a process of the bench ended:\n${from.lastWords()}`)));
  });
}
