import { problem, type AttemptRef, type Gate, type Outcome, type Pass, type ProblemData } from "@bellhop/contracts";
import { crowdOf, groupName } from "./crowd.ts";
import { memoryOf } from "./memory.ts";
import { heldWords, isFull, isHeld } from "./moment.ts";
import { isLimited, type ActionPolicies } from "./policies.ts";
import { inTurn, isOverfull, lineAtMost, refusedAtMost, whoGivesWay } from "./room.ts";

/** What a gate is decided with: the policies of its action, and the time, epoch milliseconds. */
export interface GateSettings {
  readonly policies: ActionPolicies | undefined;
  readonly now: number;
  /** That none limits it is no matter of not having heard of them yet. Then everybody goes in. */
  readonly gone?: boolean;
  /** For so long it is remembered what no policy asks for: one may, of which others have heard already. Absent: not at all. */
  readonly doubtMs?: number;
}

/** What becomes of a gate, and why somebody is refused who asked to go in. Who is refused at the door leaves nothing behind. */
export interface Entered {
  readonly gate: Gate;
  readonly refused?: ProblemData;
}

type Waiting = Gate["line"][number];

/** Somebody asks to go in. Asked twice, nothing changes: the gate is the same object then. */
export function enter(gate: Gate, pass: Pass, settings: GateSettings): Entered {
  if ([...gate.inside, ...gate.line].some((one) => isSame(one, pass))) return { gate };
  const { action } = gate;
  const turnedAway = (why: ProblemData): Entered => ({ gate: settle(gate, settings), refused: why });
  const after = settle({ ...gate, line: [...gate.line, pass].toSorted(inTurn) }, settings);
  const own = after.line.find((one) => isSame(one, pass));
  if (own?.refused !== undefined) return turnedAway(own.refused);
  if (isOverfull(after)) return turnedAway(problem("policy_gate_full", { action }).data);
  const waiting = after.line.filter(({ refused }) => refused === undefined).length;
  if (own === undefined || waiting <= lineAtMost) return { gate: after };
  const full = problem("policy_line_full", { action, most: lineAtMost }).data;
  const last = whoGivesWay(after.line, own, settings.policies?.limits ?? []);
  return last === own || after.line.length - waiting >= refusedAtMost ? turnedAway(full) : { gate: refuse(after, last, full) };
}

/** Somebody is done, or gives up. @param ended how that ended which was begun with the pass */
export function leave(gate: Gate, pass: AttemptRef, ended: Outcome["status"] | undefined, settings: GateSettings): Gate {
  const inside = gate.inside.find((one) => isSame(one, pass));
  const line = gate.line.filter((one) => !isSame(one, pass));
  if (inside === undefined) return line.length === gate.line.length ? gate : settle({ ...gate, line }, settings);
  const memory = memoryOf(gate);
  for (const limit of ended === undefined ? [] : (settings.policies?.limits ?? [])) {
    if (limit.kind === "cooldown" && (limit.after === "end" || ended === "succeeded")) memory.note(limit, inside, settings.now);
  }
  return settle({ ...withMemory(gate, memory.kept), line, inside: gate.inside.filter((one) => one !== inside) }, settings);
}

/** Lets in who may go in, in their order, and refuses whom policies refuse. One passes the limits one after the other, and who waits at one holds up those behind who
 *  are of the same groups up to there: nobody takes again what somebody before them has waited for, and nobody else is held up. */
export function settle(gate: Gate, { policies, now, gone = false, doubtMs = 0 }: GateSettings): Gate {
  if (!isLimited(policies) && !gone) return gate;
  const limits = policies?.limits ?? [];
  const entered: Pass[] = [];
  const crowd = crowdOf(gate.inside, limits);
  const memory = memoryOf(gate);
  memory.forget(limits, { now, doubtMs });
  const at = { crowd, memory, now };
  const line: Waiting[] = [];
  const held = new Set<string>();
  let refusals = gate.line.filter(({ refused }) => refused !== undefined).length;
  for (const waiting of gate.line) {
    if (waiting.refused !== undefined) {
      line.push(waiting);
      continue;
    }
    const refusing = refusals >= refusedAtMost ? undefined : limits.find((limit) => limit.over === "cancel" && isFull(at, limit, waiting));
    const stage = limits.findIndex((limit) => isHeld(held, at, limit, waiting) || isFull(at, limit, waiting));
    if (refusing !== undefined) {
      const why = heldWords(at, refusing, waiting);
      line.push({ ...waiting, refused: problem("policy_refused", { action: gate.action, policy: refusing.policy, why }).data });
      refusals += 1;
    } else if (stage >= 0) {
      line.push(waiting);
      for (const limit of limits.slice(0, stage + 1)) held.add(groupName(limit, waiting));
    } else {
      entered.push(waiting);
      crowd.add(waiting);
      for (const limit of limits) if (limit.kind === "rate") memory.note(limit, waiting, now);
    }
  }
  const { kept } = memory;
  const isChanged = entered.length > 0 || kept.lately !== gate.lately || line.some((one, index) => one !== gate.line[index]);
  return isChanged ? { ...withMemory(gate, kept), inside: [...gate.inside, ...entered], line } : gate;
}

/** Refuses one who waits, whatever the policies say. */
export function refuse(gate: Gate, pass: AttemptRef, why: ProblemData): Gate {
  return { ...gate, line: gate.line.map((one) => (isSame(one, pass) && one.refused === undefined ? { ...one, refused: why } : one)) };
}

/** Whether nothing of the gate need be kept. */
export function isIdle({ inside, line, lately }: Gate): boolean {
  return inside.length === 0 && line.length === 0 && Object.keys(lately).length === 0;
}

function withMemory(gate: Gate, kept: Pick<Gate, "lately" | "many">): Gate {
  const { many: _, ...rest } = gate;
  return { ...rest, ...kept };
}

function isSame(a: AttemptRef, b: AttemptRef): boolean {
  return a.run === b.run && a.task === b.task && a.attempt === b.attempt;
}
