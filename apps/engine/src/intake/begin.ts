import {
  conversationKey,
  runId,
  scheduleKey,
  shardOfRun,
  traceOf,
  type Body,
  type Command,
  type CommandSchedule,
  type Message,
  type Question,
} from "@bellhop/contracts";
import {
  actionAsksDatastore,
  aliasAsksDatastore,
  asksStatus,
  receive,
  setAside,
  severalBody,
  type RunPlan,
  type StandingReply,
  type Verdict,
} from "@bellhop/core";
import { changeAccess } from "./access.ts";
import { answer } from "./answer.ts";
import { asking, ending } from "./asking.ts";
import { claim } from "./claim.ts";
import type { Engine } from "../engine.ts";
import { fingerprintOf, firstOfAnswer, firstOfRun, sealed } from "./planned.ts";
import { places } from "../replies/places.ts";
import { nextPage } from "./read-on.ts";
import type { First } from "../runs/run-book.ts";
import { typedAnswerOf } from "./typed-answer.ts";

/** Words that somebody wrote, and where they are taken. */
export interface Taken {
  message: Message;
  /** The log that tells what they led to. */
  run: string;
  /** When they were written, ISO 8601. */
  askedAt: string;
  /** When they were stored, epoch milliseconds of the server's clock. */
  storedAt: number;
  /** What earlier words of the message were answered: the new answer takes its place. */
  reply?: StandingReply;
  /** What its author was asked and answers with them. */
  question?: Question;
  /** What its author was asked because of earlier words of this message. */
  outdated?: Question;
  /** Of new words: the key of the message as it was first written. */
  original?: string;
}

/** Decides what words lead to, and gives the first record of their log. */
export async function begin(engine: Engine, taken: Taken): Promise<First> {
  const { question, outdated } = taken;
  const first = await decided(engine, taken);
  const asksAgain = first.commands.some(({ kind }) => kind === "question");
  const over = [question, outdated].flatMap((one) => (one === undefined || asksAgain ? [] : ending(one)));
  const intake = question === undefined ? first.intake : { ...first.intake, question };
  return { ...first, intake, commands: [...over, ...replaced(engine, taken), ...first.commands] };
}

/** New words take the place of what was scheduled by earlier ones. */
function replaced({ schedules }: Engine, taken: Taken): Command[] {
  const { message, askedAt: at } = taken;
  if (taken.original === undefined) return [];
  return schedules
    .live()
    .filter((one) => isReplaced(one, taken))
    .map((one) => ({ kind: "unschedule", schedule: scheduleKey(one), by: message.author, at }));
}

function isReplaced({ message }: CommandSchedule, { message: { key }, original }: Taken): boolean {
  return original !== undefined && message !== key && (message === original || message.startsWith(`${original}/e`));
}

async function decided(engine: Engine, taken: Taken): Promise<First> {
  const { message, run, askedAt, reply, question } = taken;
  const { key, replyTo: to, author: asker } = message;
  const { knowledge, book } = engine;
  const typed = message.schedule === undefined ? await typedAnswerOf(engine, taken) : undefined;
  if (typed !== undefined) return { ...typed, commands: [...leftOf(reply), ...typed.commands] };
  // Where somebody stands in line, the gates alone know.
  const waiting = asksStatus(message) ? { waiting: await engine.gates.waiting() } : {};
  const received = {
    ...waiting,
    catalog: knowledge.catalog(),
    policy: knowledge.policy(),
    // What times count from: of new words, when they were written.
    message: { ...message, sentAt: askedAt },
    // Asked for by a few words only; finding them means going through all.
    get runs() {
      return book.liveIn(conversationKey(message));
    },
    now: new Date().toISOString(),
    liveOutput: engine.liveOutput,
    checkTriggers: engine.checkTriggers,
    places: places(engine),
    // What these words take the place of counts for nothing.
    schedules: { has: engine.schedules.has, live: () => engine.schedules.live().filter((one) => !isReplaced(one, taken)) },
    timeZone: engine.timeZone,
    datastore: engine.datastore,
    ...(question === undefined ? {} : { question: { ...question, input: openedInput(engine, question) } }),
  };
  const verdict = await upToDate(engine, receive(received), () => receive(received));
  engine.log.info({ message: key, verdict: verdict.kind, run, trace: traceOf(key) }, "message decided");
  engine.telemetry.count("bellhop_decisions_total", { verdict: verdict.kind });
  const words = fingerprintOf(engine, message);
  switch (verdict.kind) {
    case "run": {
      const { plan } = verdict;
      const { after, left } = placeOf(reply, plan.reply.whisper === true ? asker.id : undefined);
      const first = firstOfRun(engine, { run, plan, asker, replyTo: to, key, askedAt, words, after });
      return { ...first, commands: [...left, ...first.commands] };
    }
    case "runs":
      return severalRuns(engine, taken, verdict.plans);
    case "ask": {
      const { lacking, secrets, body } = verdict;
      const before = question ?? taken.outdated;
      const asked = questionOf(engine, { taken, lacking, secrets, before });
      const { after, left } = placeOf(reply, undefined);
      const said = answer({ key, to, body, outcome: "refused", askedAt, after });
      const commands = [...asking(engine, { question: asked, before }), ...left, said];
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "answered", commands });
    }
    case "unheard":
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "answered", commands: [] });
    case "cancel":
    case "pause":
    case "resume": {
      const { kind } = verdict;
      const ask = { v: kind === "cancel" ? 1 : 2, kind, key, run: verdict.run, asker, replyTo: to, askedAt } as const;
      // The run that is to end answers, wherever it is: nothing takes the place of what stands.
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "passed-on", commands: [...leftOf(reply), { kind: "ask", ask }] });
    }
    case "schedule":
    case "unschedule": {
      const { after, left } = placeOf(reply, undefined);
      const said = answer({ key, to, body: verdict.body, outcome: "ok", askedAt, after });
      const command: Command =
        verdict.kind === "schedule"
          ? { kind: "schedule", schedule: verdict.schedule }
          : { kind: "unschedule", schedule: verdict.schedule, by: asker, at: askedAt };
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "answered", commands: [command, ...left, said], lasting: true });
    }
    case "more": {
      const { outcome, only, ...page } = await nextPage(engine, message, verdict.run);
      const { after, left } = placeOf(reply, only);
      const commands = [...left, answer({ key, to, ...page, outcome, askedAt, only, after })];
      return firstOfAnswer(engine, { key, askedAt, words, verdict: outcome === "refused" ? "refused" : "answered", commands });
    }
    case "answer":
    case "access":
    case "claim": {
      const { body, outcome, lasting } = await answered(engine, taken, verdict);
      const { after, left } = placeOf(reply, undefined);
      const commands = [...left, answer({ key, to, body, outcome, askedAt, after })];
      return firstOfAnswer(engine, { key, askedAt, words, verdict: outcome === "refused" ? "refused" : "answered", commands, lasting });
    }
  }
}

