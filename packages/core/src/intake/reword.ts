import { problem, type Message, type MessageEdited, type MessageReacted, type Problem, type Question, type Run } from "@bellhop/contracts";
import { isSame } from "../access/may-run.ts";
import { alone, standingReply, type StandingReply } from "../reply/send.ts";
import { isOver } from "../run/life.ts";

/** What the latest words of a message led to, as their log says it. */
export interface Wording {
  /** When they were written, ISO 8601, by the platform's clock. */
  at: string;
  /** What tells them from others; absent where nothing was kept of them. */
  words?: string;
  /** Absent where they led to no run. */
  run?: Run;
  /** Where they led to several. */
  runs?: readonly { readonly id: string; readonly action: string }[];
  /** What their author was asked and answered with them. */
  question?: Question;
  /** Their answer, where another may take its place: it says nothing that was done. */
  reply?: StandingReply;
}

export type Rewording =
  | { kind: "nothing" }
  /** The words are not there any more, and should they still come, they count for nothing. `reply` still says that we are at it. */
  | { kind: "close"; reply?: StandingReply }
  /** The new words are taken as a message; their answer takes the place of `reply`. */
  | { kind: "take"; reply?: StandingReply }
  /** It depends on whether the run's attempt can be revoked: ask again with what came of that. */
  | { kind: "revoke"; run: Run }
  /** The run ends without a word, then the new words are taken. */
  | { kind: "supersede"; run: Run }
  /** The run is canceled if nobody has begun it. */
  | { kind: "withdraw"; run: Run }
  /** The new words come too late, and whoever wrote them is told. `only`: them alone. */
  | { kind: "refuse"; problem: Problem; only?: string };

/** Decides what an edit leads to: docs/decisions/0009.
 *  @param at.words what tells the new words from others
 *  @param at.last absent where the message never led to anything
 *  @param at.revoked whether the attempt of `last.run` is out of every runner's reach; absent before that was tried
 *  @param at.keptMs how long logs are kept */
export function reword(at: { edited: MessageEdited; words?: string; last?: Wording; revoked?: boolean; keptMs: number }): Rewording {
  const { edited, words, last, revoked, keptMs } = at;
  const { message, author, original } = edited;
  if (last === undefined) {
    if (message === undefined) return { kind: "close" };
    const tooOld = Date.parse(edited.editedAt) - Date.parse(original.sentAt) >= keptMs;
    return tooOld ? { kind: "refuse", problem: problem("edit_old", {}) } : { kind: "take" };
  }
  if (isBefore(edited.editedAt, last.at)) return nothing;
  const { run, reply } = last;
  // A run that gave way ended without a word: the same words again are asked anew.
  if (message !== undefined && words !== undefined && words === last.words && run?.superseded !== true) return nothing;
  if (last.runs !== undefined)
    return message === undefined
      ? nothing
      : { kind: "refuse", problem: problem("edit_late_several", { action: last.runs[0]?.action ?? "" }) };
  if (run === undefined) return message === undefined ? nothing : { kind: "take", reply };
  if (!isSame(run.asker, author)) return nothing;
  if (message === undefined) return withdraw(last);
  if (run.superseded === true) return { kind: "take", reply: standingReply(run) };
  if (isOver(run.status)) return tooLate(run);
  if (revoked === undefined) return { kind: "revoke", run };
  return revoked ? { kind: "supersede", run } : tooLate(run);
}

/** Decides what it leads to that a message is gone. */
export function withdraw(last: Wording | undefined): Extract<Rewording, { kind: "nothing" | "close" | "withdraw" }> {
  const run = last?.run;
  if (last === undefined) return { kind: "close" };
  if (run === undefined) return nothing;
  if (run.superseded === true) return { kind: "close", reply: standingReply(run) };
  return isOver(run.status) ? nothing : { kind: "withdraw", run };
}

/** Whether a reaction asks for the end of a run. Who may is decided as for the word. */
export function asksToCancel({ added, emoji }: Pick<MessageReacted, "added" | "emoji">): boolean {
  // Platforms add a variation selector, or colons around a name.
  return added && cancelEmoji.has(emoji.replaceAll("\uFE0F", "").replace(/^:(.*):$/, "$1"));
}

/** The words of a command, without the prefix that people who are heard anyway write out of habit. */
export function wordsOf(message: Message): string {
  return message.content.text.trim().replace(/^!\s*/, "");
}

const cancelEmoji: ReadonlySet<string> = new Set(["❌", "🛑", "x", "octagonal_sign"]);

const nothing = { kind: "nothing" } as const;

/** Platforms tell of edits in no order. A time that names a second only (Slack's history knows no more) may be anywhere in it. */
function isBefore(one: string, other: string): boolean {
  const [a, b] = [Date.parse(one), Date.parse(other)];
  return a % 1000 === 0 ? a < Math.floor(b / 1000) * 1000 : a < b;
}

function tooLate(run: Run): Rewording {
  const canceled = run.status === "canceled" || run.status === "canceling";
  const state = canceled ? "was canceled" : isOver(run.status) ? "is over" : "has been begun";
  return { kind: "refuse", problem: problem("edit_late", { run: run.id, action: run.action, state }), ...alone(run) };
}
