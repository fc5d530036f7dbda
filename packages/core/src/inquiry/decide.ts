import {
  problem,
  type Address,
  type Command,
  type Inquiry,
  type Outcome,
  type Person,
  type Run,
  type Send,
  type Task,
  type Timer,
} from "@bellhop/contracts";
import { renderProblem } from "../reply/render.ts";
import { say } from "../run/ending.ts";
import { answeredWords, answerWords, askingOf, cardsOf, closedCards, lengthOf, nameOf, type Asking } from "./card.ts";

/** An answer that is complete and was let through, and who waits to hear of it. */
export interface Answered {
  readonly task: string;
  readonly attempt: number;
  /** Secrets sealed. */
  readonly response: Readonly<Record<string, unknown>>;
  readonly by: Person;
  readonly replyTo: Address;
  /** Key of the press or ask. */
  readonly answers: string;
  /** What comes of it is seen at the card. */
  readonly pressed: boolean;
  readonly at: string;
}

/** What an event does to a run's inquiries: the tasks that changed, if any, and what is to be done. */
export interface Inquired {
  readonly tasks?: Readonly<Record<string, Task>>;
  readonly commands: Command[];
}

/** Asks people: what a task that `asks` does instead of being handed out. */
export function ask(run: Run, key: string, task: Task, at: string): Command[] {
  const asking = mustAsk(run, key, task);
  const { sends, press } = cardsOf(asking, at);
  const { ttl } = asking.inquiry;
  const timer = timerOf(asking, Date.parse(at) + ttl * 60_000);
  return [{ kind: "press", press }, ...sends.map(say), ...(ttl === 0 ? [] : [{ kind: "timer", timer } as const])];
}

/** The first answer counts. Whoever comes later is told who was first. */
export function answer(run: Run, answered: Answered): Inquired {
  const { task: key, attempt, response, by, at, pressed } = answered;
  const found = waiting(run, key, attempt);
  if (found === undefined) {
    const before = run.tasks[key]?.asks?.answered;
    const why = before === undefined ? "It was answered, or its run is over." : overWords(before);
    return { commands: [told(run, answered, { refused: why })] };
  }
  const { task, asking } = found;
  const words = answerWords(asking, response);
  const settled: Task = { ...task, waits: "result", asks: { ...asking.inquiry, answered: { by, words, at } } };
  const closed = { ...asking, inquiry: settled.asks ?? asking.inquiry };
  const outcome: Outcome = { status: "succeeded", output: { inline: { ...factsOf(asking), response } } };
  return {
    tasks: { ...run.tasks, [key]: settled },
    commands: [...close(closed), ...(pressed ? [] : [told(run, answered, { words })]), finish(asking, outcome)],
  };
}

/** Nobody answered in time. Undefined where the timer is none of an inquiry. */
export function expire(run: Run, name: string): Inquired | undefined {
  const [, key = "", attempt = ""] = /^inquiry\/(.+)\/(\d+)$/.exec(name) ?? [];
  if (key === "") return undefined;
  const found = waiting(run, key, Number(attempt));
  if (found === undefined) return { commands: [] };
  const { task, asking } = found;
  const { ttl } = asking.inquiry;
  const late = problem("inquiry_late", { action: task.action, time: lengthOf(ttl) });
  const outcome: Outcome = { status: "timeout", output: { inline: factsOf(asking) }, problem: late.data };
  return {
    tasks: { ...run.tasks, [key]: { ...task, waits: "result" } },
    commands: [...close(asking, `Nobody answered in ${lengthOf(ttl)}.`), finish(asking, outcome)],
  };
}

/** What becomes of the card where its task ends without an answer. */
export function withdraw(run: Run, key: string, task: Task): Command[] {
  const asking = askingOf(run, key, task);
  if (asking === undefined || asking.inquiry.answered !== undefined) return [];
  return close(asking, "It is not asked any more: its run was ended.");
}

/** What of a run still waits for people. */
function waiting(run: Run, key: string, attempt: number): { task: Task; asking: Asking } | undefined {
  const task = run.tasks[key];
  if (task?.attempt !== attempt || task.waits === "result" || run.status === "canceling" || run.endedAt !== undefined) return undefined;
  const asking = askingOf(run, key, task);
  return asking && { task, asking };
}

/** Why nothing can be answered any more. */
function overWords(answered: NonNullable<Inquiry["answered"]>): string {
  return answeredWords(answered, nameOf(answered.by));
}

function close(asking: Asking, why = ""): Command[] {
  const { sends, press } = closedCards(asking, why);
  return [{ kind: "press", press }, ...sends.map(say), { kind: "clear-timer", timer: timerOf(asking, 0) }];
}

function finish({ run, task, attempt }: Asking, outcome: Outcome): Command {
  return { kind: "finish", finished: { v: 1, run: run.id, task, attempt, runner: "", outcome } };
}

/** What came of an answer, for who gave it in words; a press is told only where it counts for nothing, and alone. */
function told(run: Run, { answers, replyTo: to, by, pressed }: Answered, outcome: { words: string } | { refused: string }): Command {
  const { platform, account } = to;
  const body =
    "words" in outcome
      ? ({ text: `Answered: ${outcome.words}.`, tone: "ok" } as const)
      : renderProblem(problem("inquiry_over", { why: outcome.refused }));
  const send: Send = {
    v: 1,
    key: `${answers}/answer`,
    revision: 1,
    platform,
    account,
    to,
    body,
    ...(pressed ? { only: by.id } : {}),
    answers,
    run: run.id,
    final: true,
    outcome: "words" in outcome ? "ok" : "refused",
  };
  return { kind: "send", send };
}

/** StackStorm's names. */
function factsOf({ inquiry: { schema, roles, users, route, ttl } }: Asking): Record<string, unknown> {
  return { schema, roles, users, route, ttl };
}

function timerOf({ run, task, attempt }: Asking, due: number): Timer {
  return { v: 1, run: run.id, name: `inquiry/${task}/${attempt}`, due };
}

function mustAsk(run: Run, key: string, task: Task): Asking {
  const asking = askingOf(run, key, task);
  if (asking === undefined) throw new Error(`task ${key} of run ${run.id} asks nothing`);
  return asking;
}
