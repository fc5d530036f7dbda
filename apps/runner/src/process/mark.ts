import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Carried in the environment of everything a runner starts: `<unique name>.<start>.<child>`. What was started inherits it, wherever it went. */
export const markVariable = "BELLHOP_MARK";

/** Kills every process whose mark starts with one of these and with none of `except`, until two looks in a row find none. Returns how many it
 *  killed. Needs /proc: elsewhere it finds nothing, and process groups and closed pipes have to do.
 *  @param marks prefixes, each ended by a dot, so that one name is never the beginning of another */
export async function sweepMarks(marks: { of: readonly string[]; except?: readonly string[] }): Promise<number> {
  const killed = new Set<number>();
  const carries = (mark: string, prefixes: readonly string[] = []) => prefixes.some((prefix) => mark.startsWith(prefix));
  // A process may fork while we look, and shows no environment for a moment while it becomes another program. A fork bomb is the tether's.
  for (let looks = 0, quiet = 0; quiet < 2 && looks < 50; looks++) {
    const found = (await markedProcesses()).filter(({ mark }) => carries(mark, marks.of) && !carries(mark, marks.except));
    quiet = found.length === 0 ? quiet + 1 : 0;
    for (const { pid } of found) {
      killed.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It was quicker.
      }
    }
    if (quiet === 1) await delay(10);
  }
  return killed.size;
}

/** Every process that carries a mark, of whichever runner. */
export async function markedProcesses(): Promise<{ pid: number; mark: string }[]> {
  let names: string[];
  try {
    names = await readdir("/proc");
  } catch {
    return [];
  }
  const pids = names.filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const looked = await Promise.all(
    pids.map(async (pid) => {
      // Ended meanwhile, or another user's: not ours either way.
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      const entry = environment.split("\0").find((line) => line.startsWith(`${markVariable}=`));
      return entry === undefined ? undefined : { pid: Number(pid), mark: `${entry.slice(markVariable.length + 1)}.` };
    }),
  );
  return looked.filter((found) => found !== undefined);
}
