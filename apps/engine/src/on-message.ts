import type { Delivery } from "@bellhop/bus";
import { conversationKey, runId, shardOfKey, type Message, type Problem } from "@bellhop/contracts";
import { receive, renderProblem } from "@bellhop/core";
import { point } from "@bellhop/service";
import { changeAccess } from "./access.ts";
import { answer } from "./answer.ts";
import { claim } from "./claim.ts";
import type { Engine } from "./engine.ts";
import { firstOfAnswer, firstOfRun } from "./planned.ts";
import type { First } from "./run-book.ts";

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

/** A message becomes a run, or an answer: exactly what the first record of its log says, whoever gets to write it. */
export async function onMessage(engine: Engine, message: Message, delivery: Delivery): Promise<void> {
  point("engine.received");
  await engine.book.open(runOf(message), () => decideOn(engine, message, delivery), points);
}

/** A message that no handler survived still gets an answer, before it goes to the dead letters. */
export async function onDeadMessage(engine: Engine, message: Message | undefined, problem: Problem): Promise<void> {
  if (message === undefined) return;
  const { key, replyTo: to, sentAt: askedAt } = message;
  const command = answer({ key, to, body: renderProblem(problem), outcome: "failed" });
  await engine.book.open(runOf(message), async () => firstOfAnswer(engine, { key, askedAt, verdict: "answered", command }));
}

async function decideOn(engine: Engine, message: Message, delivery: Delivery): Promise<First> {
  const { key, replyTo: to, author: asker, sentAt: askedAt } = message;
  const { knowledge, book, bus, durations } = engine;
  const verdict = receive({
    catalog: knowledge.catalog(),
    policy: knowledge.policy(),
    message,
    // Asked for by a few words only; finding them means going through all.
    get runs() {
      return book.liveIn(conversationKey(message));
    },
    now: new Date().toISOString(),
  });
  engine.log.info({ message: key, verdict: verdict.kind }, "message decided");
  switch (verdict.kind) {
    case "run":
      return firstOfRun(engine, { run: runOf(message), plan: verdict.plan, asker, replyTo: to, key, askedAt });
    case "answer": {
      const command = answer({ key, to, body: verdict.body, outcome: verdict.outcome });
      return firstOfAnswer(engine, { key, askedAt, verdict: verdict.outcome === "refused" ? "refused" : "answered", command });
    }
    case "cancel": {
      const ask = { v: 1, kind: "cancel", key, run: verdict.run, asker, replyTo: to, askedAt } as const;
      return firstOfAnswer(engine, { key, askedAt, verdict: "passed-on", command: { kind: "ask", ask } });
    }
    case "access": {
      const { body, outcome } = await changeAccess(engine, {
        message,
        wish: verdict.wish,
        run: runOf(message),
        storedAt: delivery.storedAt,
      });
      const command = answer({ key, to, body, outcome });
      return firstOfAnswer(engine, { key, askedAt, verdict: outcome === "refused" ? "refused" : "answered", command });
    }
    case "claim": {
      const { body, granted } = await claim({ bus, message, code: verdict.code, storedAt: delivery.storedAt, length: durations.claimCode });
      const command = answer({ key, to, body, outcome: granted ? "ok" : "refused" });
      return firstOfAnswer(engine, { key, askedAt, verdict: granted ? "answered" : "refused", command });
    }
  }
}

function runOf(message: Message): string {
  return runId({ key: message.key, at: message.sentAt, shard: shardOfKey(conversationKey(message)) });
}
