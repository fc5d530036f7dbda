import type { Press, Run, Send } from "@bellhop/contracts";
import { at as itemAt } from "../workflow/list.ts";
import { stateOf, type TaskState, type WorkflowState } from "../workflow/state.ts";
import { acknowledgementWords } from "./acknowledge.ts";
import { withMentions } from "./names.ts";
import { about, alone, standingReply } from "./send.ts";
import { buttonsOf, mayShowTasks, taskLines } from "./tasks.ts";

/** The wording of a workflow's reply that shows its tasks, and what its buttons mean; undefined where none is to be shown. The same state has the same revision,
 *  whoever gives it. */
export function tasksSend(run: Run): { send: Send; press: Press } | undefined {
  if (run.shown === undefined || run.endedAt !== undefined || !mayShowTasks(run)) return undefined;
  const state = run.workflow && stateOf(run.workflow);
  if (state === undefined) return undefined;
  const said = run.acknowledged === "message" ? acknowledgementWords(run) : undefined;
  const { choices, press } = buttonsOf(run);
  const body = {
    text: [
      ...(said === undefined ? [] : [said]),
      `${run.action} ${statusWords[run.status] ?? "is at work"}, run \`${run.id}\``,
      ...taskLines(state, waitingIn(run, state)),
    ].join("\n"),
    tone: "info",
    choices,
  } as const;
  const send = {
    ...about(run, standingReply(run).key, said === undefined ? body : withMentions(body, run, run.reply.acknowledgement?.format)),
    ...alone(run),
    revision: run.shown.from + run.revision,
    passing: true,
    final: false,
  };
  return { send, press };
}

/** Tasks that stand at a gate; of a list of items, the whole of it. */
function waitingIn({ tasks }: Run, { sequence }: WorkflowState): ReadonlySet<TaskState> {
  const places = Object.entries(tasks).flatMap(([name, { waits }]) => (waits === "gate" ? [Number.parseInt(name, 10)] : []));
  return new Set(places.flatMap((place) => itemAt(sequence, place) ?? []));
}

const statusWords: Readonly<Partial<Record<Run["status"], string>>> = {
  canceling: "is being canceled",
  pausing: "pauses",
  paused: "is paused",
  pending: "waits for an answer",
};
