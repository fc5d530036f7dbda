import { masked, type Body, type Outcome, type Problem, type Run } from "@bellhop/contracts";
import { parseTemplate, renderTemplate } from "../template.ts";
import { codeBlock, wordResult } from "./words.ts";

/** A reply above this many characters is cut, so that a step's record stays small; the whole result stays with the run. */
const longestText = 8_000;

/** Words the final reply of a run.
 *  @param at.output the outcome's output, loaded where it travelled by reference */
export function renderReply(at: { run: Run; outcome: Outcome; output?: unknown }): Body {
  const body = at.outcome.status === "succeeded" ? success(at) : failure(at);
  if (body.text.length <= longestText) return body;
  const cut = Array.from(body.text.slice(0, longestText)).slice(0, -1).join("");
  const fence = (cut.match(/^`{3,}.*$/gm) ?? []).length % 2 === 1 ? "\n```" : "";
  return { ...body, text: `${cut}${fence}\n… ${body.text.length - cut.length} more characters: run \`${at.run.id}\`` };
}

/** A problem as chat shows it: what happened, and what to do about it. */
export function renderProblem(problem: Pick<Problem, "message" | "hint">): Body {
  return { text: [problem.message, problem.hint].filter((part) => part !== "").join("\n"), tone: "error" };
}

function success({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Body {
  // An author who switches the result off hides it; that the work is done is said all the same.
  if (!run.reply.enabled) return { text: done, tone: "ok" };
  const format = run.reply.format;
  const parsed = format === undefined ? undefined : parseTemplate(format);
  const text = parsed?.kind === "ok" ? renderTemplate(parsed.template, replyNames({ run, outcome, output })) : wordResult(masked(output));
  const joined = text
    .split("{~}")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n");
  return { text: joined === "" ? done : joined, tone: "ok" };
}

const done = "Done.";

function failure({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Body {
  const canceled = outcome.status === "canceled";
  const what = outcome.problem?.message ?? (canceled ? `${run.action} was canceled.` : `${run.action} failed (${outcome.status}).`);
  const streams = failedStreams(output);
  const parts = [what, ...streams, outcome.problem?.hint ?? "", `Run \`${run.id}\``];
  return { text: parts.filter((part) => part !== "").join("\n"), tone: canceled ? "warn" : "error" };
}

/** What a failed command wrote, the end of it, since that is where it says why. */
function failedStreams(output: unknown): string[] {
  if (typeof output !== "object" || output === null) return [];
  const { stdout, stderr } = output as { stdout?: unknown; stderr?: unknown };
  return [stdout, stderr]
    .filter((stream): stream is string => typeof stream === "string" && stream.trim() !== "")
    .map((stream) => codeBlock(stream.length > 2_000 ? `…${stream.slice(-2_000)}` : stream));
}

/** StackStorm's names, and `result` for short. */
function replyNames({ run, outcome, output }: { run: Run; outcome: Outcome; output?: unknown }): Record<string, unknown> {
  const result = masked(output);
  const dot = run.action.indexOf(".");
  return {
    result,
    execution: {
      id: run.id,
      status: outcome.status,
      result,
      action: { ref: run.action, pack: run.action.slice(0, dot), name: run.action.slice(dot + 1) },
      parameters: masked(run.tasks["main"]?.input ?? {}),
      start_timestamp: run.askedAt,
      end_timestamp: run.endedAt,
      ...(outcome.ms === undefined ? {} : { elapsed_seconds: outcome.ms / 1000 }),
      context: { user: run.asker.name ?? run.asker.id },
    },
  };
}
