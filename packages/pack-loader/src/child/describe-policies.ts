import type { PolicyDefinition } from "@bellhop/contracts";
import type { Policy } from "@bellhop/sdk";
import { policyParameters } from "../yaml/policies.ts";
import type { Complaints } from "./complaints.ts";

/** The policies of an action as data: each is named by the action and its type. */
export function describePolicies(
  policies: readonly Policy[],
  where: { pack: string; name: string; file: string } & Pick<Complaints, "at" | "complain">,
): PolicyDefinition[] {
  const { pack, name: action, at, file, complain } = where;
  const named = new Map<string, number>();
  return policies.flatMap((policy, index) => {
    const path = ["policies", `${index}`];
    const type = typeOf(policy);
    if (type === undefined) {
      complain(path, `policies: ${JSON.stringify(policy)} is no policy.`, "Expected type: concurrency, rate, cooldown, wait or retry.");
      return [];
    }
    const read = policyParameters[type].safeParse(parametersOf(policy));
    for (const issue of read.error?.issues ?? [])
      complain(path, `policies: ${policy.type}: ${issue.path.join(".")}: ${issue.message}.`, "");
    if (read.data === undefined) return [];
    const count = (named.get(policy.type) ?? 0) + 1;
    named.set(policy.type, count);
    const name = count === 1 ? `${action}-${policy.type}` : `${action}-${policy.type}-${count}`;
    const about = { ref: `${pack}.${name}`, pack, name, description: "", enabled: true, action: `${pack}.${action}` };
    return [{ ...about, type, parameters: { ...read.data }, source: { file, ...at(path) } }];
  });
}

function typeOf(policy: Policy): PolicyDefinition["type"] | undefined {
  switch (policy.type) {
    case "concurrency":
      return (policy.attributes ?? []).length > 0 ? "action.concurrency.attr" : "action.concurrency";
    case "rate":
    case "cooldown":
    case "wait":
    case "retry":
      return `action.${policy.type}`;
    default:
      // Whoever does not check types may have written anything.
      return undefined;
  }
}

/** As YAML has them. */
function parametersOf(policy: Policy): Record<string, unknown> {
  if (policy.type === "retry") {
    const { on, times, delay } = policy;
    return { retry_on: on, max_retry_count: times, delay };
  }
  const { type: _, ...parameters } = policy;
  if (policy.type !== "concurrency" || (policy.attributes ?? []).length > 0) return parameters;
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== "attributes"));
}
