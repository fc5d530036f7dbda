import type { Address, Command, Intake, Message, Person, TriggerFired } from "@bellhop/contracts";
import { decide, wordsOf, type Enforced, type RunPlan, type StandingReply } from "@bellhop/core";
import { digests } from "./knowledge.ts";
import type { Engine } from "./engine.ts";
import type { First } from "./run-book.ts";

/** The first record of a run: its secrets sealed before anything is stored.
 *  @param at.words what tells the words that were asked from others
 *  @param at.after the reply to earlier words, which this run's goes on with */
export function firstOfRun(
  engine: Engine,
  at: {
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
  },
): First {
  const { run, plan, asker, replyTo, key, askedAt, words, after, rule, depth } = at;
  const event = { id: key, kind: "asked", at: askedAt } as const;
  const reworded = after === undefined ? undefined : { key: after.key, revision: after.revision };
  const answers = after?.answers ?? key;
  const decision = decide(undefined, { ...event, run, plan: sealed(engine, plan), asker, replyTo, answers, reworded, rule, depth });
  if (decision.kind === "unchanged") throw new Error("a run that was asked for must begin");
  const { run: state, commands, outcome } = decision;
  return { event, intake: intake(engine, { key, verdict: "run", words }), state, commands, ...(outcome === undefined ? {} : { outcome }) };
}

/** The first record of an event's log: what happened, and what is asked for because of it. */
export function firstOfEvent(engine: Engine, { fired, enforced }: { fired: TriggerFired; enforced: Enforced }): First {
  const { key, firedAt: at } = fired;
  return {
    event: { id: key, kind: "fired", at },
    intake: intake(engine, { key, verdict: "event", words: undefined }),
    fired: enforced.outcome,
    commands: enforced.asks.map((ask) => ({ kind: "ask", ask })),
  };
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
  if (plan.secrets.length === 0) return plan;
  const input = Object.fromEntries(
    Object.entries(plan.task.input).map(([name, value]) => [name, plan.secrets.includes(name) ? engine.keyring.seal(value) : value]),
  );
  return { ...plan, task: { ...plan.task, input } };
}
