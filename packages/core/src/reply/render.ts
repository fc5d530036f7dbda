import { fieldsOf, limits, masked, type Body, type FileRef, type Outcome, type Problem, type Run } from "@bellhop/contracts";
import { fillTemplate } from "../template.ts";
import { readExtra, type Extra } from "./extra.ts";
import { fitted, type KeptText, type Unsaid } from "./fit.ts";
import { stacked } from "./table.ts";
import { replyNames, withMentions, withoutMentions } from "./names.ts";
import { code, codeBlock, wordResult } from "./words.ts";

/** What is said, and the texts that have to be kept before: the body refers to them. */
export interface Rendered {
  body: Body;
  kept: readonly KeptText[];
  /** What of it could not be said. */
  more?: Unsaid;
}

/** Words the final reply of a run.
 *  @param at.output the outcome's output, loaded where it travelled by reference */
export function renderReply(at: { run: Run; outcome: Outcome; output?: unknown }): Rendered {
  const { run, outcome } = at;
  const { tone, cards, native, ...words } = outcome.status === "succeeded" ? success(at) : (failureInWords(at) ?? failure(at));
  // A terminal shows no files.
  const beside = run.replyTo.platform !== "terminal";
  const { text, file, kept, more } = fitted({ ...words, run: run.id, plain: (whole) => withoutMentions(whole, run), beside });
  const made = outcome.files ?? [];
  const lines = [text, ...((run.workflow?.task ?? run.tasks["main"])?.files ?? []).flatMap(unread), ...made.flatMap(unshown)];
  const files = [...(file === undefined ? [] : [file]), ...made.filter(({ object }) => object !== undefined)];
  const shown = { ...(cards === undefined || cards.length === 0 ? {} : { cards }), ...(native === undefined ? {} : { native }) };
  const body: Body = { text: stacked(lines), tone, ...shown, ...(files.length === 0 ? {} : { files }) };
  const kepts = kept === undefined ? [] : [kept];
  return { body: withMentions(body, run, run.reply.format), kept: kepts, ...(more === undefined ? {} : { more }) };
}

/** A problem as chat shows it: what happened, and what to do about it. */
export function renderProblem(problem: Pick<Problem, "message" | "hint">): Body {
  return { text: [problem.message, problem.hint].filter((part) => part !== "").join("\n"), tone: "error" };
}

interface Words {
  text: string;
  /** Where `text` is less than there is to say. */
  whole?: string;
  tone: Body["tone"];
  cards?: Body["cards"];
  native?: Body["native"];
}

function success({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Words {
  // An author who switches the result off hides it; that the work is done is said all the same.
  if (!run.reply.enabled) return { text: done, tone: "ok" };
  const names = replyNames({ run, outcome, output });
  const { format, extra } = run.reply;
  const beside = readExtra({ extra, platform: run.replyTo.platform, names: withoutToken(names, run) });
  // Words that can't be filled are their author's fault, and no reason to hide what came out.
  const said = format === undefined ? undefined : inParts({ format, names, beside });
  if (said !== undefined) return { ...said, tone: "ok" };
  const words = beside.text === undefined ? worded(masked(shownOf(run, output))) : { text: beside.text };
  return { ...words, cards: beside.cards, native: beside.native, tone: "ok" };
}

/** An alias whose words ask how the run ended words its failures itself, as StackStorm has it. What went wrong on our side is said by us. */
function failureInWords({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Words | undefined {
  const { format, enabled, extra } = run.reply;
  if (!enabled || format === undefined || !/execution\s*(?:\.\s*status|\[\s*["']status)/.test(format)) return undefined;
  if (output === undefined || (outcome.status !== "failed" && outcome.status !== "timeout")) return undefined;
  const names = replyNames({ run, outcome, output });
  const beside = readExtra({ extra, platform: run.replyTo.platform, names: withoutToken(names, run), color: "#e01e5a" });
  const said = inParts({ format, names, beside });
  return said === undefined ? undefined : { ...said, text: stacked([said.text, `Run \`${run.id}\``]), tone: "error" };
}

/** What stands before `{~}` is said, and what comes after it is set apart, where both are short enough for that. */
function inParts(at: { format: string; names: Record<string, unknown>; beside: Extra }): Omit<Words, "tone"> | undefined {
  const filled = fillTemplate(at.format, at.names, "empty");
  if (filled.kind === "fault") return undefined;
  const [before = "", after = ""] = filled.text.split("{~}").map((part) => part.trim());
  const { cards, native, text = "" } = at.beside;
  const apart = before !== "" && after !== "" && after.length <= longestApart && native === undefined && !("text" in (cards[0] ?? {}));
  if (apart) return { text: before, cards: [{ ...cards[0], text: after }, ...cards.slice(1)] };
  const said = [before, after].filter((part) => part !== "").join("\n");
  return { text: said || text || done, cards, native };
}

/** Longer ones are read on in, which cards can't be. */
const longestApart = 2_000;

/** Cards call nobody: in them who asked is named. */
function withoutToken(names: Record<string, unknown>, run: Run): Record<string, unknown> {
  const { asker } = names;
  return { ...names, asker: { ...(typeof asker === "object" ? asker : {}), mention: run.asker.name ?? run.asker.id } };
}

/** Of a workflow's result people see its output: its errors are for templates. */
function shownOf(run: Run, output: unknown): unknown {
  const { workflow } = run;
  return workflow === undefined || typeof output !== "object" || output === null || !("output" in output) ? output : output.output;
}

const done = "Done.";

/** People read so many rows of a table in a chat. */
const rowsShown = 50;

function worded(result: unknown): Pick<Words, "text" | "whole"> {
  const whole = wordResult(result).trim();
  if (whole === "") return { text: done };
  const text = wordResult(result, rowsShown).trim();
  return text === whole ? { text } : { text, whole };
}

function failure({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Words {
  const canceled = outcome.status === "canceled";
  const what = outcome.problem?.message ?? (canceled ? `${run.action} was canceled.` : `${run.action} failed (${outcome.status}).`);
  const streams = failedStreams(output);
  const parts = [what, ...streams, outcome.problem?.hint ?? "", `Run \`${run.id}\``];
  return { text: stacked(parts), tone: canceled ? "warn" : "error" };
}

/** What a failed command wrote, the end of it, since that is where it says why. */
function failedStreams(output: unknown): string[] {
  const { stdout, stderr } = fieldsOf(output);
  return [stdout, stderr]
    .filter((stream): stream is string => typeof stream === "string" && stream.trim() !== "")
    .map((stream) => codeBlock(stream.length > 2_000 ? `…${stream.slice(-2_000)}` : stream));
}

/** A file that came with the command and that the action did not get. */
function unread({ name, lost }: FileRef): string[] {
  return lost === undefined ? [] : [`The action did not get ${code(name)}: ${lostWords[lost]}.`];
}

/** A file that the action made and that can't be shown. */
function unshown({ name, lost }: FileRef): string[] {
  return lost === undefined ? [] : [`${code(name)} can't be shown: ${lostWords[lost]}.`];
}

const lostWords: Readonly<Record<NonNullable<FileRef["lost"]>, string>> = {
  too_large: `over ${limits.file / 1024 / 1024} MB`,
  too_many: "too many at once",
  unreadable: "it could not be read",
};
