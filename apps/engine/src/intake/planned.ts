import {
  eventKey,
  traceOf,
  type Address,
  type Command,
  type Intake,
  type Message,
  type Parent,
  type Person,
  type Run,
  type TriggerFired,
} from "@bellhop/contracts";
import { decide, wordsOf, type Catalog, type Enforced, type RunEvent, type RunPlan, type StandingReply } from "@bellhop/core";
import { inSlices } from "@bellhop/service";
import { policing } from "../runs/decide-settings.ts";
import { digests } from "../knowledge/knowledge.ts";
import type { Engine } from "../engine.ts";
import { places } from "../replies/places.ts";
import type { First } from "../runs/run-book.ts";
import { sealedAsk, sealedDecision, sealedPlan } from "../runs/seal.ts";

/** What the first record of a run is made of.
 *  @param words what tells the words that were asked from others
 *  @param after the reply to earlier words, which this run's goes on with
 *  @param trace of what asks, where the key does not tell it
 *  @param catalog the packs that it was planned with; those that are active now, where none are given */
interface Asked {
  run: string;
  plan: RunPlan;
  asker: Person;
  replyTo: Address;
  key: string;
  askedAt: string;
  words?: string;
  after?: StandingReply;
  rule?: string | undefined;
  depth?: number | undefined;
  trace?: string | undefined;
  parent?: Parent | undefined;
  retry?: Run["retry"];
  catalog?: Catalog | undefined;
}

/** The first record of a run: its secrets sealed before anything is stored. */
export function firstOfRun(engine: Engine, at: Asked): First {
  const begun = begin(engine, at);
  if (begun.kind === "refused") throw new Error("a run that was asked for must begin");
  return begun.first;
}

/** The first record of a run that goes on with what a workflow came to that is over. */
export function firstOfAgain(
  engine: Engine,
  at: Asked & { again: NonNullable<Extract<RunEvent, { kind: "asked" }>["again"]> },
): { kind: "begun"; first: First } | { kind: "refused"; why: string } {
  return begin(engine, at);
}

function begin(
  engine: Engine,
  at: Asked & { again?: Extract<RunEvent, { kind: "asked" }>["again"] },
): { kind: "begun"; first: First } | { kind: "refused"; why: string } {
  const { key, askedAt, words, after, plan, again, trace, catalog = engine.knowledge.catalog(), ...rest } = at;
  const event = { id: key, kind: "asked", at: askedAt } as const;
  const reworded = after === undefined ? undefined : { key: after.key, revision: after.revision };
  const answers = after?.answers ?? key;
  const asked = { ...event, ...rest, plan: sealed(engine, plan), answers, reworded, ...(again === undefined ? {} : { again }) };
  const { lateResult } = engine.durations;
  const decision = decide(undefined, asked, {
    lateResult,
    catalog,
    places: places(engine),
    checkTriggers: engine.checkTriggers,
    datastore: engine.datastore,
    runPage: engine.runPage,
    ...policing(engine),
  });
  if (decision.kind === "unchanged") return { kind: "refused", why: decision.refused ?? "" };
  const { run: begun, commands, kept, outcome, progress } = sealedDecision(decision, (value) => engine.keyring.seal(value));
  const state: Run = trace === undefined || trace === traceOf(answers) ? begun : { ...begun, trace };
  const made = { event, intake: { ...intake(engine, { key, verdict: "run", words }), catalog: digests(catalog) }, state, commands };
  const optional = { ...(kept && { kept }), ...(outcome && { outcome }), ...(progress && { progress }) };
  return { kind: "begun", first: { ...made, ...optional } };
}

/** The first record of an event's log: what happened, and what is asked for because of it. */
export async function firstOfEvent(engine: Engine, { fired, enforced }: { fired: TriggerFired; enforced: Enforced }): Promise<First> {
  const { key, firedAt: at } = fired;
  return {
    event: { id: key, kind: "fired", at },
    intake: intake(engine, { key, verdict: "event", words: undefined }),
    fired: enforced.outcome,
    commands: await inSlices(asksOf(engine, { fired, enforced })),
  };
}

function* asksOf(engine: Engine, { fired, enforced }: { fired: TriggerFired; enforced: Enforced }): Generator<void, Command[], void> {
  const catalog = engine.knowledge.catalog();
  const within = fired.trace === undefined || fired.trace === traceOf(eventKey(fired.event)) ? {} : { trace: fired.trace };
  const commands: Command[] = [];
  for (const ask of enforced.asks) {
    commands.push({ kind: "ask", ask: { ...sealedAsk(ask, catalog, (value) => engine.keyring.seal(value)), ...within } });
    yield;
  }
  return commands;
}

/** The first record of a message or ask that leads to no run of its own.
 *  @param at.lasting the answer tells of something that was done: no other words take its place */
export function firstOfAnswer(
  engine: Engine,
  at: { key: string; askedAt: string; verdict: Intake["verdict"]; commands: Command[]; words?: string; lasting?: boolean },
): First {
  const { key, askedAt, verdict, commands, words, lasting = false } = at;
  const event = { id: key, kind: lasting ? "done" : "asked", at: askedAt };
  return { event, intake: intake(engine, { key, verdict, words }), commands };
}

/** What tells the words of a message from others. Nobody rewords what was typed at a prompt. */
export function fingerprintOf(engine: Engine, message: Message): string | undefined {
  return message.addressed === "prompt" ? undefined : engine.keyring.fingerprint(wordsOf(message));
}

function intake(engine: Engine, at: { key: string; verdict: Intake["verdict"]; words: string | undefined }): Intake {
  const { key, verdict, words } = at;
  return { key, verdict, catalog: digests(engine.knowledge.catalog()), ...(words === undefined ? {} : { words }) };
}

/** A plan whose secrets only runners can read. */
export function sealed(engine: Engine, plan: RunPlan): RunPlan {
  return sealedPlan(plan, (value) => engine.keyring.seal(value));
}