/** A verdict that asks for the datastore is reached anew with the datastore as it is now. */
async function upToDate({ knowledge, datastore }: Engine, verdict: Verdict, again: () => Verdict): Promise<Verdict> {
  const [plan] = verdict.kind === "run" ? [verdict.plan] : verdict.kind === "runs" ? verdict.plans : [];
  if (plan === undefined) return verdict;
  const catalog = knowledge.catalog();
  const asks = actionAsksDatastore(catalog, plan.action) || (plan.alias !== undefined && aliasAsksDatastore(catalog, plan.alias));
  if (!asks) return verdict;
  await datastore.caughtUp();
  return again();
}

/** Each run is asked for by itself; the answer to the message names them, and stays whatever becomes of its words. */
function severalRuns(engine: Engine, { message, run, askedAt, reply }: Taken, plans: readonly RunPlan[]): First {
  const { key, replyTo: to, author: asker } = message;
  const shard = shardOfRun(run) ?? 0;
  const asks = plans.map((plan, index) => {
    const part = `${key}/part/${index + 1}`;
    const { secrets: _, ...planned } = sealed(engine, plan);
    const id = runId({ key: part, at: askedAt, shard });
    return { v: 2, kind: "planned", key: part, run: id, plan: planned, asker, replyTo: to, askedAt } as const;
  });
  const { after, left } = placeOf(reply, undefined);
  const runs = asks.map((ask) => ask.run);
  const said = answer({ key, to, body: severalBody(plans, runs), outcome: "ok", askedAt, after, follow: asks.map((ask) => ask.key) });
  const commands: Command[] = [...left, said, ...asks.map((ask) => ({ kind: "ask" as const, ask }))];
  return firstOfAnswer(engine, { key, askedAt, words: fingerprintOf(engine, message), verdict: "passed-on", commands, lasting: true });
}

function questionOf(
  engine: Engine,
  at: { taken: Taken; lacking: Extract<Verdict, { kind: "ask" }>["lacking"]; secrets: readonly string[]; before: Question | undefined },
): Question {
  const { message, run } = at.taken;
  const { alias, action, input, lacks } = at.lacking;
  const kept = Object.entries(input).map(([name, value]) => [name, at.secrets.includes(name) ? engine.keyring.seal(value) : value]);
  return {
    v: 1,
    key: message.key,
    run,
    asker: message.author,
    to: message.replyTo,
    direct: message.conversation.kind === "direct",
    alias,
    action,
    input: Object.fromEntries(kept),
    lacks,
    // Later than the one whose place it takes, whatever this machine's clock says.
    askedAt: new Date(Math.max(Date.now(), Date.parse(at.before?.askedAt ?? message.sentAt) + 1)).toISOString(),
  };
}

function openedInput(engine: Engine, { input }: Question): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, engine.keyring.openAll(value)]));
}

interface Answered {
  body: Body;
  outcome: "ok" | "failed" | "refused";
  /** It tells of something that was done, so it stays whatever becomes of the words. */
  lasting: boolean;
}

async function answered(
  engine: Engine,
  taken: Taken,
  verdict: Extract<Verdict, { kind: "answer" | "access" | "claim" }>,
): Promise<Answered> {
  const { message, run, storedAt } = taken;
  switch (verdict.kind) {
    case "answer":
      return { body: verdict.body, outcome: verdict.outcome, lasting: false };
    case "access": {
      const { body, outcome } = await changeAccess(engine, { message, wish: verdict.wish, run, storedAt });
      return { body, outcome, lasting: outcome === "ok" };
    }
    case "claim": {
      const { bus, durations } = engine;
      const { body, granted } = await claim({ bus, message, code: verdict.code, storedAt, length: durations.claimCode });
      return { body, outcome: granted ? "ok" : "refused", lasting: granted };
    }
  }
}

/** A new answer takes the place of the old one only where the same people see it: what is whispered must not come to stand where all can read. */
function placeOf(reply: StandingReply | undefined, only: string | undefined): { after?: StandingReply; left: Command[] } {
  return reply === undefined || reply.only === only ? { after: reply, left: [] } : { left: leftOf(reply) };
}

function leftOf(reply: StandingReply | undefined): Command[] {
  return reply?.waits === true ? [{ kind: "send", send: setAside(reply, { final: false }) }] : [];
}
