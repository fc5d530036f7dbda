import type { Delivery } from "@bellhop/bus";
import { spans, traceOf, type MessageEdited, type Original, type Problem, type Question } from "@bellhop/contracts";
import { brokenBy, mainTask, renderProblem, reword, standingReply, type Rewording, type Wording } from "@bellhop/core";
import { point } from "@bellhop/service";
import { answer } from "./intake/answer.ts";
import { apply } from "./runs/apply.ts";
import { cancelUnclaimed, isSuperseded, revokeForWords } from "./runs/attempts.ts";
import { begin } from "./intake/begin.ts";
import { closeWords } from "./intake/close-words.ts";
import type { Engine } from "./engine.ts";
import { fingerprintOf, firstOfAnswer } from "./intake/planned.ts";
import { wordingsOf } from "./intake/wordings.ts";

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

/** New words of a message. After each step it is looked at again what is done so far, so that it makes no difference whether a step was done now or before a
 *  crash; it ends when nothing is left to do. */
export async function onMessageEdited(engine: Engine, edited: MessageEdited, delivery: Delivery): Promise<void> {
  const { key, platform } = edited;
  await engine.telemetry.span(
    () => spans.decide(key),
    { platform, deliveries: delivery.deliveries },
    () => take(engine, edited, delivery),
  );
}

async function take(engine: Engine, edited: MessageEdited, delivery: Delivery): Promise<void> {
  const { book, bus } = engine;
  const { key, editedAt: askedAt, original } = edited;
  // Its log is found by the edit's key.
  const message = edited.message === undefined ? undefined : { ...edited.message, key };
  for (;;) {
    const { last, next, taken } = await wordingsOf(engine, edited);
    const own = taken.get(key);
    // Whoever began its log may have published nothing of it.
    if (own !== undefined) return void (await book.find(own));
    const decision = await judge(engine, edited, last);
    engine.log.info({ message: key, decision: decision.kind, trace: traceOf(key) }, "edit decided");
    switch (decision.kind) {
      case "nothing":
        return;
      case "withdraw":
        return cancelUnclaimed(bus, decision.run);
      case "close":
        if (!(await closeWords(engine, { key, askedAt, original, run: next, reply: decision.reply }))) return;
        break;
      case "supersede": {
        const { id, tasks } = decision.run;
        const attempt = tasks[mainTask]?.attempt ?? 1;
        await book.step(id, { kind: "superseded", id: key, at: new Date().toISOString(), attempt });
        point("engine.superseded");
        break;
      }
      case "take": {
        if (message === undefined) throw new Error("there are no words to take");
        const { reply } = decision;
        const asked = engine.questions.of(message);
        const outdated = asked !== undefined && isOf(asked, original) ? asked : undefined;
        const taken = {
          message,
          run: next,
          askedAt,
          storedAt: delivery.storedAt,
          reply,
          question: last?.question,
          outdated,
          original: original.key,
        };
        await book.open(next, () => begin(engine, taken), points);
        break;
      }
      case "refuse": {
        if (message === undefined) throw new Error("nobody is there to be told");
        const body = renderProblem(decision.problem);
        // Needs no record: the same send, however often it is said.
        return apply(bus, [answer({ key, to: message.replyTo, body, outcome: "refused", only: decision.only })]);
      }
    }
  }
}

/** An edit that no handler survived: what it had begun ends, and whoever wrote it is told. */
export async function onDeadEdit(engine: Engine, edited: MessageEdited, reason: Problem): Promise<void> {
  const { key, message, editedAt: askedAt } = edited;
  const { last, next, taken } = await wordingsOf(engine, edited);
  const own = taken.get(key);
  if (own !== undefined) return void (await engine.book.find(own));
  const run = last?.run;
  if (run !== undefined && run.endedAt === undefined && (await isSuperseded(engine.bus, run))) {
    const at = new Date().toISOString();
    await engine.book.step(run.id, { kind: "broken", id: brokenBy(key), at, problem: reason.data });
  } else if (message !== undefined) {
    const after = run?.superseded === true ? standingReply(run) : undefined;
    const command = answer({ key, to: message.replyTo, body: renderProblem(reason), outcome: "failed", after, only: after?.only });
    // What takes the place of something that stands is logged, so that whatever comes next takes the place of this.
    if (after === undefined) await apply(engine.bus, [command]);
    else await engine.book.open(next, async () => firstOfAnswer(engine, { key, askedAt, verdict: "answered", commands: [command] }));
  }
}

async function judge(engine: Engine, edited: MessageEdited, last: Wording | undefined): Promise<Exclude<Rewording, { kind: "revoke" }>> {
  const words = edited.message === undefined ? undefined : fingerprintOf(engine, edited.message);
  const asked = { edited, words, last, keptMs: engine.durations.runLogRetention };
  const decision = reword(asked);
  if (decision.kind !== "revoke") return decision;
  const revoked = await revokeForWords(engine.bus, decision.run);
  if (revoked) point("engine.revoked");
  const then = reword({ ...asked, revoked });
  if (then.kind === "revoke") throw new Error("it was told what became of the attempt");
  return then;
}

/** Whether a question was asked because of what a message said, or says now. */
function isOf({ key }: Question, original: Original): boolean {
  return key === original.key || key.startsWith(`${original.key}/e`);
}
