import type { Bucket, Bus } from "@bellhop/bus";
import {
  attemptKey,
  buckets,
  RunAsked,
  RunRecord,
  streams,
  subjects,
  toProblem,
  token,
  type ActionFinished,
  type AttemptRecord,
  type AttemptRef,
  type Command,
  type Message,
  type MessageEdited,
  type Run,
  type Send,
  type Timer,
} from "@bellhop/contracts";
import { mainTask } from "@bellhop/core";
import { apply } from "../runs/apply.ts";
import { readCommands, readLog } from "../runs/log/read-run.ts";
import { logOf, type About } from "../intake/wordings.ts";

export interface Settled {
  /** Runs that go on, or begin with what waits. */
  live: number;
  /** Attempts that may have been made since the copy: repeatable ones are made again, others end abandoned. */
  doubtful: number;
  /** Sends that are looked for before they are said. */
  unsure: number;
  /** Runs whose log names a value that is not among the objects: what that step wanted is not done again, and they end as whatever is lost does. */
  gone: string[];
}

/** Makes of streams that were copied one after the other the state that a crash of every process leaves: docs/decisions/0019. Before anything else works on
 *  them; safe to repeat.
 *  @param at.since when the copy was begun, epoch milliseconds of the server's clock: steps written from then on may lack what they wanted done
 *  @param at.resume nothing was done since the copy was made */
export async function settleRestored(bus: Bus, at: { since: number; resume: boolean }): Promise<Settled> {
  const { since, resume } = at;
  const gone = new Set<string>();
  const commandsOf = async (record: RunRecord): Promise<Command[]> => {
    try {
      return await readCommands(bus, record);
    } catch (error) {
      if (toProblem(error).code !== "value_gone") throw error;
      gone.add(record.run);
      return [];
    }
  };
  const settled: Settled = { live: 0, doubtful: 0, unsure: 0, gone: [] };
  const { live, from } = await liveRuns(bus, { since, commandsOf });
  settled.live = live.size;

  const doubt = async (ref: AttemptRef, repeatable: boolean) => {
    if (!resume && (await doubtAttempt(bus.bucket(buckets.attempt), ref, repeatable))) settled.doubtful++;
  };
  const doubtSends = async (commands: readonly Command[]) => {
    for (const command of commands) if (!resume && command.kind === "send" && (await doubtSend(bus, command.send))) settled.unsure++;
  };

  const results = new Set<string>();
  for await (const { data } of bus.contents(streams.finished.name)) {
    const finished = parsed<ActionFinished>(subjects.action.finished.schema, data);
    if (finished !== undefined) results.add(attemptKey(finished));
  }
  for (const { run } of live.values()) {
    for (const [task, { attempt, repeatable, waits }] of Object.entries(run.tasks)) {
      const ref = { run: run.id, task, attempt };
      if (waits === undefined && !results.has(attemptKey(ref))) await doubt(ref, repeatable);
    }
  }
  for await (const run of runsToBegin(bus)) await doubt({ run, task: mainTask, attempt: 1 }, false);
  for await (const { data } of bus.contents(streams.send.name)) {
    const send = parsed<Send>(subjects.message.send.schema, data);
    if (send !== undefined) await doubtSends([{ kind: "send", send }]);
  }

  for await (const { data } of from === undefined ? [] : bus.contents(streams.run.name, { from })) {
    const record = parsed(RunRecord, data);
    const commands = record === undefined ? [] : await commandsOf(record);
    await doubtSends(commands);
    await apply(bus, commands, { gates });
  }
  for (const { run, request, timers } of live.values()) {
    await apply(bus, [
      ...(run.workflow === undefined ? [] : await stillOut(bus, { run, commandsOf })),
      ...(request === undefined || run.workflow !== undefined ? [] : [request]),
      ...[...timers.values()].map((timer) => ({ kind: "timer" as const, timer })),
    ]);
  }
  return { ...settled, gone: [...gone] };
}

type CommandsOf = (record: RunRecord) => Promise<Command[]>;

/** Engines find out at each gate who is there without knowing it, and who waits without being there. */
const gates = { apply: async () => {} };

/** A run that is not over, with what its steps wanted and nothing has taken back. */
interface LiveRun {
  run: Run;
  request?: Extract<Command, { kind: "request" }>;
  timers: Map<string, Timer>;
  /** Its records say of its tasks what changed alone. */
  isHeld: boolean;
}

