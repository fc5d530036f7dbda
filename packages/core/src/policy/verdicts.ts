import { problem, type Gate, type GateVerdict, type Pass, type ProblemData } from "@bellhop/contracts";
import { crowdOf, groupName } from "./crowd.ts";
import type { GateSettings } from "./gate.ts";
import { memoryOf } from "./memory.ts";
import { heldWords, isFull, isHeld, type Moment } from "./moment.ts";
import type { Limit } from "./policies.ts";
import { lengthInWords } from "./words.ts";

/** How each fares who is at the gate. Who waited for too long is refused, and leaves when the run has ended for it. */
export function verdicts(gate: Gate, { policies, now }: GateSettings): { pass: Pass; verdict: GateVerdict }[] {
  const limits = policies?.limits ?? [];
  const at: Moment = { crowd: crowdOf(gate.inside, limits), memory: memoryOf(gate), now };
  const ahead = new Map<string, number>();
  // Thousands wait for the same.
  const words = new Map<string, string>();
  const whyOf = (limit: Limit, pass: Pass): string => {
    const name = groupName(limit, pass);
    const known = words.get(name) ?? heldWords(at, limit, pass);
    words.set(name, known);
    return known;
  };
  const told: { pass: Pass; verdict: GateVerdict }[] = gate.inside.map((pass) => ({ pass, verdict: { kind: "inside" } }));
  for (const { refused, ...pass } of gate.line) {
    const waits = policies?.waits;
    if (refused !== undefined) told.push({ pass, verdict: refusedVerdict(refused) });
    else if (waits !== undefined && pass.at + waits.ms <= now) {
      const late = problem("policy_waited", { action: gate.action, time: lengthInWords(waits.ms), policy: waits.policy });
      told.push({ pass, verdict: { kind: "refused", status: "failed", problem: late.data } });
    } else {
      const stage = limits.findIndex((limit) => isHeld(ahead, at, limit, pass) || isFull(at, limit, pass));
      const holding = limits[stage];
      const place = holding === undefined ? 1 : (ahead.get(groupName(holding, pass)) ?? 0) + 1;
      const why = holding === undefined ? "it is about to begin" : whyOf(holding, pass);
      told.push({ pass, verdict: { kind: "waits", why, place } });
      for (const limit of limits.slice(0, stage + 1)) {
        const name = groupName(limit, pass);
        ahead.set(name, (ahead.get(name) ?? 0) + 1);
      }
    }
  }
  return told;
}

/** What somebody is told whom a gate refuses. */
export function refusedVerdict(why: ProblemData): Extract<GateVerdict, { kind: "refused" }> {
  return { kind: "refused", status: why.code === "policy_circle" ? "failed" : "canceled", problem: why };
}

/** When time alone may change how somebody fares, or what is kept, epoch milliseconds. */
export function nextLook({ inside, line, lately }: Gate, { policies, now, doubtMs = 0 }: GateSettings): number | undefined {
  const { waits, limits = [] } = policies ?? {};
  const isIdle = inside.length === 0 && line.length === 0;
  const waiting = line.filter(({ refused }) => refused === undefined);
  if (!isIdle && waiting.length === 0) return undefined;
  let next = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const consider = (time: number) => {
    if (time <= now) return;
    next = Math.min(next, time);
    last = Math.max(last, time);
  };
  for (const [policy, groups] of Object.entries(lately)) {
    const limit = limits.find((one) => one.policy === policy);
    const ms = limit === undefined || limit.kind === "concurrency" ? 0 : limit.ms;
    for (const times of Object.values(groups)) for (const time of times) consider(time + (isIdle ? Math.max(ms, doubtMs) : ms));
  }
  // Of what nobody is at, all that is to be done is to forget it.
  if (isIdle) return Number.isFinite(last) ? last : undefined;
  if (waits !== undefined) for (const { at } of waiting) consider(at + waits.ms);
  return Number.isFinite(next) ? next : undefined;
}
