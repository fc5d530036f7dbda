import { buckets, isSealed, pressId, pressKey, problem, type Problem, type RunAsked } from "@bellhop/contracts";
import { renderProblem, takeAnswer } from "@bellhop/core";
import { answer } from "./answer.ts";
import { apply } from "../runs/apply.ts";
import type { Engine } from "../engine.ts";
import type { StepPoints } from "../runs/run-book.ts";

type Ask = Extract<RunAsked, { kind: "answer" }>;

/** Somebody answers what a run asks. Who may, and whether it can be the answer, is decided here; whether it is the first, by the run's log. */
export async function answerInquiry(engine: Engine, given: Ask, points: StepPoints): Promise<void> {
  const { book, knowledge, keyring } = engine;
  const opened = Object.entries(given.response).map(([name, value]) => [name, isSealed(value) ? keyring.open(value) : value]);
  const ask: Ask = { ...given, response: Object.fromEntries(opened) };
  const { run: id, key, asker: by, replyTo, askedAt, pressed = false } = ask;
  const run = await book.find(id);
  if (run === undefined) return refuse(engine, ask, await withReason(engine, ask, problem("run_unknown", { run: id })));
  // One that was taken already was let through then, and only owes what it led to.
  if (run.applied.includes(key)) return;
  const taken = takeAnswer(knowledge.policy(), run, ask);
  if (taken.kind === "refused") return refuse(engine, ask, await withReason(engine, ask, taken.problem));
  const { task, attempt, response, secrets } = taken;
  const sealed = Object.entries(response).map(([name, value]) => [name, secrets.includes(name) ? keyring.seal(value) : value]);
  const answered = { task, attempt, response: Object.fromEntries(sealed), by, replyTo, answers: key, pressed };
  await book.step(id, { kind: "answered", id: key, at: askedAt, ...answered }, points);
}

/** The task may have left the run, or the run its log: what was written down when it ended says who answered. */
async function withReason(engine: Engine, { run, task, attempt = 1 }: Ask, reason: Problem): Promise<Problem> {
  if ((reason.code !== "inquiry_over" && reason.code !== "run_unknown") || task === undefined) return reason;
  const press = await engine.bus.bucket(buckets.press).get(pressKey(pressId(`${run}/${task}/${attempt}`)));
  const why = press?.value.over;
  return why === undefined ? reason : problem("inquiry_over", { why });
}

/** Needs no record: the same send, however often it is said. Whoever pressed hears it alone. */
export async function refuse(engine: Engine, { key, replyTo: to, asker, pressed, run }: Ask, reason: Problem): Promise<void> {
  const only = pressed === true ? asker.id : undefined;
  await apply(engine.bus, [
    answer({ key, to, body: renderProblem(reason), outcome: "refused", run, ...(only === undefined ? {} : { only }) }),
  ]);
}
