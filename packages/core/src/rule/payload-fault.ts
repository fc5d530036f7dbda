import type { TriggerDefinition } from "@bellhop/contracts";
import { checkOf } from "../schema/compile.ts";

/** What is wrong with what an event says, by its trigger's schema; undefined where nothing is, or where the trigger asks for nothing. It names the place and
 *  what belongs there, and never what was found: that may be a secret. */
export function payloadFault(trigger: Pick<TriggerDefinition, "payload"> | undefined, payload: unknown): string | undefined {
  const schema = trigger?.payload;
  const violation = typeof schema === "object" && schema !== null ? checkOf(schema)(payload) : undefined;
  return violation === undefined ? undefined : `${["payload", ...violation.path].join(".")} should be ${violation.expected}`;
}
