import type { PolicyDefinition } from "@bellhop/contracts";
import { lengthInWords, limitInWords, type ActionPolicies } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { withBus } from "../with-bus.ts";
import { actionsAtGates } from "./at-gates.ts";

/** `bellhop policy list`: what holds, and how many it keeps. */
export async function policyList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop policy list", async (bus) => {
    const policies = (await actionsAtGates(bus)).flatMap(({ definitions, policies: compiled, told }) =>
      definitions.map((one) => ({
        ref: one.ref,
        action: one.action,
        type: one.type,
        enabled: one.enabled,
        says: policyWords(one, compiled),
        inside: told.filter(({ verdict }) => verdict.kind === "inside").length,
        waiting: told.filter(({ verdict }) => verdict.kind === "waits").length,
      })),
    );
    if (json) process.stdout.write(`${JSON.stringify({ policies })}\n`);
    else if (policies.length === 0) note("No active pack has a policy.");
    else
      printTable(
        ["POLICY", "ACTION", "AT WORK", "WAITING", ""],
        policies.map(({ ref, action, inside, waiting, enabled, says }) => [ref, action, `${inside}`, `${waiting}`, enabled ? says : "off"]),
      );
    return 0;
  });
}

/** What a policy says, in few words. */
export function policyWords({ ref, enabled }: PolicyDefinition, compiled: ActionPolicies | undefined): string {
  if (!enabled || compiled === undefined) return "off";
  const limit = compiled.limits.find(({ policy }) => policy === ref);
  if (limit !== undefined) return limitInWords(limit);
  const retry = compiled.retries.find(({ policy }) => policy === ref);
  if (retry === undefined)
    return compiled.waits?.policy === ref ? `waits ${lengthInWords(compiled.waits.ms)} at most` : "another bounds more";
  const after = retry.delayMs === 0 ? "at once" : `after ${lengthInWords(retry.delayMs)}`;
  return `tried again ${after} on ${retry.on === "timeout" ? "timeout" : "failure"}, ${retry.most === 1 ? "once" : `${retry.most} times`} at most`;
}
