import type { Delivery } from "@bellhop/bus";
import { spans, type Message, type Problem, type Question } from "@bellhop/contracts";
import { renderProblem } from "@bellhop/core";
import { point } from "@bellhop/service";
import { answer } from "./intake/answer.ts";
import { begin } from "./intake/begin.ts";
import type { Engine } from "./engine.ts";
import { firstOfAnswer } from "./intake/planned.ts";
import { logOf } from "./intake/wordings.ts";

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

/** A message becomes a run, or an answer: exactly what the first record of its log says, whoever gets to write it. */
export async function onMessage(engine: Engine, message: Message, delivery: Delivery): Promise<void> {
  point("engine.received");
  const run = logOf({ ...message, original: message });
  const { key, platform, sentAt: askedAt } = message;
  const { storedAt, deliveries } = delivery;
  await engine.telemetry.span(
    () => spans.decide(key),
    { platform, run, deliveries },
    () => engine.book.open(run, () => begin(engine, { message, run, askedAt, storedAt, question: questionOf(engine, message) }), points),
  );
}

/** What is said by a schedule answers nothing. */
function questionOf({ questions }: Engine, message: Message): Question | undefined {
  return message.schedule === undefined ? questions.of(message) : undefined;
}

/** A message that no handler survived still gets an answer, before it goes to the dead letters. */
export async function onDeadMessage(engine: Engine, message: Message, problem: Problem): Promise<void> {
  const { key, replyTo: to, sentAt: askedAt } = message;
  const command = answer({ key, to, body: renderProblem(problem), outcome: "failed" });
  const run = logOf({ ...message, original: message });
  await engine.book.open(run, async () => firstOfAnswer(engine, { key, askedAt, verdict: "answered", commands: [command] }));
}
