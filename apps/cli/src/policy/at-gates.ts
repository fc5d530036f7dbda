import type { Bus } from "@bellhop/bus";
import { buckets, type Gate, type GateVerdict, type Pass, type PolicyDefinition } from "@bellhop/contracts";
import { policiesByAction, verdicts, waitingAtGates, type ActionPolicies } from "@bellhop/core";
import { activePacks } from "../event/packs.ts";

/** An action with policies, and how those fare who are at its gate now. */
export interface AtGate {
  action: string;
  definitions: PolicyDefinition[];
  policies: ActionPolicies | undefined;
  told: { pass: Pass; verdict: GateVerdict }[];
}

/** All actions that have policies or somebody at a gate, by name. */
export async function actionsAtGates(bus: Bus): Promise<AtGate[]> {
  const definitions = (await activePacks(bus)).flatMap(({ policies }) => policies ?? []);
  const gates = new Map((await bus.bucket(buckets.gate).entries(">")).map(({ value }): [string, Gate] => [value.action, value]));
  const compiled = policiesByAction(definitions);
  const actions = new Set([...definitions.map(({ action }) => action), ...gates.keys()]);
  return [...actions].toSorted().map((action) => {
    const policies = compiled.get(action);
    const gate = gates.get(action);
    const told = gate === undefined ? [] : verdicts(gate, { policies, now: Date.now() });
    return { action, policies, told, definitions: definitions.filter((one) => one.action === action) };
  });
}

/** Why runs wait, or what is part of them does, by their ids. */
export async function waitingRuns(bus: Bus): Promise<Map<string, string>> {
  const compiled = policiesByAction((await activePacks(bus)).flatMap(({ policies }) => policies ?? []));
  const gates = await bus.bucket(buckets.gate).entries(">");
  const seen = gates.map(({ value: gate }) => ({ gate, policies: compiled.get(gate.action) }));
  return waitingAtGates(seen, Date.now());
}
