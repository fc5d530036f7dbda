import { hash, problem, type Address, type Body, type Outcome, type Run, type Send } from "@bellhop/contracts";
import { renderProblem, renderReply } from "./render.ts";

/** Results above this many characters of JSON stay out of a reply: state, text and result share one log record. */
const inlineResult = 8 * 1024;

/** The last word on what was asked. */
export function finalReply(at: { run: Run; outcome: Outcome; output?: unknown }): Send {
  const { run, outcome, output } = at;
  const json = output === undefined ? undefined : JSON.stringify(output);
  return {
    ...sendTo(run.replyTo, `${run.id}/reply`, renderReply(at)),
    answers: run.answers,
    run: run.id,
    final: true,
    outcome: outcome.status === "succeeded" ? "ok" : "failed",
    ...(json === undefined || json.length > inlineResult ? {} : { result: output }),
  };
}

/** What a message that asked for a cancel hears once the run is over. Its key comes from that message, so it is one and the same reply
 *  whenever it is decided. */
export function cancelReply(run: Run, cancel: { replyTo: Address; answers: string }): Send {
  const canceled = run.status === "canceled" && (run.cancels ?? []).some((one) => one.answers === cancel.answers);
  const body: Body = canceled
    ? { text: `Canceled ${run.action}, run \`${run.id}\`.`, tone: "ok" }
    : renderProblem(problem("run_over", { run: run.id, status: run.status }));
  return { ...cancelSend(run.id, cancel, body), outcome: canceled ? "ok" : "refused" };
}

export function cancelUnknown(run: string, cancel: { replyTo: Address; answers: string }): Send {
  return { ...cancelSend(run, cancel, renderProblem(problem("run_unknown", { run }))), outcome: "refused" };
}

/** Tells that a runner went away in the middle of work that can't be repeated, and how long its result is waited for. */
export function lostNotice(run: Run, attempt: number, waitMs: number): Send {
  const text = `The runner of ${run.action} was lost after it had started (run \`${run.id}\`). Its result is waited for, ${lengthOf(waitMs)} at most; it is not started again.`;
  return notice(run, `lost-${attempt}`, text);
}

export function unclaimedNotice(run: Run): Send {
  return notice(run, "unclaimed", `No runner has taken this yet; it stays in the queue (run \`${run.id}\`).`);
}

function notice(run: Run, name: string, text: string): Send {
  const send = sendTo(run.replyTo, `${run.id}/notice/${name}`, { text, tone: "warn" });
  return { ...send, answers: run.answers, run: run.id, final: false };
}

function cancelSend(run: string, cancel: { replyTo: Address; answers: string }, body: Body): Send {
  const key = `${run}/cancel/${hash(cancel.answers).slice(0, 24)}`;
  return { ...sendTo(cancel.replyTo, key, body), answers: cancel.answers, run, final: true };
}

function sendTo(to: Address, key: string, body: Body): Omit<Send, "final"> {
  return { v: 1, key, revision: 1, platform: to.platform, account: to.account, to, body };
}

/** A length of time in words: `45 seconds`, `5 minutes`. */
function lengthOf(ms: number): string {
  const [count, unit] = ms >= 120_000 ? [Math.round(ms / 60_000), "minute"] : [Math.max(1, Math.round(ms / 1000)), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
