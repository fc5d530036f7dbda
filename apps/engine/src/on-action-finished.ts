import { attemptIn, messageIds, problem, spans, type ActionFinished, type Problem } from "@bellhop/contracts";
import { brokenBy } from "@bellhop/core";
import { point } from "@bellhop/service";
import type { Engine } from "./engine.ts";

const points = { saved: "engine.finished-saved", applied: "engine.finished-applied" } as const;

/** The result of an attempt: the run's next step. */
export async function onActionFinished(engine: Engine, finished: ActionFinished): Promise<void> {
  point("engine.finished-received");
  const { trace, run, outcome } = finished;
  const { status } = outcome;
  // One that a runner of an earlier release sent has none.
  if (trace === undefined) return await take(engine, finished);
  await engine.telemetry.span(
    () => spans.finish(trace, finished),
    { run, status },
    () => take(engine, finished),
  );
}

async function take(engine: Engine, finished: ActionFinished): Promise<void> {
  const { trace, run, outcome } = finished;
  const output = outcome.output === undefined ? undefined : await engine.bus.loadValue(outcome.output);
  const event = { kind: "finished", id: messageIds.finished(finished), at: now(), finished, output } as const;
  const known = await engine.book.step(run, event, points);
  if (known === "unknown") throw problem("run_unknown", { run });
  engine.log.info({ run, status: outcome.status, ms: outcome.ms, trace }, "action finished");
}

/** A result that no handler survived, or that can't be read, ends its run with a problem, so that the one who asked hears of it. */
export async function onDeadResult(engine: Engine, finished: ActionFinished | undefined, raw: string, reason: Problem): Promise<void> {
  const attempt = finished ?? attemptIn(raw);
  if (attempt === undefined) return;
  const id = brokenBy(messageIds.finished(attempt));
  await engine.book.step(attempt.run, { kind: "broken", id, at: now(), problem: reason.data, attempt });
}

function now(): string {
  return new Date().toISOString();
}
