import type { TriggerDefinition } from "@bellhop/contracts";

/** What is wrong with what an event says, by its trigger's schema; undefined where nothing is. Most installations take webhooks alone: what reads schemas is
 *  loaded when there is one. */
export async function payloadFault(trigger: TriggerDefinition | undefined, payload: unknown): Promise<string | undefined> {
  if (typeof trigger?.payload !== "object" || trigger.payload === null) return undefined;
  const core = await import("@bellhop/core");
  return core.payloadFault(trigger, payload);
}
