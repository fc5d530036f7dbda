import type { PolicyDefinition } from "@bellhop/contracts";

/** What bounds the runs of an action, among those whose inputs agree in the attributes. */
export type Limit = {
  /** `pack.name` of the policy. */
  readonly policy: string;
  readonly attributes: readonly string[];
  /** What becomes of one more. */
  readonly over: "delay" | "cancel";
} & (
  | { readonly kind: "concurrency"; readonly most: number }
  | { readonly kind: "rate"; readonly most: number; readonly ms: number }
  /** One at a time, and none sooner than that after its end. */
  | { readonly kind: "cooldown"; readonly ms: number; readonly after: "end" | "success" }
);

interface RetryPolicy {
  readonly policy: string;
  readonly on: "failed" | "timeout";
  readonly most: number;
  readonly delayMs: number;
}

/** All policies of an action, ready to decide with. */
export interface ActionPolicies {
  /** In the order in which they are passed. */
  readonly limits: readonly Limit[];
  /** How long somebody waits at most. */
  readonly waits?: { readonly policy: string; readonly ms: number };
  readonly retries: readonly RetryPolicy[];
  /** The parameters by which any of them tells runs apart. */
  readonly attributes: readonly string[];
}

/** The policies that are enabled, by the action that they are for. Their parameters were checked when their pack was loaded. */
export function policiesByAction(definitions: readonly PolicyDefinition[]): ReadonlyMap<string, ActionPolicies> {
  const byAction = Map.groupBy(
    definitions.filter(({ enabled }) => enabled),
    ({ action }) => action,
  );
  return new Map([...byAction].map(([action, own]) => [action, compiled(own)]));
}

/** What has no limit needs no pass. */
export function isLimited(policies: ActionPolicies | undefined): policies is ActionPolicies {
  return policies !== undefined && policies.limits.length > 0;
}

function compiled(definitions: readonly PolicyDefinition[]): ActionPolicies {
  // The narrower come first: who waits for its own host does not keep others from theirs.
  const limits = definitions.flatMap(limitOf).toSorted((a, b) => b.attributes.length - a.attributes.length);
  const retries = definitions.flatMap(retryOf);
  const [waits] = definitions
    .flatMap(({ ref, type, parameters }) => (type === "action.wait" ? [{ policy: ref, ms: seconds(parameters["seconds"]) }] : []))
    .toSorted((a, b) => a.ms - b.ms);
  const attributes = [...new Set(limits.flatMap((limit) => limit.attributes))];
  return { limits, retries, attributes, ...(waits === undefined ? {} : { waits }) };
}

function limitOf({ ref: policy, type, parameters }: PolicyDefinition): Limit[] {
  const { attributes: named, action, threshold, after } = parameters;
  const attributes = Array.isArray(named) ? named.map(String).toSorted() : [];
  const over = action === "cancel" || (action !== "delay" && type === "action.cooldown") ? "cancel" : "delay";
  const common = { policy, attributes, over } as const;
  const [most, ms] = [Number(threshold), seconds(parameters["seconds"])];
  switch (type) {
    case "action.concurrency":
    case "action.concurrency.attr":
      return [{ ...common, kind: "concurrency", most }];
    case "action.rate":
      return [{ ...common, kind: "rate", most, ms }];
    case "action.cooldown":
      return [{ ...common, kind: "cooldown", ms, after: after === "success" ? "success" : "end" }];
    case "action.wait":
    case "action.retry":
      return [];
  }
}

function retryOf({ ref: policy, type, parameters }: PolicyDefinition): RetryPolicy[] {
  if (type !== "action.retry") return [];
  const { retry_on: on, max_retry_count: most = 2, delay = 0 } = parameters;
  return [{ policy, on: on === "timeout" ? "timeout" : "failed", most: Number(most), delayMs: seconds(delay) }];
}

function seconds(value: unknown): number {
  return Math.round(Number(value) * 1000);
}
