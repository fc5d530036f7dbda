import type { OutputChunk, Run, Send } from "@bellhop/contracts";
import { acknowledgementWords } from "./acknowledge.ts";
import { bytesOf } from "./fit.ts";
import { withMentions } from "./names.ts";
import { about, alone, standingReply } from "./send.ts";
import { codeBlock } from "./words.ts";

/** So many revisions of a reply are set apart for what is shown of output: more than any run can use. */
export const wordingsApart = 2_000_000_000;
/** And of these so many for each attempt: its pieces of output are numbered, and limited in all to some millions of characters. */
const wordingsOfAttempt = 100_000_000;

const linesShown = 10;
/** One message on every platform, whatever stands in it, so that rewording it never makes another. */
const bytesShown = 1_200;
const longestLine = 160;
/** Of a line that does not end, so much is kept: what it is going to be shown of. */
const keptOfLine = 2_000;

/** Whether what a run prints may be shown while it works. A whisper can't be reworded everywhere, and a prompt prints the lines by itself. */
export function mayShowOutput({ reply, replyTo, workflow }: Run): boolean {
  return workflow === undefined && reply.live === true && reply.whisper !== true && replyTo.platform !== "terminal";
}

/** The end of what an attempt printed. */
export interface Tail {
  readonly attempt: number;
  /** Of the last piece. */
  readonly seq: number;
  readonly lines: readonly string[];
  /** The line that has not ended yet, of each stream. */
  readonly begun: Readonly<Partial<Record<OutputChunk["stream"], string>>>;
}

export const emptyTail: Tail = { attempt: 0, seq: -1, lines: [], begun: {} };

/** The tail after one more piece. A later attempt begins anew; what comes late or twice changes nothing. */
export function tailed(tail: Tail, { attempt, seq, stream, text }: Pick<OutputChunk, "attempt" | "seq" | "stream" | "text">): Tail {
  if (attempt < tail.attempt || (attempt === tail.attempt && seq <= tail.seq)) return tail;
  const before = attempt > tail.attempt ? emptyTail : tail;
  const pieces = `${before.begun[stream] ?? ""}${text}`.split("\n");
  const last = pieces.pop() ?? "";
  const lines = [...before.lines, ...pieces.slice(-linesShown)].slice(-linesShown);
  return { attempt, seq, lines, begun: { ...before.begun, [stream]: last.slice(-keptOfLine) } };
}

/** The wording of a run's reply that shows what it printed so far, or undefined where there is nothing to see. The same output has the same revision, whoever
 *  gives it. */
export function outputSend(run: Run, tail: Tail): Send | undefined {
  const text = shownOf(tail);
  if (run.shown === undefined || run.endedAt !== undefined || text === "") return undefined;
  const said = run.acknowledged === "message" ? acknowledgementWords(run) : undefined;
  const body = {
    text: [...(said === undefined ? [] : [said]), codeBlock(text), `${run.action} is at work, run \`${run.id}\``].join("\n"),
    tone: "info",
  } as const;
  return {
    ...about(run, standingReply(run).key, said === undefined ? body : withMentions(body, run, run.reply.acknowledgement?.format)),
    ...alone(run),
    revision: run.shown.from + tail.attempt * wordingsOfAttempt + tail.seq + 1,
    passing: true,
    final: false,
  };
}

function shownOf({ lines, begun }: Tail): string {
  const all = [...lines, ...Object.values(begun)].map(readable).filter((line) => line !== "");
  const shown = all.slice(-linesShown);
  while (shown.length > 1 && bytesOf(JSON.stringify(shown.join("\n"))) > bytesShown) shown.shift();
  return shown.join("\n");
}

/** A line as a terminal would leave it: what a carriage return writes over is gone, and so are colours. */
function readable(line: string): string {
  const plain = line.replace(escapes, "").trimEnd();
  const left = plain.slice(plain.lastIndexOf("\r") + 1).replace(controls, "");
  return left.length > longestLine ? `${left.slice(0, longestLine - 1).toWellFormed()}…` : left;
}

// oxlint-disable-next-line no-control-regex -- that is what they are made of
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
