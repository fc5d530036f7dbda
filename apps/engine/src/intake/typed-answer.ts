import { buckets, type Message, type Meaning, type Press, type RunAsked } from "@bellhop/contracts";
import { askFor, pairsOf, readTyped, renderProblem, typedAnswer, wordsOf, type Typed } from "@bellhop/core";
import { answer } from "./answer.ts";
import type { Engine } from "../engine.ts";
import { fingerprintOf, firstOfAnswer } from "./planned.ts";
import type { First } from "../runs/run-book.ts";

/** What words lead to that do what could be pressed as well: an ask of the run, which answers them. Undefined where they are no such words.
 *  @param at.askedAt when they were written, ISO 8601 */
export async function typedAnswerOf(
  engine: Engine,
  { message, askedAt }: { message: Message; askedAt: string },
): Promise<First | undefined> {
  const typed = typedAnswer(wordsOf(message));
  if (typed === undefined) return undefined;
  const { key, replyTo, author: by } = message;
  const words = fingerprintOf(engine, message);
  const pass = (meaning: Meaning, given: Record<string, string>): First => {
    const ask = sealedIn(engine, askFor(meaning, { key, by, replyTo, at: askedAt, given, pressed: false }));
    return firstOfAnswer(engine, { key, askedAt, words, verdict: "passed-on", commands: [{ kind: "ask", ask }] });
  };
  if (typed.kind === "run") {
    const { run, task, rest } = typed;
    const ask = { v: 2, kind: "answer", key, run, ...(task === undefined ? {} : { task }), asker: by, replyTo, askedAt } as const;
    const commands = [{ kind: "ask", ask: sealedIn(engine, { ...ask, response: pairsOf(rest) }) }] as const;
    return firstOfAnswer(engine, { key, askedAt, words, verdict: "passed-on", commands: [...commands] });
  }
  const read = readTyped(typed, await pressesOf(engine, typed, message));
  switch (read.kind) {
    case "none":
      return undefined;
    case "means":
      return pass(read.meaning, read.response);
    case "refused": {
      const command = answer({ key, to: replyTo, body: renderProblem(read.problem), outcome: "refused", askedAt });
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "refused", commands: [command] });
    }
  }
}

/** Those whose ids begin so: of this conversation, where there are any. */
async function pressesOf(engine: Engine, { id }: Extract<Typed, { kind: "press" }>, message: Message): Promise<Press[]> {
  const entries = await engine.bus.bucket(buckets.press).entries(`${id.slice(0, 4)}.*`);
  const named = entries.map(({ value }) => value).filter((press) => press.id.startsWith(id));
  const { platform, account, conversation } = message;
  const here = named.filter(({ to, also = [] }) =>
    [to, ...also].some((room) => room.platform === platform && room.account === account && room.channel === conversation.channel),
  );
  return here.length > 0 ? here : named;
}

/** Which of them is a secret is known to the run alone, and this is kept. */
function sealedIn(engine: Engine, ask: RunAsked): RunAsked {
  if (ask.kind !== "answer") return ask;
  return { ...ask, response: Object.fromEntries(Object.entries(ask.response).map(([name, value]) => [name, engine.keyring.seal(value)])) };
}