/** @returns from: the first record that was written since */
async function liveRuns(
  bus: Bus,
  { since, commandsOf }: { since: number; commandsOf: CommandsOf },
): Promise<{ live: Map<string, LiveRun>; from?: number }> {
  const live = new Map<string, LiveRun>();
  let from: number | undefined;
  for await (const { data, sequence, storedAt } of bus.contents(streams.run.name)) {
    if (storedAt >= since) from ??= sequence;
    const record = parsed(RunRecord, data);
    if (record?.state === undefined) continue;
    const { run, state, event } = record;
    if (state.endedAt !== undefined) {
      live.delete(run);
      continue;
    }
    const entry: LiveRun = live.get(run) ?? { run: state, timers: new Map(), isHeld: record.held !== undefined };
    entry.run = state;
    // A timer that fired was taken away.
    if (event.kind === "timer") entry.timers.delete(event.id.replace(/^timer:/, ""));
    for (const command of await commandsOf(record)) {
      if (command.kind === "request") entry.request = command;
      if (command.kind === "timer") entry.timers.set(command.timer.name, command.timer);
      if (command.kind === "clear-timer") entry.timers.delete(command.timer.name);
    }
    live.set(run, entry);
  }
  for (const [id, entry] of live) {
    if (entry.isHeld) entry.run = (await readLog(bus, id))?.run ?? entry.run;
  }
  return { live, ...(from === undefined ? {} : { from }) };
}

/** What a workflow's run asked for and has no result of: runners, runs of its own, and results that were known without either. */
async function stillOut(bus: Bus, { run, commandsOf }: { run: Run; commandsOf: CommandsOf }): Promise<Command[]> {
  const isOut = ({ task, attempt }: { task: string; attempt: number }) => run.tasks[task]?.attempt === attempt;
  const found: Command[] = [];
  for (const { record } of await bus.log.records(run.id, { from: 1 })) {
    for (const command of await commandsOf(record)) {
      if (command.kind === "request" && isOut(command.request)) found.push(command);
      if (command.kind === "finish" && command.finished.run === run.id && isOut(command.finished)) found.push(command);
      if (command.kind === "ask" && (command.ask.kind === "start" || command.ask.kind === "post")) {
        if (command.ask.parent !== undefined && isOut(command.ask.parent)) found.push(command);
      }
    }
  }
  return found;
}

/** The runs that what waits to be decided leads to, where it leads to any. */
async function* runsToBegin(bus: Bus): AsyncGenerator<string> {
  const { received, edited } = subjects.message;
  for await (const { subject, data } of bus.contents(streams.message.name)) {
    if (subject.startsWith("message.received.")) {
      const message = parsed<Message>(received.schema, data);
      if (message !== undefined) yield* nextLog(bus, { ...message, original: message });
    } else if (subject.startsWith("message.edited.")) {
      const event = parsed<MessageEdited>(edited.schema, data);
      if (event !== undefined) yield* nextLog(bus, event);
    }
  }
  for await (const { data } of bus.contents(streams.asked.name)) {
    const ask = parsed(RunAsked, data);
    if (
      ask !== undefined &&
      (ask.kind === "start" || ask.kind === "again" || ask.kind === "planned") &&
      (await bus.log.first(ask.run)) === undefined
    )
      yield ask.run;
  }
}

async function* nextLog(bus: Bus, about: About): AsyncGenerator<string> {
  for (let nth = 0; ; nth++) {
    const run = logOf(about, nth);
    if ((await bus.log.first(run)) !== undefined) continue;
    yield run;
    return;
  }
}

/** Nobody's: a member of this name never lives. */
const nobody = { runner: "restored", epoch: "-" } as const;

/** Has the attempt count as begun by a runner that is gone. False where that would say less than is known. */
async function doubtAttempt(attempts: Bucket<AttemptRecord>, ref: AttemptRef, repeatable: boolean): Promise<boolean> {
  const key = attemptKey(ref);
  const at = new Date().toISOString();
  const record: AttemptRecord = { v: 1, ...ref, ...nobody, state: "started", repeatable, at };
  if ((await attempts.create(key, record)) !== undefined) return true;
  const found = await attempts.get(key);
  if (found === undefined) return doubtAttempt(attempts, ref, repeatable);
  const { state, cancel, superseded } = found.value;
  // Taken back before anybody began it; whoever took it ends the run.
  if (state === "revoked" && (cancel === true || superseded === true)) return false;
  await attempts.put(key, { ...found.value, ...nobody, state: "started", at });
  return true;
}

/** Has the send count as tried by a gateway that is gone. */
async function doubtSend(bus: Bus, send: Send): Promise<boolean> {
  if (send.gesture !== undefined) return false;
  const { key, revision } = send;
  const receipt = { v: 1, key, revision, state: "sending", by: `${nobody.runner}/${nobody.epoch}`, at: new Date().toISOString() } as const;
  return (await bus.bucket(buckets.receipt).create(token(key), { ...receipt, pieces: [{ state: "sending" }] })) !== undefined;
}

function parsed<T>(schema: { safeParse(value: unknown): { success: boolean; data?: T } }, data: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(data))).data;
  } catch {
    return undefined;
  }
}
