import { conversationKey, traceOf, type Body, type Command, type Message } from "@bellhop/contracts";
import { receive, setAside, type StandingReply, type Verdict } from "@bellhop/core";
import { changeAccess } from "./access.ts";
import { answer } from "./answer.ts";
import { claim } from "./claim.ts";
import type { Engine } from "./engine.ts";
import { fingerprintOf, firstOfAnswer, firstOfRun } from "./planned.ts";
import { places } from "./places.ts";
import { nextPage } from "./read-on.ts";
import type { First } from "./run-book.ts";

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
}

/** Decides what words lead to, and gives the first record of their log. */
export async function begin(engine: Engine, taken: Taken): Promise<First> {
  const { message, run, askedAt, reply } = taken;
  const { key, replyTo: to, author: asker } = message;
  const { knowledge, book } = engine;
  const verdict = receive({
    catalog: knowledge.catalog(),
    policy: knowledge.policy(),
    message,
    // Asked for by a few words only; finding them means going through all.
    get runs() {
      return book.liveIn(conversationKey(message));
    },
    now: new Date().toISOString(),
    liveOutput: engine.liveOutput,
    places: places(engine),
  });
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
    case "cancel": {
      const ask = { v: 1, kind: "cancel", key, run: verdict.run, asker, replyTo: to, askedAt } as const;
      // The run that is to end answers, wherever it is: nothing takes the place of what stands.
      return firstOfAnswer(engine, { key, askedAt, words, verdict: "passed-on", commands: [...leftOf(reply), { kind: "ask", ask }] });
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

interface Answered {
  body: Body;
  outcome: "ok" | "failed" | "refused";
  /** It tells of something that was done, so it stays whatever becomes of the words. */
  lasting: boolean;
}

async function answered(engine: Engine, taken: Taken, verdict: Exclude<Verdict, { kind: "run" | "cancel" | "more" }>): Promise<Answered> {
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
  return reply?.waits === true ? [{ kind: "send", send: setAside(reply, false) }] : [];
}
