import { hash, masked, problem, type Address, type Body, type Outcome, type Press, type Run, type Send } from "@bellhop/contracts";
import { bytesOf, type KeptText } from "./fit.ts";
import { renderProblem, renderReply } from "./render.ts";
import { tasksEnded } from "./tasks.ts";

/** Results above this many bytes of JSON stay out of a reply: state, text and result share one log record. */
const inlineResult = 8 * 1024;

/** The last word on what was asked, and the texts that have to be kept before it is stored. */
export function finalReply(at: { run: Run; outcome: Outcome; output?: unknown }): {
  send: Send;
  kept: readonly KeptText[];
  /** What its buttons mean. */
  press?: Press;
} {
  const { run, outcome, output } = at;
  const { body: answer, kept, more } = renderReply(at);
  const { text: tasks, button } = tasksEnded(run);
  // Who reads on sees the tasks where the answer begins.
  const body: Body = {
    ...answer,
    ...(tasks === "" || !run.reply.enabled ? {} : { text: `${answer.text}\n\n${tasks}` }),
    ...(button === undefined ? {} : { choices: button.choices }),
  };
  const json = output === undefined ? undefined : JSON.stringify(output);
  const send: Send = {
    ...replySend(run, body),
    final: true,
    outcome: outcome.status === "succeeded" ? "ok" : "failed",
    ...(more === undefined ? {} : { more: { ...more, reader: run.asker.id, at: run.endedAt ?? run.askedAt } }),
    ...(json === undefined || bytesOf(json) > inlineResult ? {} : { result: masked(output) }),
  };
  return { send, kept, ...(button === undefined ? {} : { press: button.press }) };
}

/** The next wording of a run's reply. */
export function replySend(run: Run, body: Body): Omit<Send, "final"> {
  const { key, revision } = standingReply(run);
  return { ...about(run, key, body), ...alone(run), revision: revision + 1 };
}

/** A reply that another may take the place of, with the last revision that was said of it: 0 where nothing stands yet. */
export interface StandingReply {
  key: string;
  revision: number;
  to: Address;
  answers: string;
  /** Who alone may see it. */
  only?: string;
  /** It says only that we are at it, so it must not be what is left. */
  waits: boolean;
}

/** Where a live run's reply stands. */
export function standingReply(run: Run): StandingReply {
  const { key, revision } = run.reworded ?? { key: `${run.id}/reply`, revision: 0 };
  const acknowledged = run.acknowledged === "message";
  const waits = acknowledged || run.shown !== undefined;
  return { key, revision: revision + (acknowledged ? 1 : 0), to: run.replyTo, answers: run.answers, ...alone(run), waits };
}

/** What becomes of a reply that said we were at it, where no answer will take its place. */
export function setAside({ key, revision, to, answers, only }: StandingReply, { final }: { final: boolean }): Send {
  const body: Body = { text: "The command was reworded or taken back before it ran.", tone: "info" };
  return { ...sendTo(to, key, body), revision: revision + 1, ...(only === undefined ? {} : { only }), answers, final };
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

/** For whom no reply is kept until the run is over. */
export function cancelUnderway(run: Run, cancel: { replyTo: Address; answers: string }): Send {
  const body: Body = { text: `${run.action} is being canceled, run \`${run.id}\`.`, tone: "info" };
  return { ...cancelSend(run.id, cancel, body), outcome: "ok" };
}

export function cancelUnknown(run: string, cancel: { replyTo: Address; answers: string }): Send {
  return { ...cancelSend(run, cancel, renderProblem(problem("run_unknown", { run }))), outcome: "refused" };
}

/** What somebody hears who asked to pause a run or to have it go on. */
export function pauseReply(run: Run, asked: { kind: "pause" | "resume"; replyTo: Address; answers: string }): Send {
  const text =
    asked.kind === "pause"
      ? `${run.action} pauses: what is at work ends, nothing else begins (run \`${run.id}\`). \`resume\` has it go on.`
      : `${run.action} goes on, run \`${run.id}\`.`;
  return { ...pauseSend(run, asked, { text, tone: "ok" }), outcome: "ok" };
}

/** @param why what keeps it from being done, where it is a workflow */
export function pauseRefused(run: Run, asked: { kind: "pause" | "resume"; replyTo: Address; answers: string }, why?: string): Send {
  const over = run.endedAt !== undefined;
  const refusal = over
    ? problem("run_over", { run: run.id, status: run.status })
    : problem("run_not_paused", { run: run.id, action: run.action, asked: asked.kind, why: why ?? "it is no workflow" });
  return { ...pauseSend(run, asked, renderProblem(refusal)), outcome: "refused" };
}

function pauseSend(run: Run, { kind, replyTo, answers }: { kind: string; replyTo: Address; answers: string }, body: Body): Send {
  const key = `${run.id}/${kind}/${hash(answers).slice(0, 24)}`;
  return { ...sendTo(replyTo, key, body), answers, run: run.id, final: true };
}

/** Tells that a runner went away in the middle of work that can't be repeated, and how long its result is waited for. */
export function lostNotice(run: Run, attempt: number, waitMs: number): Send {
  const text = `The runner of ${run.action} was lost after it had started (run \`${run.id}\`). Its result is waited for, ${lengthOf(waitMs)} at most; it is not started again.`;
  return notice(run, `lost-${attempt}`, text);
}

export function unclaimedNotice(run: Run, { pool, runners }: { pool: string; runners: number }): Send {
  const why = runners === 0 ? `No runner works for pool ${pool} now` : `The runners of pool ${pool} are all at work, and others came first`;
  return notice(run, "unclaimed", `${why}: this waits in the queue (run \`${run.id}\`). \`cancel\` takes it out.`);
}

/** Tells that a run waits for what policies say. */
export function delayedNotice(run: Run, { why, place }: { why: string; place: number }): Send {
  const line = place === 1 ? "It is the next" : `It is number ${place} in line`;
  return notice(run, "delayed", `${run.action} waits: ${why}. ${line} (run \`${run.id}\`); \`cancel\` takes it out.`);
}

/** Tells that a run can't be handed out yet. */
export function fullNotice(run: Run, pool: string): Send {
  return notice(
    run,
    "full",
    `So much waits for the runners of pool ${pool} that this has to wait for a place in the queue (run \`${run.id}\`).`,
  );
}

function notice(run: Run, name: string, text: string): Send {
  return { ...about(run, `${run.id}/notice/${name}`, { text, tone: "warn" }), ...alone(run), final: false };
}

/** Something said or shown about a run, where its reply goes. */
export function about(run: Run, key: string, body: Body): Omit<Send, "final"> {
  return { ...sendTo(run.replyTo, key, body), answers: run.answers, askedAt: run.askedAt, run: run.id };
}

/** Who alone may see what is said of a run. */
export function alone(run: Run): { only?: string } {
  return run.reply.whisper === true ? { only: run.asker.id } : {};
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
