import type { Bus } from "@bellhop/bus";
import { buckets, isRuleOn } from "@bellhop/contracts";
import { activePacks } from "../event/packs.ts";

/** What a post over HTTP fires. */
export const webhookTrigger = "core.st2.webhook";

/** A path that rules wait for, without slashes around it. Those that are switched off are told apart: nothing is taken for them alone. */
export interface Hook {
  path: string;
  on: string[];
  off: string[];
}

/** The webhooks of all active packs, as their rules are switched. */
export async function hooksOf(bus: Bus): Promise<Hook[]> {
  const switches = new Map((await bus.bucket(buckets.rule).entries(">")).map(({ value }) => [value.rule, value]));
  const hooks = new Map<string, Hook>();
  const now = Date.now();
  for (const rule of (await activePacks(bus)).flatMap(({ rules = [] }) => rules)) {
    const { ref, trigger } = rule;
    if (trigger.type !== webhookTrigger) continue;
    const path = pathOf(String(trigger.parameters["url"]));
    const hook = hooks.get(path) ?? { path, on: [], off: [] };
    hooks.set(path, hook);
    hook[isRuleOn(rule, switches.get(ref), now) ? "on" : "off"].push(ref);
  }
  return [...hooks.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A path as it is compared, with or without what stands before it in its address. */
export function pathOf(text: string): string {
  return text.replace(/^(https?:\/\/[^/]+)?\/?v1\/webhooks\//, "").replace(/^\/+|\/+$/g, "");
}
