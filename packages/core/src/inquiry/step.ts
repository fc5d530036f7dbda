import type { Run } from "@bellhop/contracts";
import { next, unchanged } from "../run/ending.ts";
import type { Decision, RunEvent } from "../run/event.ts";
import { answer, expire, type Inquired } from "./decide.ts";

/** An answer to what a run asks, or the end of the time for one; undefined where the event is neither. */
export function inquire(run: Run, event: RunEvent): Decision | undefined {
  if (event.kind === "answered") return stepOf(run, event, answer(run, { ...event, at: event.at }));
  const late = event.kind === "timer" ? expire(run, event.name) : undefined;
  return late && stepOf(run, event, late);
}

function stepOf(run: Run, event: RunEvent, { tasks, commands }: Inquired): Decision {
  if (tasks === undefined) return commands.length === 0 ? unchanged : { kind: "unchanged", commands };
  return { kind: "changed", run: { ...next(run, event), tasks: { ...tasks } }, commands };
}
