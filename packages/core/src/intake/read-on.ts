import { problem, type Body, type Bookmark, type Continuation, type Message, type Run, type Send } from "@bellhop/contracts";
import { maySee, type Policy } from "../access/may-run.ts";
import { renderProblem } from "../reply/render.ts";

/** What is known of an answer that somebody wants to read on in. */
export interface Readable {
  /** Where they are in what they read last here. */
  bookmark?: Bookmark;
  /** The run that they named, as its log has it, and its reply. */
  logged?: { run: Run; reply?: Send };
}

type ReadingOn =
  | { kind: "page"; more: Continuation; run?: string; only: boolean }
  | { kind: "answer"; body: Body; outcome: "ok" | "refused" };

/** Where the next page begins that a person asked for.
 *  @param at.named the run as they named it */
export function readOn(at: { policy: Policy; message: Message; named?: string } & Readable): ReadingOn {
  const { named, bookmark, logged } = at;
  const run = named?.toUpperCase();
  if (run === undefined || bookmark?.run === run || (bookmark?.run?.endsWith(run) === true && logged === undefined)) {
    if (bookmark === undefined) return refused("There is nothing to read on here. `more RUN` goes on with the answer of that run.");
    const { more, only = false } = bookmark;
    return page(more, { run: bookmark.run, only });
  }
  if (logged === undefined || !mayReadOn(at, logged)) return { kind: "answer", ...unknown(named ?? "") };
  const { reply } = logged;
  if (reply === undefined) return refused(`Run \`${logged.run.id}\` has no answer yet.`);
  if (reply.more === undefined) return refused(`The answer of run \`${logged.run.id}\` was said whole.`);
  return page(reply.more, { run: logged.run.id, only: reply.only !== undefined });
}

/** Who asked, owners, and those before whom it was said aloud. */
function mayReadOn({ policy, message }: { policy: Policy; message: Message }, { run, reply }: NonNullable<Readable["logged"]>): boolean {
  if (maySee(policy, message.author, run)) return true;
  const { platform, account, space, channel } = run.replyTo;
  const here = message.replyTo;
  return (
    reply !== undefined &&
    reply.only === undefined &&
    platform === here.platform &&
    account === here.account &&
    space === here.space &&
    channel === here.channel
  );
}

function page(more: Continuation, at: { run: string | undefined; only: boolean }): ReadingOn {
  const { run, only } = at;
  if (more.left === 0) return { kind: "answer", body: { text: "That was all of it.", tone: "info" }, outcome: "ok" };
  return { kind: "page", more, only, ...(run === undefined ? {} : { run }) };
}

function refused(text: string): ReadingOn {
  return { kind: "answer", body: { text, tone: "info" }, outcome: "refused" };
}

/** Nobody learns of runs that they may not see. */
function unknown(run: string): { body: Body; outcome: "refused" } {
  return { body: renderProblem(problem("run_unknown", { run })), outcome: "refused" };
}
