import { Fault, getKey, isInt, isMapping, type HostFunction } from "@bellhop/expression";
import { splitFrom, latestOf, taskAt } from "./draft.ts";
import { resultsOf } from "./items.ts";
import type { Scope } from "./render.ts";

/** `task(name, route)`: what is known of a task's latest instance on a route, or on the one that this one split off from. Default: the task itself, its route. */
export function taskFunction({ draft, task, variables }: Scope): HostFunction {
  return (args, named) => {
    const name = args[0] ?? named["task_name"] ?? task?.id;
    const route = args[1] ?? named["route"] ?? task?.route ?? 0;
    if (typeof name !== "string" || !isInt(route))
      throw new Fault("ExpressionEvaluationException", "task() takes the name of a task and a route.");
    for (let on: number | undefined = Number(route); on !== undefined; on = splitFrom(draft.routes, on)) {
      const number = latestOf(draft, name, on);
      if (number === undefined) continue;
      const { status, result, items, startedAt, endedAt } = taskAt(draft, number);
      const st2 = variables.get("st2");
      return {
        task_execution_id: String(number),
        workflow_execution_id: isMapping(st2) ? (getKey(st2, "workflow_execution_id") ?? null) : null,
        task_name: name,
        task_id: name,
        route: on,
        result:
          name === task?.id && on === task.route && task.result !== undefined
            ? task.result
            : items === undefined
              ? (result ?? null)
              : resultsOf(items),
        status,
        start_timestamp: startedAt,
        end_timestamp: endedAt ?? null,
      };
    }
    throw new Fault("ExpressionEvaluationException", `Unable to find task execution for "${name}".`);
  };
}
