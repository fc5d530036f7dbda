import { appendFileSync } from "node:fs";
import { codeOf } from "@bellhop/contracts";

/** Every place where the promise could break, in the order a command passes them, then a pack. `pnpm faults --list` prints this table, and the
 *  fault tests hit each with -9 exactly there. */
export const crashPoints = {
  "gateway.received": "a message came from the platform; nothing is stored",
  "gateway.stored": "the message is stored; the platform does not know yet",
  "api.received": "something that happened came by HTTP; it is not stored",
  "api.stored": "it is stored; its sender does not know yet",
  "engine.ticked": "a tick is fired; its timer's record is not moved on",
  "engine.received": "the engine has the message; nothing is decided",
  "engine.saved": "the step is in the log; none of its commands is published",
  "engine.applied": "every command is published; the source is not acknowledged",
  "runner.claimed": "the attempt is claimed; the request is not acknowledged",
  "runner.acknowledged": "the request is acknowledged; the attempt is being marked as started",
  "runner.started": "marked as started; no side effect yet",
  "runner.worked": "the work is done; its result is nowhere",
  "runner.journaled": "the result is on the runner's disk; not published",
  "runner.published": "the result is published; the attempt's record does not say so",
  "runner.finished": "the attempt's record says finished; the journal still has it",
  "engine.finished-received": "the engine has the result; nothing is decided",
  "engine.finished-saved": "the last step is in the log; the reply is not published",
  "engine.finished-applied": "the reply is published; the result is not acknowledged",
  "engine.passed": "somebody is in a gate's record, or out of it; the step that asked for it does not know",
  "engine.telling": "a gate's record says how somebody fares; the run is not told",
  "engine.pressed": "what a press asks of a run is published; the press is not acknowledged",
  "engine.revoked": "reworded words took the unclaimed attempt; the run of the old words is not over",
  "engine.superseded": "the run of the old words is over without a word; that of the new ones is not begun",
  "engine.lost-saved": "a lost attempt is in the log; its successor is not requested",
  "gateway.sending": "the receipt says sending; the platform was not called",
  "gateway.sent-unrecorded": "the platform has the reply; the receipt does not say so",
  "gateway.recorded": "the receipt says sent; the send is not acknowledged",
  "pack.obtained": "a pack lies on the disk; nothing of it is stored",
  "pack.stored": "a pack version is stored; it is not on record",
  "pack.recorded": "it is on record; what answered before it still answers",
} as const;

export type CrashPoint = keyof typeof crashPoints;

/** Does nothing, unless BELLHOP_CRASH names this point: then -9 here. The form is `point[:nth][@pid]`: at the nth time this process gets
 *  here (default 1), kill that pid (default: this process). BELLHOP_CRASH_LOG names a file that then gets one line, so that a test can
 *  tell a point that was hit from one that was never reached. */
export function point(name: CrashPoint): void {
  if (armed === undefined || armed.name !== name) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  const { pid } = armed;
  armed = undefined;
  const witness = process.env.BELLHOP_CRASH_LOG;
  if (witness !== undefined) appendFileSync(witness, `${name} ${pid}\n`);
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

let armed = parse(process.env.BELLHOP_CRASH);

function parse(text: string | undefined): { name: string; left: number; pid: number } | undefined {
  const match = /^([\w.-]+)(?::(\d+))?(?:@(\d+))?$/.exec(text ?? "");
  if (match === null) return undefined;
  return { name: match[1] ?? "", left: Number(match[2] ?? 1), pid: Number(match[3] ?? process.pid) };
}
