import type { Notify, Task } from "@bellhop/contracts";
import type { Workflow } from "../workflow/definition.ts";

/** Who is told of the end of a workflow's task. In orquesta that are those whom the workflow tells, for the tasks that its input names; in an action chain the task's
 *  own, else the chain's, else its action's, but for the tasks that its input leaves out. Undefined where nobody is.
 *  @param at.own what the task's action says of itself */
export function taskNotify(at: { workflow: Workflow; parent: Task; task: string; own: Notify | undefined }): Notify | undefined {
  const { workflow, parent, task, own } = at;
  const isNamed = (list: unknown) => Array.isArray(list) && list.includes(task);
  if (!workflow.chain) return isNamed(parent.input["notify"]) ? (parent.notify ?? own) : undefined;
  return isNamed(parent.input["skip_notify"]) ? undefined : (workflow.byName.get(task)?.notify ?? parent.notify ?? own);
}
