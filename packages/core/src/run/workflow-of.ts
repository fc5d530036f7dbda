import { neverSealed, type ActionDefinition, type Run } from "@bellhop/contracts";
import { compileWorkflow, type Workflow } from "../workflow/definition.ts";
import type { DecideSettings } from "./event.ts";

/** Compiled once for each pack version, whose definitions never change. */
const compiled = new WeakMap<ActionDefinition, Workflow>();

/** Whether an action is a workflow in the packs that the run has. */
export function isWorkflow(action: string, { catalog }: Pick<DecideSettings, "catalog">): boolean {
  return catalog?.actions.get(action)?.workflow !== undefined;
}

/** @throws {Error} where the catalog has no such workflow, or it can't be compiled */
export function workflowOf(ref: string, { catalog }: Pick<DecideSettings, "catalog">): Workflow {
  const action = catalog?.actions.get(ref);
  if (action?.workflow === undefined) throw new Error(`${ref} is no workflow of the packs that the run has`);
  const known = compiled.get(action);
  if (known !== undefined) return known;
  // A definition seals nothing: what looks so in it would be opened.
  const workflow = compileWorkflow(neverSealed(action.workflow));
  compiled.set(action, workflow);
  return workflow;
}

/** What every task of a run finds in its context, in StackStorm's names. */
export function contextOf(run: Run, action: string): Record<string, unknown> {
  const { asker, replyTo, parent } = run;
  const [pack = ""] = action.split(".");
  const user = asker.name ?? asker.id;
  return {
    st2: {
      action_execution_id: run.id,
      workflow_execution_id: run.id,
      api_url: "",
      user,
      api_user: user,
      source_channel: replyTo.channel,
      pack,
      action,
      runner: "orquesta",
    },
    parent: parent === undefined ? {} : { workflow_execution_id: parent.run, task_execution_id: parent.task, execution_id: parent.run },
  };
}
