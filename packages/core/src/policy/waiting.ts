import type { Gate, GateVerdict } from "@bellhop/contracts";
import { mainTask } from "../run/main-task.ts";
import type { ActionPolicies } from "./policies.ts";
import { verdicts } from "./verdicts.ts";

/** Why runs wait at gates, in words, by their ids: of a part of a run, also under the run as a whole. */
export function waitingAtGates(
  seen: readonly { readonly gate: Gate; readonly policies: ActionPolicies | undefined }[],
  now: number,
): Map<string, string> {
  const reasons = new Map<string, string[]>();
  const note = (run: string, why: string) => reasons.set(run, [...(reasons.get(run) ?? []), why]);
  for (const { gate, policies } of seen) {
    for (const { pass, verdict } of verdicts(gate, { policies, now })) {
      if (verdict.kind !== "waits") continue;
      const { run, task, within = [] } = pass;
      const words = waitWords(verdict);
      note(run, task === mainTask ? words : `${gate.action} is ${words}`);
      for (const whole of within) if (whole !== run) note(whole, `${gate.action} (run ${run}) is ${words}`);
    }
  }
  return new Map([...reasons].map(([run, all]) => [run, listed(all)]));
}

/** `number 2 in line: 2 of 2 runs are at work (policy deploy.two)` */
export function waitWords({ why, place }: Extract<GateVerdict, { kind: "waits" }>): string {
  return `number ${place} in line: ${why}`;
}

function listed(all: readonly string[]): string {
  const more = all.length - namedAtMost;
  return [...all.slice(0, namedAtMost), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

const namedAtMost = 3;
