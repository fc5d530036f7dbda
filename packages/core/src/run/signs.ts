import type { Run } from "@bellhop/contracts";
import { acknowledge, acknowledgementOf } from "../reply/acknowledge.ts";
import { mayShowOutput, wordingsApart } from "../reply/output.ts";
import { standingReply, unclaimedNotice } from "../reply/send.ts";
import { mayShowTasks } from "../reply/tasks.ts";
import { next, say, unchanged } from "./ending.ts";
import type { Decision, RunEvent } from "./event.ts";
import { isOver } from "./life.ts";

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

/** Tells once that nobody takes what a run handed out. */
export function unclaimed(run: Run, pool: string, event: Of<"unclaimed">): Decision {
  const told = run.told ?? [];
  if (isOver(run.status) || run.status === "canceling" || told.includes("unclaimed")) return unchanged;
  const informed: Run = { ...next(run, event), told: [...told, "unclaimed"] };
  return { kind: "changed", run: informed, commands: [say(unclaimedNotice(informed, { pool, runners: event.runners }))] };
}

/** The sign that a command was heard which takes a while. */
export function slow(run: Run, event: Of<"slow">): Decision {
  const isLost = Object.values(run.tasks).some(({ lostSince }) => lostSince !== undefined);
  const as = isOver(run.status) || run.status === "canceling" || isLost ? undefined : acknowledgementOf(run);
  if (as === undefined) return unchanged;
  const acknowledged: Run = { ...next(run, event), acknowledged: as };
  return { kind: "changed", run: acknowledged, commands: [say(acknowledge(run, as))] };
}

/** From now on its reply shows what it prints. The revisions for that are set apart in the state, so that the final reply comes after them whoever decides it. */
export function printed(run: Run, event: Of<"printed">): Decision {
  if (isOver(run.status) || run.shown !== undefined || !(mayShowOutput(run) || mayShowTasks(run))) return unchanged;
  const { key, revision } = standingReply(run);
  const shown: Run = { ...next(run, event), shown: { from: revision }, reworded: { key, revision: revision + wordingsApart } };
  return { kind: "changed", run: shown, commands: [] };
}
