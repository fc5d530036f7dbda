import type { Delivery } from "@bellhop/bus";
import { problem, shardOfRun, spans, traceOf, type Command, type Problem, type Retry, type Run, type RunAsked } from "@bellhop/contracts";
import { actionAsksDatastore, kvUser, mainTask, mayCancel, mayRun, planRun, renderProblem, type RunPlan } from "@bellhop/core";
import { answerInquiry, refuse as refuseAnswer } from "./intake/answer-inquiry.ts";
import { answer } from "./intake/answer.ts";
import { apply } from "./runs/apply.ts";
import type { Engine } from "./engine.ts";
import { places } from "./replies/places.ts";
import { onPostAsked, postFailed } from "./replies/post.ts";
import { firstOfAgain, firstOfAnswer, firstOfRun } from "./intake/planned.ts";
import type { First } from "./runs/run-book.ts";
import { opened } from "./runs/seal.ts";

/** Begins the run that an event asks for, where both are of one shard: the queue between them would lead back to here. False: it takes that way nevertheless,
 *  on which what fails is tried again, and answered in the end. */
export async function beginAtOnce(engine: Engine, ask: RunAsked, event: string): Promise<boolean> {
  if (ask.kind !== "start" || shardOfRun(ask.run) !== shardOfRun(event)) return false;
  try {
    // As who reads it off the queue has it: expressions may have put values into it that JSON does not know.
    await onRunAsked(engine, JSON.parse(JSON.stringify(ask)) as typeof ask, { sequence: 0 });
    return true;
  } catch (error) {
    engine.log.warn({ run: ask.run, error: String(error) }, "a run could not be begun at once, it is asked for");
    return false;
  }
}

/** An ask that came from no chat, or from another shard. */
export async function onRunAsked(engine: Engine, ask: RunAsked, { sequence }: Pick<Delivery, "sequence">): Promise<void> {
  const { kind, key, run } = ask;
  const within = ask.kind === "gate" ? undefined : ask.trace;
  engine.log.info({ ask: key, kind, run, trace: within ?? traceOf(key) }, "ask taken");
  await engine.telemetry.span(
    () => spans.decide(key, within),
    { kind, run },
    () => take(engine, ask, sequence),
  );
}

async function take(engine: Engine, ask: RunAsked, sequence: number): Promise<void> {
  switch (ask.kind) {
    case "start":
      return engine.book.open(ask.run, () => startOf(engine, ask), points);
    case "again": {
      const before = await engine.book.find(ask.of);
      return engine.book.open(ask.run, () => againOf(engine, ask, before), points);
    }
    case "planned": {
      const { run, plan, asker, replyTo, key, askedAt, trace } = ask;
      return engine.book.open(
        run,
        async () => firstOfRun(engine, { run, plan: { ...plan, secrets: [] }, asker, replyTo, key, askedAt, trace }),
        points,
      );
    }
    case "post":
      return onPostAsked(engine, ask, { sequence, points });
    case "answer":
      return answerInquiry(engine, ask, points);
    case "gate": {
      const { run, key, task, attempt, verdict } = ask;
      return void (await engine.book.step(run, { kind: "gate", id: key, at: now(), task, attempt, verdict }));
    }
    case "moved": {
      const { run, key, task, attempt, status } = ask;
      return void (await engine.book.step(run, { kind: "moved", id: key, at: now(), task, attempt, status }));
    }
    case "cancel":
    case "pause":
    case "resume": {
      const { kind, run, asker, replyTo, key } = ask;
      const found = await engine.book.look(run);
      // The run that it is part of may do with it what it likes.
      const quiet = ask.parent !== undefined && ask.parent.run === found?.parent?.run;
      const access = found === undefined || quiet ? undefined : mayCancel(engine.knowledge.policy(), asker, found);
      if (access?.kind === "no") return refuse(engine, ask, access.problem);
      const at = kind === "cancel" ? ask.askedAt : now();
      const known = await engine.book.step(run, { kind, id: key, at, asker, replyTo, answers: key, quiet });
      if (known === "unknown" && ask.parent === undefined) await refuse(engine, ask, problem("run_unknown", { run }));
    }
  }
}

/** An ask that no handler survived still gets its answer. The log of what it asked for says so too: where somebody began it before, that goes on. */
export async function onDeadAsk(engine: Engine, ask: RunAsked, reason: Problem): Promise<void> {
  // A gate says it again.
  if (ask.kind === "moved" || ask.kind === "gate") return;
  if (ask.kind === "cancel" || ask.kind === "pause" || ask.kind === "resume") {
    return ask.parent === undefined ? refuse(engine, ask, reason) : undefined;
  }
  if (ask.kind === "answer") return refuseAnswer(engine, ask, reason);
  const { key, replyTo: to, askedAt, run } = ask;
  const command =
    (ask.kind === "post" ? postFailed(ask, reason) : toldParent(ask, reason)) ??
    answer({ key, to, body: renderProblem(reason), outcome: "failed" });
  await engine.book.open(run, async () => firstOfAnswer(engine, { key, askedAt, verdict: "answered", commands: [command] }));
}

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

