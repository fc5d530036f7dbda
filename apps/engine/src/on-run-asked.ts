import { problem, spans, traceOf, type Problem, type Run, type RunAsked } from "@bellhop/contracts";
import { mainTask, mayCancel, mayRun, planRun, renderProblem, type RunPlan } from "@bellhop/core";
import { answer } from "./answer.ts";
import { apply } from "./apply.ts";
import type { Engine } from "./engine.ts";
import { places } from "./places.ts";
import { firstOfAnswer, firstOfRun } from "./planned.ts";
import type { First } from "./run-book.ts";

/** An ask that came from no chat, or from another shard. */
export async function onRunAsked(engine: Engine, ask: RunAsked): Promise<void> {
  const { kind, key, run } = ask;
  engine.log.info({ ask: key, kind, run, trace: traceOf(key) }, "ask taken");
  await engine.telemetry.span(
    () => spans.decide(key),
    { kind, run },
    () => take(engine, ask),
  );
}

async function take(engine: Engine, ask: RunAsked): Promise<void> {
  switch (ask.kind) {
    case "start":
      return engine.book.open(ask.run, async () => startOf(engine, ask), points);
    case "again": {
      const before = await engine.book.find(ask.of);
      return engine.book.open(ask.run, async () => againOf(engine, ask, before), points);
    }
    case "planned": {
      const { run, plan, asker, replyTo, key, askedAt } = ask;
      return engine.book.open(
        run,
        async () => firstOfRun(engine, { run, plan: { ...plan, secrets: [] }, asker, replyTo, key, askedAt }),
        points,
      );
    }
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

/** An ask that no handler survived still gets its answer. The log of what it asked for says so too: where somebody began it before, that goes on. */
export async function onDeadAsk(engine: Engine, ask: RunAsked, reason: Problem): Promise<void> {
  if (ask.kind === "cancel") return refuse(engine, ask, reason);
  const { key, replyTo: to, askedAt, run } = ask;
  const command = answer({ key, to, body: renderProblem(reason), outcome: "failed" });
  await engine.book.open(run, async () => firstOfAnswer(engine, { key, askedAt, verdict: "answered", commands: [command] }));
}

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

function startOf(engine: Engine, ask: Extract<RunAsked, { kind: "start" }>): First {
  const { action, input, config, asker, replyTo, key, run, askedAt, rule, depth } = ask;
  // Whoever activated a rule's pack has let it run what it names.
  const access = rule === undefined ? mayRun(engine.knowledge.policy(), asker, { action }) : ({ kind: "yes" } as const);
  const planned =
    access.kind === "no"
      ? { kind: "refused" as const, problem: access.problem }
      : planRun({
          catalog: engine.knowledge.catalog(),
          action,
          input,
          places: { ...places(engine), here: replyTo },
          ...(config === undefined ? {} : { config }),
        });
  if (planned.kind === "planned") return firstOfRun(engine, { run, plan: planned.plan, asker, replyTo, key, askedAt, rule, depth });
  return refusal(engine, ask, planned.problem);
}

/** The same action as it was then, although a newer pack may be active: its input was checked by that definition, and its secrets are sealed already. */
function againOf(engine: Engine, ask: Extract<RunAsked, { kind: "again" }>, before: Run | undefined): First {
  const { asker, replyTo, key, run, askedAt } = ask;
  const done = before?.tasks[mainTask];
  if (before === undefined || done === undefined) return refusal(engine, ask, problem("run_unknown", { run: ask.of }));
  const { action, alias, reply } = before;
  const access = mayRun(engine.knowledge.policy(), asker, { action, ...(alias === undefined ? {} : { alias }) });
  if (access.kind === "no") return refusal(engine, ask, access.problem);
  const { lostSince: _, ...task } = done;
  const plan: RunPlan = { action, ...(alias === undefined ? {} : { alias }), reply, task: { ...task, attempt: 1 }, secrets: [] };
  return firstOfRun(engine, { run, plan, asker, replyTo, key, askedAt });
}

function refusal(engine: Engine, { key, replyTo, askedAt }: RunAsked, reason: Problem): First {
  const command = answer({ key, to: replyTo, body: renderProblem(reason), outcome: "refused", askedAt });
  return firstOfAnswer(engine, { key, askedAt, verdict: "refused", commands: [command] });
}

/** Needs no record: the same send, however often it is said. */
async function refuse(engine: Engine, ask: RunAsked, reason: Problem): Promise<void> {
  await apply(engine.bus, [answer({ key: ask.key, to: ask.replyTo, body: renderProblem(reason), outcome: "refused" })]);
}
