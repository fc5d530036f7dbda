import type { ActionRequested, Command, Outcome, Run, RunAsked } from "@bellhop/contracts";
import { decide, isOver, kvUser, planRun, type Catalog, type Decision, type DecideSettings, type RunEvent } from "@bellhop/core";
import { postedHere } from "./posted.ts";

type Changed = Extract<Decision, { kind: "changed" }>;

/** More steps than any workflow of a test takes: one that goes round for ever ends here. */
const mostSteps = 10_000;

/** Carries the run of a workflow through to its end, as engines and runners would: actions one after another in the order in which they are asked for, sub-workflows as runs of their
 *  own. Time passes at once.
 *  @param at.work carries an action out
 *  @returns the decision that ended it; its output stands in its run
 *  @throws Error where it waits for somebody */
export async function conductRun(at: {
  begun: Changed;
  settings: DecideSettings & { catalog: Catalog };
  work: (request: ActionRequested) => Promise<{ outcome: Outcome; output?: unknown }>;
}): Promise<Changed> {
  const { begun, settings, work } = at;
  const { catalog, datastore, open } = settings;
  const runs = new Map<string, Run>([[begun.run.id, begun.run]]);
  const todo: Command[] = [...begun.commands];
  const timers = new Map<string, Extract<Command, { kind: "timer" }>["timer"]>();
  let last = begun;
  let now = Date.parse(begun.run.askedAt);

  const step = (run: string, event: RunEvent): void => {
    const before = runs.get(run);
    if (before === undefined) return;
    const decision = decide(before, event, settings);
    todo.push(...decision.commands);
    if (decision.kind === "unchanged") return;
    runs.set(run, decision.run);
    if (run === begun.run.id) last = decision;
  };
  const moment = () => new Date(now).toISOString();
  let steps = 0;
  const event = () => ({ id: `step ${(steps += 1)}`, at: moment() });

  const ask = (asked: RunAsked): void => {
    // Rehearsals know no policies.
    if (asked.kind === "gate") return;
    const { run, key, asker, replyTo } = asked;
    switch (asked.kind) {
      case "start": {
        const planned = planRun({
          catalog,
          action: asked.action,
          input: asked.input,
          datastore,
          open,
          sealed: true,
          user: kvUser(asker),
          places: { rooms: new Map(), senders: [], here: replyTo },
        });
        const { parent } = asked;
        if (planned.kind === "refused") {
          if (parent === undefined) return;
          const outcome: Outcome = { status: "failed", problem: planned.problem.data };
          return finish({ ...parent, outcome });
        }
        const plan = { ...planned.plan, reply: { enabled: true, acknowledgement: { enabled: false } } };
        const decision = decide(undefined, { ...event(), kind: "asked", run, plan, asker, replyTo, answers: key, parent }, settings);
        todo.push(...decision.commands);
        if (decision.kind === "changed") runs.set(run, decision.run);
        return;
      }
      case "cancel":
      case "pause":
      case "resume":
        return step(run, { ...event(), kind: asked.kind, asker, replyTo, answers: key, quiet: true });
      case "moved":
        return step(run, { ...event(), kind: "moved", task: asked.task, attempt: asked.attempt, status: asked.status });
      case "post":
        return finish({ ...asked.parent, ...postedHere(asked.posting) });
      case "again":
      case "answer":
      case "planned":
        throw new Error(`nobody can ask for "${asked.kind}" in this chat`);
    }
  };
  const finish = ({
    run,
    task,
    attempt,
    outcome,
    output,
  }: {
    run: string;
    task: string;
    attempt: number;
    outcome: Outcome;
    output?: unknown;
  }) => {
    const finished = { v: 1, run, task, attempt, runner: "test", outcome } as const;
    step(run, { ...event(), kind: "finished", finished, output: output ?? inlineOf(outcome) });
  };

  while (last.run.endedAt === undefined && !isOver(last.run.status)) {
    if (steps > mostSteps) throw new Error(`${begun.run.action} did not end within ${mostSteps} steps`);
    const command = todo.shift();
    if (command === undefined) {
      const [name, timer] = [...timers].toSorted(([, a], [, b]) => a.due - b.due)[0] ?? [];
      if (name === undefined || timer === undefined)
        throw new Error(`${begun.run.action} waits for somebody, and nobody else is in this chat`);
      timers.delete(name);
      now = Math.max(now, timer.due);
      step(timer.run, { ...event(), kind: "timer", name: timer.name });
      continue;
    }
    switch (command.kind) {
      case "request": {
        const { request } = command;
        const before = performance.now();
        const { outcome, output } = await work(request);
        now += Math.ceil(performance.now() - before);
        finish({ ...request, outcome, output });
        break;
      }
      case "finish":
        finish(command.finished);
        break;
      case "cancel": {
        const { run, task, attempt } = command.attempt;
        const waiting = todo.findIndex((one) => one.kind === "request" && one.request.run === run && one.request.task === task);
        if (waiting >= 0) todo.splice(waiting, 1);
        finish({ run, task, attempt, outcome: { status: "canceled" } });
        break;
      }
      case "timer":
        timers.set(`${command.timer.run} ${command.timer.name}`, command.timer);
        break;
      case "clear-timer":
        timers.delete(`${command.timer.run} ${command.timer.name}`);
        break;
      case "ask":
        ask(command.ask);
        break;
      case "enter":
      case "leave":
      case "fire":
      case "press":
      case "question":
      case "schedule":
      case "unschedule":
      case "send":
      // What is said on the way is seen by nobody.
    }
  }
  return last;
}

function inlineOf({ output }: Outcome): unknown {
  return output !== undefined && "inline" in output ? output.inline : undefined;
}
