import type { Command, Outcome, Run, Task } from "@bellhop/contracts";
import type { DecideSettings } from "./event.ts";
import { mainTask } from "./main-task.ts";

/** The attempt that needs the pass of a run as a whole: one that a policy tries again is another run. */
export const ownAttempt = 1;

/** Asks for a pass of an action's gate. @param at.name the task that needs it, as attempts are named */
export function entering(at: {
  run: Pick<Run, "id" | "parent">;
  name: string;
  attempt: number;
  action: string;
  input: Readonly<Record<string, unknown>>;
  /** What of the input is a secret and not sealed yet. */
  secrets?: readonly string[] | undefined;
  /** ISO 8601 */
  at: string;
  settings: DecideSettings;
}): Extract<Command, { kind: "enter" }> {
  const { run, name, attempt, action, input, secrets = [], settings } = at;
  const { policies, fingerprint, open = (value: unknown) => value } = settings;
  const attributes = policies?.(action)?.attributes ?? [];
  const values = Object.fromEntries(
    attributes.map((one) => [one, fingerprint?.(JSON.stringify(open(input[one]) ?? null)).slice(0, fingerprintLength) ?? ""]),
  );
  const shown = Object.fromEntries(
    attributes.flatMap((one) => {
      const text = secrets.includes(one) ? undefined : asRead(input[one]);
      return text === undefined ? [] : [[one, text]];
    }),
  );
  const within = name === mainTask ? aboveOf(run) : [run.id, ...aboveOf(run)];
  return {
    kind: "enter",
    action,
    pass: {
      run: run.id,
      task: name,
      attempt,
      at: Date.parse(at.at),
      ...(attributes.length === 0 ? {} : { values }),
      ...(Object.keys(shown).length === 0 ? {} : { shown }),
      ...(within.length === 0 ? {} : { within }),
    },
  };
}

/** Gives back the pass of a run as a whole, where it asked for one. @param ended how it ended; absent where it had not begun, or is tried again */
export function leaving(run: Run, ended?: Outcome["status"]): Command[] {
  const { id, action, gate } = run;
  if (gate?.asked === undefined) return [];
  const how = ended === undefined ? {} : { ended };
  return [{ kind: "leave", action, pass: { run: id, task: mainTask, attempt: ownAttempt }, ...how }];
}

/** Gives back the pass that a task of a workflow has or waits for. */
export function leavingTask({ run, name, task }: { run: Run; name: string; task: Task }, ended?: Outcome["status"]): Command[] {
  if (task.pass === undefined) return [];
  const how = ended === undefined || task.waits === "gate" ? {} : { ended };
  return [{ kind: "leave", action: task.action, pass: { run: run.id, task: name, attempt: task.pass }, ...how }];
}

/** The runs that one is part of, the nearest first. */
export function aboveOf({ parent }: Pick<Run, "parent">): string[] {
  return parent === undefined ? [] : (parent.within ?? [parent.run]);
}

/** What is sealed, long or of several lines is called by its parameter alone. */
function asRead(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  return /^[\w.:@/-]{1,40}$/.test(String(value)) ? String(value) : undefined;
}

/** Enough to tell the values of one parameter apart, in a record that names them for each who waits. */
const fingerprintLength = 16;
