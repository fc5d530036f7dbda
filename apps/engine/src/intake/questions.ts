import type { Bus } from "@bellhop/bus";
import { buckets, questionKey, type Message, type Question } from "@bellhop/contracts";

/** What people were asked and have not answered: docs/decisions/0037. */
export interface Questions {
  /** What the author of a message was asked where they said it. */
  of(message: Pick<Message, "replyTo" | "author" | "conversation">): Question | undefined;
  /** {@link keepQuestion} */
  keep(question: Question): Promise<void>;
  /** Resolves when all that was written down before is known. */
  ready: Promise<void>;
  stop(): void;
}

/** Follows the questions, and has what it wrote itself at once. */
export function followQuestions(bus: Bus): Questions {
  const bucket = bus.bucket(buckets.question);
  const known = new Map<string, { question: Question; revision: number }>();
  const ready = Promise.withResolvers<void>();
  const learn = (key: string, question: Question, revision: number) => {
    if ((known.get(key)?.revision ?? -1) < revision) known.set(key, { question, revision });
  };
  const watch = bucket.watch(
    ">",
    ({ key, value, revision }) => {
      if (value === undefined) known.delete(key);
      else learn(key, value, revision);
    },
    { onReady: () => ready.resolve() },
  );
  return {
    of({ replyTo, author, conversation }) {
      const question = known.get(questionKey(replyTo, { asker: author.id, direct: conversation.kind === "direct" }))?.question;
      return question?.over === undefined ? question : undefined;
    },
    async keep(question) {
      const kept = await keepQuestion(bus, question);
      if (kept !== undefined) learn(keyOf(question), question, kept);
    },
    ready: ready.promise,
    stop: () => watch.stop(),
  };
}

/** Writes one down, or its end. A later one is never written over by an earlier one, and what is over is never asked again.
 *  @returns the revision; undefined where what stands is newer, or the same */
export async function keepQuestion(bus: Bus, question: Question): Promise<number | undefined> {
  const bucket = bus.bucket(buckets.question);
  for (;;) {
    const entry = await bucket.get(keyOf(question));
    const { value } = entry ?? {};
    const isNewer =
      value?.key === question.key ? value.over !== undefined || question.over === undefined : (value?.askedAt ?? "") > question.askedAt;
    if (isNewer) return undefined;
    const written =
      entry === undefined ? await bucket.create(keyOf(question), question) : await bucket.update(keyOf(question), question, entry.revision);
    if (written !== undefined) return written;
  }
}

/** What stands where this question was asked. */
export async function standingQuestion(bus: Bus, question: Question): Promise<Question | undefined> {
  return (await bus.bucket(buckets.question).get(keyOf(question)))?.value;
}

function keyOf({ to, asker, direct }: Question): string {
  return questionKey(to, { asker: asker.id, direct });
}
