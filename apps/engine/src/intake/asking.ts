import type { Command, Question, Timer } from "@bellhop/contracts";
import { lateWords } from "@bellhop/core";
import { answer } from "./answer.ts";
import { apply } from "../runs/apply.ts";
import type { Engine } from "../engine.ts";
import { standingQuestion } from "./questions.ts";

/** What asks a question: it is written down before anybody can answer it.
 *  @param at.before the question that it takes the place of */
export function asking(engine: Engine, at: { question: Question; before: Question | undefined }): Command[] {
  const { question, before } = at;
  const due = Date.parse(question.askedAt) + engine.durations.question;
  return [
    { kind: "question", question },
    { kind: "timer", timer: { ...timerOf(question), due } },
    ...(before === undefined ? [] : [{ kind: "clear-timer" as const, timer: { ...timerOf(before), due: 0 } }]),
  ];
}

/** What ends a question. Its input is not needed any more. */
export function ending(question: Question): Command[] {
  return [
    { kind: "question", question: over(question, "ended") },
    { kind: "clear-timer", timer: { ...timerOf(question), due: 0 } },
  ];
}

export const questionTimer = "question";

/** Nobody answered: the question ends, and who was asked is told, as often as this is repeated in the same words. */
export async function endLate(
  engine: Pick<Engine, "bus"> & { questions: Pick<Engine["questions"], "keep"> },
  { run }: Pick<Timer, "run">,
): Promise<void> {
  const asked = (await engine.bus.log.first(run))?.record.commands.find((command) => command.kind === "question");
  if (asked?.kind !== "question") return;
  const { question } = asked;
  const stands = await standingQuestion(engine.bus, question);
  if (stands?.key !== question.key || stands.over === "ended") return;
  await engine.questions.keep(over(question, "late"));
  // Who sat at a prompt sees that it still waits, or has left it.
  if (question.to.platform !== "terminal") {
    const body = { text: lateWords(question), tone: "warn" } as const;
    await apply(engine.bus, [answer({ key: `${question.key}/late`, to: question.to, body, outcome: "refused" })]);
  }
}

function over(question: Question, how: NonNullable<Question["over"]>): Question {
  return { ...question, input: {}, over: how };
}

function timerOf({ run }: Question): Omit<Timer, "due"> {
  return { v: 1, run, name: questionTimer };
}
