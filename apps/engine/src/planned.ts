import type { Address, Command, Intake, Person } from "@bellhop/contracts";
import { decide, type RunPlan } from "@bellhop/core";
import { digests } from "./knowledge.ts";
import type { Engine } from "./engine.ts";
import type { First } from "./run-book.ts";

/** The first record of a run: its secrets sealed before anything is stored. */
export function firstOfRun(
  engine: Engine,
  at: { run: string; plan: RunPlan; asker: Person; replyTo: Address; key: string; askedAt: string },
): First {
  const { run, plan, asker, replyTo, key, askedAt } = at;
  const event = { id: key, kind: "asked", at: askedAt } as const;
  const decision = decide(undefined, { ...event, run, plan: sealed(engine, plan), asker, replyTo, answers: key });
  if (decision.kind === "unchanged") throw new Error("a run that was asked for must begin");
  return { event, intake: intake(engine, key, "run"), state: decision.run, commands: decision.commands };
}

/** The first record of a message or ask that leads to no run of its own. */
export function firstOfAnswer(engine: Engine, at: { key: string; askedAt: string; verdict: Intake["verdict"]; command: Command }): First {
  const { key, askedAt, verdict, command } = at;
  return { event: { id: key, kind: "asked", at: askedAt }, intake: intake(engine, key, verdict), commands: [command] };
}

function intake(engine: Engine, key: string, verdict: Intake["verdict"]): Intake {
  return { key, verdict, catalog: digests(engine.knowledge.catalog()) };
}

function sealed(engine: Engine, plan: RunPlan): RunPlan {
  if (plan.secrets.length === 0) return plan;
  const input = Object.fromEntries(
    Object.entries(plan.task.input).map(([name, value]) => [name, plan.secrets.includes(name) ? engine.keyring.seal(value) : value]),
  );
  return { ...plan, task: { ...plan.task, input } };
}
