import { toProblem, type Run } from "@bellhop/contracts";
import { actionAsksDatastore, type DecideSettings } from "@bellhop/core";
import type { Engine } from "../engine.ts";
import { places } from "../replies/places.ts";

/** What a decision about a run needs besides it: of a workflow, the packs that it has. A run that is to end can do without.
 *  @throws Problem pack_unavailable */
export async function decideSettings(
  engine: Pick<Engine, "knowledge" | "keyring" | "durations" | "rooms" | "membership" | "datastore" | "checkTriggers">,
  { workflow }: Pick<Run, "workflow">,
  { toEnd }: { toEnd: boolean },
): Promise<DecideSettings> {
  const settings = { lateResult: engine.durations.lateResult, ...policing(engine) };
  if (workflow === undefined) return settings;
  const { datastore } = engine;
  const catalog = await engine.knowledge.catalogOf(workflow.catalog).catch((error: unknown) => {
    if (toEnd && toProblem(error).code === "pack_unavailable") return undefined;
    throw error;
  });
  if (catalog === undefined) return settings;
  if (actionAsksDatastore(catalog, workflow.task.action)) await datastore.caughtUp();
  return {
    ...settings,
    catalog,
    places: places(engine),
    checkTriggers: engine.checkTriggers,
    waitsFor: (trigger: string) => engine.knowledge.rules().waitsFor(trigger),
    datastore,
  };
}

/** What decisions about policies need. */
export function policing({ knowledge, keyring }: Pick<Engine, "knowledge" | "keyring">) {
  return {
    policies: (action: string) => knowledge.catalog().policed.get(action),
    fingerprint: (text: string) => keyring.fingerprint(text),
    open: (value: unknown) => keyring.openAll(value),
  } as const;
}
