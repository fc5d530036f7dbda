import type { Bus } from "@bellhop/bus";
import {
  buckets,
  gateKey,
  messageIds,
  passName,
  subjects,
  type AttemptRef,
  type Command,
  type Durations,
  type Gate,
  type GateVerdict,
  type ProblemData,
} from "@bellhop/contracts";
import { enter, isIdle, leave, refusedVerdict, waitingAtGates, type GateSettings } from "@bellhop/core";
import { inSlices, point } from "@bellhop/service";
import type { Knowledge } from "../knowledge/knowledge.ts";

/** The gates of actions that have policies: docs/decisions/0045. */
export interface Gates {
  /** Carries `enter` and `leave` out. Safe to repeat.
   *  @param whenFull called where a run that is refused can't hear of it yet, because its queue is full */
  apply(command: Extract<Command, { kind: "enter" | "leave" }>, whenFull?: () => void): Promise<void>;
  /** Changes the gate of an action, however many do so at once. `decide` gives the same object where nothing is to change. */
  change(action: string, decide: Decide): Promise<void>;
  /** Tells a run how it fares that asked for a pass. Resolves when it is stored: the run may hear it twice.
   *  @param how.again how many times it was told so already and did not hear */
  tell(pass: AttemptRef, verdict: GateVerdict, how?: { again?: number; whenFull?: (() => void) | undefined }): Promise<void>;
  settings(action: string): GateSettings;
  /** Why runs wait now, or what is part of them does, in words and by their ids. */
  waiting(): Promise<ReadonlyMap<string, string>>;
}

type Decide = (gate: Gate, settings: GateSettings) => Gate;

/** Only as many contend as there are engines. What is tried for longer comes again. */
const triesAtMost = 100;

/** Of those who come while the record is being written, so many are written together. */
const togetherAtMost = 256;

export function openGates(at: { bus: Bus; knowledge: Pick<Knowledge, "catalog">; durations: Durations }): Gates {
  const { bus, knowledge, durations } = at;
  const bucket = bus.bucket(buckets.gate);
  const waiting = new Map<string, Waiting[]>();
  const settings = (action: string): GateSettings => ({
    policies: knowledge.catalog().policed.get(action),
    now: Date.now(),
    doubtMs: durations.gateSweep,
  });
  const attempt = async (action: string, together: readonly Waiting[]): Promise<boolean> => {
    const key = gateKey(action);
    const entry = await bucket.get(key);
    const before: Gate = entry?.value ?? { v: 1, action, inside: [], line: [], lately: {} };
    const after = await inSlices(decided(before, { together, settings: settings(action) }));
    if (after === before) return true;
    if (isIdle(after)) return entry === undefined || (await bucket.delete(key, entry.revision));
    return (entry === undefined ? await bucket.create(key, after) : await bucket.update(key, after, entry.revision)) !== undefined;
  };
  /** Those of one engine need not find out by conflict that they are many. Fewer are decided on at a time where others write meanwhile: of thousands in line a
   *  full hand takes seconds, and whoever is quicker would always be first. */
  const work = async (action: string, line: Waiting[]): Promise<void> => {
    let most = togetherAtMost;
    let lost = 0;
    while (line.length > 0) {
      const together = line.slice(0, most);
      try {
        const isWritten = await attempt(action, together);
        if (!isWritten && ++lost < triesAtMost) {
          most = Math.ceil(together.length / 2);
          continue;
        }
        if (!isWritten) throw new Error(`the gate of ${action} could not be changed`);
        for (const { done } of together) done.resolve();
      } catch (error) {
        for (const { done } of together) done.reject(error);
      }
      line.splice(0, together.length);
      most = Math.min(most * 2, togetherAtMost);
      lost = 0;
    }
    waiting.delete(action);
  };
  const gates: Gates = {
    settings,
    async waiting() {
      const seen = (await bucket.entries(">")).map(({ value: gate }) => ({ gate, policies: settings(gate.action).policies }));
      return waitingAtGates(seen, Date.now());
    },
    change(action, decide) {
      const done = Promise.withResolvers<void>();
      const line = waiting.get(action);
      if (line === undefined) {
        const begun = [{ decide, done }];
        waiting.set(action, begun);
        void work(action, begun);
      } else line.push({ decide, done });
      return done.promise;
    },
    async apply(command, whenFull) {
      const { action, pass } = command;
      let refused: ProblemData | undefined;
      await gates.change(action, (gate, now) => {
        if (command.kind === "leave") return leave(gate, pass, command.ended, now);
        const entered = enter(gate, command.pass, now);
        refused = entered.refused;
        return entered.gate;
      });
      point("engine.passed");
      // No record says it, so whoever carries this out once more says it once more.
      if (refused !== undefined) await gates.tell(pass, refusedVerdict(refused), { whenFull });
    },
    async tell({ run, task, attempt: nth }, verdict, { again = 0, whenFull } = {}) {
      const key = `gate/${passName({ run, task, attempt: nth })}/${verdict.kind}${again === 0 ? "" : `/${again}`}`;
      const ask = { v: 2, kind: "gate", key, run, task, attempt: nth, verdict, askedAt: new Date().toISOString() } as const;
      await bus.publish(subjects.run.asked, ask, { id: messageIds.asked(key), whenFull });
    },
  };
  return gates;
}

/** Somebody who changes a gate, and hears when that is written. */
interface Waiting {
  readonly decide: Decide;
  readonly done: PromiseWithResolvers<void>;
}

function* decided(gate: Gate, at: { together: readonly Waiting[]; settings: GateSettings }): Generator<void, Gate, void> {
  let after = gate;
  for (const { decide } of at.together) {
    after = decide(after, at.settings);
    yield;
  }
  return after;
}
