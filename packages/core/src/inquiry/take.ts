import { problem, type ActionDefinition, type Inquiry, type Problem, type Run, type RunAsked } from "@bellhop/contracts";
import { mayAnswer } from "../access/may-answer.ts";
import type { Policy } from "../access/may-run.ts";
import type { Room } from "../access/who.ts";
import { readInput } from "../run/input.ts";
import { askedFields, isOpen } from "./fields.ts";

/** What an answer comes to before the run decides whether it is the first. `secrets` names what of the response has to be sealed. */
export type Taken =
  | { kind: "taken"; task: string; attempt: number; response: Record<string, unknown>; secrets: string[] }
  | { kind: "refused"; problem: Problem };

type Ask = Extract<RunAsked, { kind: "answer" }>;

/** Whether somebody may answer, and whether what they say can be the answer: texts are cast to what the fields are, defaults filled in, the whole checked. */
export function takeAnswer(policy: Policy, run: Run, { task: named, attempt, response, asker, replyTo }: Ask): Taken {
  const found = askedOf(run, named);
  if (found.kind === "refused") return found;
  const { task, inquiry } = found;
  const room: Room = {
    platform: replyTo.platform,
    channel: replyTo.channel,
    ...(replyTo.space === undefined ? {} : { space: replyTo.space }),
  };
  const access = mayAnswer(policy, asker, { run, inquiry, room });
  if (access.kind === "no") return { kind: "refused", problem: access.problem };
  const read = readResponse(inquiry, { action: found.action, response });
  if (read.kind === "refused") return read;
  return { ...read, kind: "taken", task, attempt: attempt ?? found.attempt };
}

/** Whether a response is an answer to what is asked: cast, complete with defaults, and checked. */
export function readResponse(
  inquiry: Pick<Inquiry, "schema">,
  { action, response }: { action: string; response: Readonly<Record<string, unknown>> },
): { kind: "ok"; response: Record<string, unknown>; secrets: string[] } | { kind: "refused"; problem: Problem } {
  const read = readInput({ action: definitionOf(inquiry, action), given: closed(inquiry, response) });
  if (read.kind === "refused") return read;
  const more = isOpen(inquiry)
    ? Object.fromEntries(Object.entries(response).filter(([name]) => !Object.hasOwn(askedFields(inquiry), name)))
    : {};
  return { kind: "ok", response: { ...more, ...read.input }, secrets: read.secrets };
}

/** The task that is meant: by its key or its name, else the only one that waits. One that was answered is found by its key alone: the run tells by whom. */
function askedOf(run: Run, named: string | undefined) {
  const asking = Object.entries(run.tasks).flatMap(([task, { asks: inquiry, action, attempt }]) =>
    inquiry === undefined ? [] : [{ kind: "found" as const, task, inquiry, action, attempt }],
  );
  const waiting = asking.filter(({ inquiry }) => inquiry.answered === undefined);
  const found = named === undefined ? waiting : asking.filter(({ task }) => task === named);
  const [first, second] = found;
  if (first === undefined) {
    const over = { kind: "refused" as const, problem: problem("inquiry_over", { why: "It was answered, or its run is over." }) };
    return named === undefined ? { kind: "refused" as const, problem: problem("inquiry_none", { run: run.id }) } : over;
  }
  if (second === undefined) return first;
  return {
    kind: "refused" as const,
    problem: problem("inquiry_several", { run: run.id, tasks: found.map(({ task }) => task).join(", ") }),
  };
}

/** An answer is checked as an action's input is. */
function definitionOf(inquiry: Parameters<typeof askedFields>[0], action: string): ActionDefinition {
  return {
    ref: action,
    pack: "",
    name: "",
    description: "",
    enabled: true,
    // Its defaults are values, not templates.
    kind: "typescript",
    parameters: { ...askedFields(inquiry) },
    repeatable: false,
    pool: "",
    source: { file: "", line: 1, column: 1 },
  };
}

function closed(inquiry: Parameters<typeof askedFields>[0], response: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = askedFields(inquiry);
  return Object.fromEntries(Object.entries(response).filter(([name]) => !isOpen(inquiry) || Object.hasOwn(fields, name)));
}
