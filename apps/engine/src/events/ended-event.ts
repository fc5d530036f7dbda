import type { Bus } from "@bellhop/bus";
import { masked, runId, shardOfKey, type Command, type Outcome, type Run } from "@bellhop/contracts";
import { mainTask } from "@bellhop/core";
import type { Knowledge } from "../knowledge/knowledge.ts";

/** What rules wait for that follow the ends of runs, with StackStorm's name and fields. */
const trigger = "core.st2.generic.actiontrigger";

/** What a run's end fires, where a rule waits for it that it could fit, by what has to be equal: part of the step in which it ends. A rule about one action makes no
 *  event of each run there is. Runs that are part of another, and those whose words were changed, end unheard. */
export async function endedEvent(
  { bus, knowledge }: { bus: Bus; knowledge: Pick<Knowledge, "rules" | "catalog"> },
  run: Run,
  outcome?: Outcome,
): Promise<Command[]> {
  const { endedAt: firedAt, depth } = run;
  if (firedAt === undefined || run.parent !== undefined || run.superseded === true || !knowledge.rules().waitsFor(trigger)) return [];
  const key = `run/${run.id}`;
  const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
  const says = await payloadOf({ bus, knowledge }, run, outcome);
  if (knowledge.rules().candidates(trigger, says) === 0) return [];
  const payload = await bus.storeValue(says);
  const source = { kind: "run", name: run.id } as const;
  return [{ kind: "fire", event: { v: 1, key, event, trigger, payload, source, ...(depth === undefined ? {} : { depth }), firedAt } }];
}

async function payloadOf({ bus, knowledge }: { bus: Bus; knowledge: Pick<Knowledge, "catalog"> }, run: Run, outcome?: Outcome) {
  const { id, action, status, askedAt, output, workflow, tasks } = run;
  const told = outcome?.problem === undefined ? null : { error: outcome.problem.message };
  return {
    execution_id: id,
    status,
    start_timestamp: askedAt,
    action_name: action.slice(action.indexOf(".") + 1),
    action_ref: action,
    runner_ref: knowledge.catalog().actions.get(action)?.kind ?? null,
    parameters: masked((workflow?.task ?? tasks[mainTask])?.input ?? {}),
    result: output === undefined ? told : masked(await bus.loadValue(output)),
    why: outcome?.problem?.message ?? "",
  };
}
