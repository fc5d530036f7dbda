import { buckets, pressKey, spans, traceOf, type MessagePressed, type MessageSubmitted, type Problem } from "@bellhop/contracts";
import { readPress, renderProblem } from "@bellhop/core";
import { point } from "@bellhop/service";
import { answer } from "./intake/answer.ts";
import { apply } from "./runs/apply.ts";
import type { Engine } from "./engine.ts";

/** A press, or a form that was filled in, becomes an ask of the run that it is about, under its own key: however often it is delivered, it is asked once. Whoever
 *  pressed what means nothing any more is told, alone. */
export async function onMessagePressed(engine: Engine, acted: MessagePressed | MessageSubmitted): Promise<void> {
  const { key, platform } = acted;
  await engine.telemetry.span(
    () => spans.decide(key),
    { platform },
    () => take(engine, acted),
  );
}

async function take(engine: Engine, acted: MessagePressed | MessageSubmitted): Promise<void> {
  const { key, press } = acted;
  const known = await engine.bus.bucket(buckets.press).get(pressKey(press));
  const read = readPress(acted, known?.value);
  engine.log.info({ message: key, press, decision: read.kind, trace: traceOf(key) }, "press decided");
  if (read.kind === "refused") return refuse(engine, acted, read.problem);
  await apply(engine.bus, [{ kind: "ask", ask: read.ask }]);
  point("engine.pressed");
}

/** Needs no record: the same send, however often it is said. */
async function refuse(engine: Engine, { key, replyTo: to, by }: MessagePressed | MessageSubmitted, reason: Problem): Promise<void> {
  await apply(engine.bus, [answer({ key, to, body: renderProblem(reason), outcome: "refused", only: by.id })]);
}

/** One that no handler survived. */
export async function onDeadPress(engine: Engine, acted: MessagePressed | MessageSubmitted, reason: Problem): Promise<void> {
  await refuse(engine, acted, reason);
}
