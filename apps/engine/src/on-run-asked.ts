import { problem, type Problem, type RunAsked } from "@bellhop/contracts";
import { mayCancel, mayRun, planRun, renderProblem } from "@bellhop/core";
import { answer } from "./answer.ts";
import { apply } from "./apply.ts";
import type { Engine } from "./engine.ts";
import { firstOfAnswer, firstOfRun } from "./planned.ts";
import type { First } from "./run-book.ts";

/** An ask that came from no chat, or from another shard. */
export async function onRunAsked(engine: Engine, ask: RunAsked): Promise<void> {
  switch (ask.kind) {
    case "start":
      return engine.book.open(ask.run, async () => startOf(engine, ask), { saved: "engine.saved", applied: "engine.applied" });
    case "cancel": {
      const { run, asker, replyTo, key, askedAt } = ask;
      const found = await engine.book.find(run);
      const access = found === undefined ? undefined : mayCancel(engine.knowledge.policy(), asker, found);
      if (access?.kind === "no") return refuse(engine, ask, access.problem);
      const known = await engine.book.step(run, { kind: "cancel", id: key, at: askedAt, asker, replyTo, answers: key });
      if (known === "unknown") await refuse(engine, ask, problem("run_unknown", { run }));
    }
  }
}

export async function onDeadAsk(engine: Engine, ask: RunAsked | undefined, reason: Problem): Promise<void> {
  if (ask !== undefined) await refuse(engine, ask, reason);
}

function startOf(engine: Engine, ask: Extract<RunAsked, { kind: "start" }>): First {
  const { action, input, asker, replyTo, key, run, askedAt } = ask;
  const access = mayRun(engine.knowledge.policy(), asker, { action });
  const planned =
    access.kind === "no"
      ? { kind: "refused" as const, problem: access.problem }
      : planRun({ catalog: engine.knowledge.catalog(), action, input });
  if (planned.kind === "planned") return firstOfRun(engine, { run, plan: planned.plan, asker, replyTo, key, askedAt });
  const command = answer({ key, to: replyTo, body: renderProblem(planned.problem), outcome: "refused" });
  return firstOfAnswer(engine, { key, askedAt, verdict: "refused", commands: [command] });
}

/** Needs no record: the same send, however often it is said. */
async function refuse(engine: Engine, ask: RunAsked, reason: Problem): Promise<void> {
  await apply(engine.bus, [answer({ key: ask.key, to: ask.replyTo, body: renderProblem(reason), outcome: "refused" })]);
}
