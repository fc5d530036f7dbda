import type { MessageReacted, Run } from "@bellhop/contracts";
import { asksToCancel, isOver, mayCancel } from "@bellhop/core";
import type { Engine } from "./engine.ts";
import { wordingsOf } from "./intake/wordings.ts";

/** A reaction may cancel the run of the message it was put on. Whoever may not hears nothing: reactions are for people. */
export async function onMessageReacted(engine: Engine, reacted: MessageReacted): Promise<void> {
  if (!asksToCancel(reacted)) return;
  const { run, runs = [] } = (await wordingsOf(engine, reacted)).last ?? {};
  for (const { id } of runs) await cancel(engine, reacted, await engine.book.find(id));
  await cancel(engine, reacted, run);
}

async function cancel(engine: Engine, reacted: MessageReacted, run: Run | undefined): Promise<void> {
  if (run === undefined || isOver(run.status) || mayCancel(engine.knowledge.policy(), reacted.by, run).kind === "no") return;
  const { replyTo, answers } = run;
  // It asks in no words, so the run's own reply is the answer.
  await engine.book.step(run.id, { kind: "cancel", id: reacted.key, at: reacted.at, asker: reacted.by, replyTo, answers });
}
