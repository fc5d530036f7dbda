import type { Bus } from "@bellhop/bus";
import { objectStores, type Command, type Outcome, type Run } from "@bellhop/contracts";
import { asksDatastore, isOver, mainTask, noticesOf, type Telling } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import type { KnownDatastore } from "../knowledge/datastore.ts";

/** Tells of a run's end as its action wants it: part of the step in which it ends. Runs that are part of another are told of by that one; those whose words were
 *  changed, or that are tried again, are not over for anybody. */
export async function toldOfEnd(
  { bus, telling, datastore, log }: { bus: Bus; telling: Telling; datastore: KnownDatastore; log: Log },
  run: Run,
  outcome: Outcome | undefined,
): Promise<Command[]> {
  const { id, action, endedAt: at, status, output, parent, superseded, retried } = run;
  const task = run.workflow?.task ?? run.tasks[mainTask];
  if (
    task?.notify === undefined ||
    at === undefined ||
    parent !== undefined ||
    superseded === true ||
    retried !== undefined ||
    !isOver(status)
  )
    return [];
  if (asksDatastore(task.notify)) await datastore.caughtUp();
  const known = output === undefined ? {} : { output: await bus.loadValue(output) };
  const how = outcome ?? { status };
  const ended = { action, input: task.input, outcome: how, ...known };
  const { commands, kept, unsaid } = noticesOf({ notify: task.notify, run, ended, at, telling: { ...telling, datastore } });
  for (const { route, problem } of unsaid) log.warn({ run: id, action, route, problem: problem.data }, "a route can't be told now");
  const objects = bus.objects(objectStores.values);
  await Promise.all(kept.map(({ object, text }) => objects.put(object, new TextEncoder().encode(text))));
  return commands;
}
