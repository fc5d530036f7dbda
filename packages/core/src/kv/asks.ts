import type { Catalog } from "../catalog.ts";
import { workflowOf } from "../run/workflow-of.ts";
import { asksDatastore } from "./names.ts";

/** Whether a run of an action may ask for the datastore: its own definition, or one that a workflow of it names. A sub-workflow's run asks for itself. Answered
 *  once for each catalog. */
export function actionAsksDatastore(catalog: Catalog, ref: string): boolean {
  const known = answers.get(catalog) ?? new Map<string, boolean>();
  answers.set(catalog, known);
  const asks = known.get(ref) ?? answer(catalog, ref);
  known.set(ref, asks);
  return asks;
}

/** Whether what an alias fixes asks for it. */
export function aliasAsksDatastore(catalog: Catalog, ref: string): boolean {
  const known = asking.get(catalog);
  if (known !== undefined) return known.has(ref);
  const asks = catalog.aliases.filter(({ definition }) => asksDatastore(definition.immutableParameters));
  asking.set(catalog, new Set(asks.map(({ definition }) => definition.ref)));
  return aliasAsksDatastore(catalog, ref);
}

const asking = new WeakMap<Catalog, ReadonlySet<string>>();

const answers = new WeakMap<Catalog, Map<string, boolean>>();

function answer(catalog: Catalog, ref: string): boolean {
  const action = catalog.actions.get(ref);
  if (action === undefined || asksDatastore(action)) return action !== undefined;
  if (action.workflow === undefined) return false;
  return tasksOf(ref, catalog).some((name) => {
    const task = catalog.actions.get(name);
    return task !== undefined && asksDatastore(task);
  });
}

/** Of what can't be compiled its run will say so. */
function tasksOf(ref: string, catalog: Catalog): string[] {
  try {
    return workflowOf(ref, { catalog }).tasks.flatMap(({ action }) => action ?? []);
  } catch {
    return [];
  }
}