async function startOf(engine: Engine, ask: Extract<RunAsked, { kind: "start" }>): Promise<First> {
  const { action, input, config, asker, replyTo, key, run, askedAt, rule, depth, parent, trace } = ask;
  const { knowledge, datastore } = engine;
  // Whoever activated a rule's pack has let it run what it names, and whoever may run a workflow what that is made of.
  const access = rule === undefined && parent === undefined ? mayRun(knowledge.policy(), asker, { action }) : ({ kind: "yes" } as const);
  if (access.kind === "no") return refusal(engine, ask, access.problem);
  const catalog = parent === undefined ? knowledge.catalog() : await knowledge.catalogOf(parent.catalog);
  const named = config === undefined ? {} : { config };
  // A rule's secrets were sealed before they were checked.
  const given = rule === undefined ? input : opened(ask, { catalog, open: (sealed) => engine.keyring.open(sealed) });
  if (actionAsksDatastore(catalog, action)) await datastore.caughtUp();
  const planned = planRun({
    catalog,
    action,
    input: given,
    places: { ...places(engine), here: replyTo },
    open: (value) => engine.keyring.openAll(value),
    sealed: parent !== undefined,
    datastore,
    user: kvUser(asker),
    checkTriggers: engine.checkTriggers,
    ...named,
  });
  if (planned.kind === "refused") return refusal(engine, ask, planned.problem);
  // Who asked for the whole sees the whole.
  const reply = parent === undefined ? planned.plan.reply : { enabled: true, acknowledgement: { enabled: false } };
  const secrets = [...planned.plan.secrets, ...(ask.secrets ?? []).filter((name) => Object.hasOwn(planned.plan.task.input, name))];
  const plan: RunPlan = { ...planned.plan, reply, secrets };
  return firstOfRun(engine, { run, plan, asker, replyTo, key, askedAt, rule, depth, parent, trace, catalog });
}

/** The same action as it was then, although a newer pack may be active: its input was checked by that definition, and its secrets are sealed already. */
async function againOf(engine: Engine, ask: Extract<RunAsked, { kind: "again" }>, before: Run | undefined): Promise<First> {
  const { asker, replyTo, key, run, askedAt, tasks, reset = [], of, retry } = ask;
  const done = before?.workflow?.task ?? before?.tasks[mainTask];
  if (before === undefined || done === undefined) return refusal(engine, ask, problem("run_unknown", { run: of }));
  const { action, alias, reply, workflow } = before;
  // Whoever let it run the first time has let it be tried again.
  const policy = engine.knowledge.policy();
  const access = retry === undefined ? mayRun(policy, asker, { action, ...(alias === undefined ? {} : { alias }) }) : undefined;
  if (access?.kind === "no") return refusal(engine, ask, access.problem);
  const { lostSince: _, waits: __, pass: ___, ...task } = done;
  const plan: RunPlan = { action, ...(alias === undefined ? {} : { alias }), reply, task: { ...task, attempt: 1 }, secrets: [] };
  const catalog = workflow === undefined ? undefined : await engine.knowledge.catalogOf(workflow.catalog);
  const asked = {
    run,
    plan,
    asker,
    replyTo,
    key,
    askedAt,
    catalog,
    trace: ask.trace,
    ...(retry === undefined ? {} : triedAgain(before, retry)),
  };
  if (tasks === undefined) return firstOfRun(engine, asked);
  const refused = (why: string) => refusal(engine, ask, problem("run_not_again", { run: of, why }));
  if (workflow === undefined) return refused("it is no workflow, so it has no tasks");
  if (before.endedAt === undefined) return refused("it is not over");
  const named = tasks.length === 0 ? {} : { tasks: tasks.map((name) => ({ task: name, reset: reset.includes(name) })) };
  const first = firstOfAgain(engine, { ...asked, again: { of: workflow, ...named } });
  return first.kind === "refused" ? refused(first.why) : first.first;
}

/** What a further try has of the one before it: its place in the chat, and whose it is. */
function triedAgain(before: Run, { reworded, ...retry }: Retry) {
  const { id, answers, replyTo: to, rule, depth } = before;
  const after = reworded === undefined ? undefined : { ...reworded, to, answers, waits: false };
  return { rule, depth, retry: { ...retry, of: id }, ...(after === undefined ? {} : { after }) };
}

function refusal(engine: Engine, ask: Addressed, reason: Problem): First {
  const { key, replyTo, askedAt } = ask;
  const command = toldParent(ask, reason) ?? answer({ key, to: replyTo, body: renderProblem(reason), outcome: "refused", askedAt });
  return firstOfAnswer(engine, { key, askedAt, verdict: "refused", commands: [command] });
}

/** What somebody asks who waits for an answer. */
type Addressed = Exclude<RunAsked, { kind: "gate" }>;

/** Where another run waits for what was asked for, it is told, and nobody else. */
function toldParent(ask: RunAsked, { data }: Problem): Command | undefined {
  if (ask.kind !== "start" || ask.parent === undefined) return undefined;
  const { run, task, attempt } = ask.parent;
  return { kind: "finish", finished: { v: 1, run, task, attempt, runner: "", outcome: { status: "failed", problem: data } } };
}

function now(): string {
  return new Date().toISOString();
}

/** Needs no record: the same send, however often it is said. */
async function refuse(engine: Engine, ask: Addressed, reason: Problem): Promise<void> {
  await apply(engine.bus, [answer({ key: ask.key, to: ask.replyTo, body: renderProblem(reason), outcome: "refused" })]);
}
