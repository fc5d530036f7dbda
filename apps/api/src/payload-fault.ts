import type { TriggerDefinition } from "@bellhop/contracts";

type Check = (value: unknown) => string | undefined;

/** What is wrong with what an event says, by its trigger's schema; undefined where nothing is. */
export async function payloadFault(trigger: TriggerDefinition | undefined, payload: unknown): Promise<string | undefined> {
  if (trigger === undefined || typeof trigger.payload !== "object" || trigger.payload === null) return undefined;
  const check = checks.get(trigger) ?? compiled(trigger.payload);
  checks.set(trigger, check);
  return (await check)(payload);
}

/** Once for each pack version, whose definitions never change. */
const checks = new WeakMap<TriggerDefinition, Promise<Check>>();

/** Most installations take webhooks alone: what reads schemas is loaded when there is one. */
async function compiled(schema: object): Promise<Check> {
  const { checkOf } = await import("@bellhop/core");
  const check = checkOf(schema);
  return (payload) => {
    const violation = check(payload);
    return violation === undefined ? undefined : `${["payload", ...violation.path].join(".")} should be ${violation.expected}`;
  };
}
