import { Passing, type Bus } from "@bellhop/bus";
import {
  conversationKey,
  objectStores,
  shardOfRun,
  type Command,
  type EventOutcome,
  type Intake,
  type Outcome,
  type Progress,
  type Run,
  type RunAsked,
  type RunRecord,
} from "@bellhop/contracts";
import { decide, inTraceOf, type Decision, type DecideSettings, type KeptText, type RunEvent } from "@bellhop/core";
import { inSlices, point, type CrashPoint } from "@bellhop/service";
import { cancelAttempt } from "./attempts.ts";
import { HeldUp, type RoomWatch } from "./held-up.ts";
import { readLog } from "./log/read-run.ts";
import { isLong, writeLongRecord, writeRecord, type Written } from "./log/run-record.ts";
import { sealedDecision } from "./seal.ts";
import { Serially } from "./serially.ts";

/** What is known of one log: its last sequence, the state of its run where it holds one, and the commands of its last step as long as we
 *  have not seen all of them stored. Nothing is decided on top of a step that owes commands: docs/decisions/0002. */
interface Entry {
  sequence: number;
  run: Run | undefined;
  owed: readonly Command[];
  /** When the record was written that has all of it, ISO 8601; empty where that is not known. */
  wholeAt: string;
  /** How its records stand, where they say no more each than what changed. */
  written?: Written;
  /** Its last record alone was read, and does not say all. */
  unread?: true;
}

/** Ended runs are kept in memory for the redeliveries that follow soon; older ones are read from their log again. What is kept for seconds is old to V8, which then
 *  lets garbage of it grow to a multiple of all that lives. */
const endedKept = 256;

/** The runs of the shards this engine holds: in memory while they live, in their logs for ever. */
export class RunBook {
  readonly #entries = new Passing<string, Entry>();
  readonly #ended: string[] = [];
  readonly #turns = new Serially();
  /** What waits for its turn with a run, in the order in which it came. */
  readonly #lines = new Passing<string, Arrived[]>();
  readonly #bus: Bus;
  readonly #apply: Apply;
  readonly #settings: SettingsOf;
  readonly #seal: (value: unknown) => unknown;
  readonly #watch: RunWatch | undefined;
  readonly #events: EventsOf;
  readonly #heldUp: HeldUp;

  constructor(at: {
    bus: Bus;
    apply: Apply;
    settings: SettingsOf;
    seal: (value: unknown) => unknown;
    watch?: RunWatch;
    rooms?: RoomWatch;
    events?: EventsOf;
  }) {
    this.#bus = at.bus;
    this.#apply = at.apply;
    this.#settings = at.settings;
    this.#seal = at.seal;
    this.#watch = at.watch;
    this.#heldUp = new HeldUp({ rooms: at.rooms, revoke: (attempt) => cancelAttempt(at.bus, attempt) });
    this.#events = at.events ?? (async () => []);
  }

  /** Decides on an event, appends the step, carries its commands out. Resolves when every command is stored: only then may the event's
   *  source be acknowledged. What comes for a workflow while a step of it is written is one step together. `unknown`: there is no such run. */
  async step(run: string, event: RunEvent, points: StepPoints = quiet): Promise<"done" | "unknown"> {
    const arrived: Arrived = { event, points };
    const line = this.#lines.get(run) ?? [];
    this.#lines.set(run, line);
    line.push(arrived);
    const turn = () => this.#inTurn(run, () => this.#next(run, { arrived, line }));
    return event.kind === "cancel" ? await this.#heldUp.ending(run, turn) : await turn();
  }

  #next(run: string, { arrived, line }: { arrived: Arrived; line: Arrived[] }): Promise<"done" | "unknown"> {
    // The turn of whoever came before took it along, or failed with it.
    if (arrived.taken !== undefined) return arrived.taken;
    const isWorkflow = this.#entries.get(run)?.run?.workflow !== undefined;
    const together = line.splice(0, isWorkflow ? togetherAtMost : 1);
    if (line.length === 0) this.#lines.delete(run);
    const taken = this.#take(run, together);
    for (const one of together) one.taken = taken;
    return taken;
  }

  async #take(run: string, arrived: readonly Arrived[]): Promise<"done" | "unknown"> {
    for (;;) {
      const entry = await this.#settled(run);
      if (entry?.run === undefined) return "unknown";
      const toEnd = arrived.some(({ event: { kind } }) => kind === "cancel");
      const settings = await this.#settings(entry.run, { toEnd });
      // Without its packs a workflow can be canceled, and nothing else: what came with that means something only after it.
      if (toEnd && settings.catalog === undefined) arrived = arrived.toSorted(cancelsFirst);
      const { step, event, said, left } = decided(entry.run, arrived, { settings, seal: this.#seal });
      const heard = left.length === 0 ? arrived : arrived.slice(0, -left.length);
      if (step !== undefined) {
        const { run: state, kept, outcome, progress } = step;
        await this.#keep(kept);
        const ends = state.endedAt !== undefined && entry.run.endedAt === undefined;
        const commands = await this.#told({ state, outcome, ends, commands: step.commands });
        const record = toRecord({ run, revision: state.revision, event, state, commands, outcome, progress });
        if ((await this.#append(record, entry)) === "conflict") continue;
        for (const { points } of heard) passed(points.saved);
        if (ends) this.#watch?.ended?.(state);
        await this.#settled(run);
      } else if (await this.#isOutdated(run, entry)) continue;
      await this.#apply(said, () => {
        this.#heldUp.letPass(run);
        return undefined;
      });
      if (step !== undefined) for (const { points } of heard) passed(points.applied);
      if (left.length === 0) return "done";
      arrived = left;
    }
  }

  /** Creates a log: `first` is asked for its record only if none is known. Where one stands already its commands are published again and
   *  nothing else happens, so that a redelivered message keeps the verdict it had. */
  async open(run: string, first: () => Promise<First>, points: StepPoints = quiet): Promise<void> {
    await this.#inTurn(run, async () => {
      let begins: Begin | undefined;
      if (!this.#entries.has(run)) {
        const { event, kept, begin, ...rest } = await first();
        await this.#keep(kept);
        const { state, outcome } = rest;
        const ends = state?.endedAt !== undefined;
        const commands = state === undefined ? rest.commands : await this.#told({ state, outcome, ends, commands: rest.commands });
        const appended = await this.#append(toRecord({ run, revision: 1, event, ...rest, commands }), undefined);
        if (appended === "appended") {
          passed(points.saved);
          begins = begin;
        }
      }
      await this.#settled(run, begins);
      passed(points.applied);
    });
  }

  /** With the events that the step is to rules, all in the run's trace. */
  async #told(step: Parameters<EventsOf>[0]): Promise<Command[]> {
    return inTraceOf(step.state, [...step.commands, ...(await this.#events(step))]);
  }

  /** Whether commands of its last step wait for room in a queue that is full: nothing else becomes of it before. */
  isHeldUp(run: string): boolean {
    return this.#heldUp.has(run);
  }

  /** A run as it stands, of memory or of its log. */
  async find(run: string): Promise<Run | undefined> {
    return await this.#inTurn(run, async () => (await this.#settled(run))?.run);
  }

  /** The same whatever is being done with it, and waits for none of that. */
  async look(run: string): Promise<Run | undefined> {
    const known = this.#entries.get(run);
    return known === undefined || known.unread === true ? (await readLog(this.#bus, run))?.run : known.run;
  }

  /** Live runs that were asked for in a conversation. What is part of another is no answer to anybody's words. */
  liveIn(conversation: string): Run[] {
    return this.live().filter(
      (run) =>
        run.parent === undefined && conversationKey({ ...run.replyTo, conversation: { ...run.replyTo, kind: "room" } }) === conversation,
    );
  }

  live(): Run[] {
    const runs: Run[] = [];
    for (const { run } of this.#entries.values()) if (isLive(run)) runs.push(run);
    return runs;
  }

  /** Takes note of what a log holds, when its shard is taken over. */
  learn(record: RunRecord, sequence: number): void {
    if ((this.#entries.get(record.run)?.sequence ?? -1) >= sequence) return;
    const unread = record.held === undefined && record.apart === undefined ? {} : { unread: true as const };
    const wholeAt = record.held?.kind === "changes" ? "" : record.at;
    this.#remember(record.run, { sequence, run: record.state, owed: record.commands, wholeAt, ...unread });
  }

  /** Live runs of which not all is known that their logs say. */
  unread(): string[] {
    return Array.from(this.#entries).flatMap(([run, entry]) => (entry.unread === true && isLive(entry.run) ? [run] : []));
  }

  /** The lowest log sequence that a live run of the shard still needs, or `otherwise` where none lives. */
  liveFrom(shard: number, otherwise: number): number {
    let lowest = otherwise;
    for (const [run, entry] of this.#entries) {
      if (isLive(entry.run) && shardOfRun(run) === shard) lowest = Math.min(lowest, entry.sequence);
    }
    return lowest;
  }

  /** Writes live runs of a shard whole again of which the last record that has it all is older: it will age. @returns how many */
  async renew(shard: number, before: string): Promise<number> {
    const isDue = ({ run, wholeAt }: Entry) => isLive(run) && wholeAt < before;
    const due = [...this.#entries].flatMap(([run, entry]) => (shardOfRun(run) === shard && isDue(entry) ? [run] : []));
    let renewed = 0;
    for (const run of due) {
      // Its shard may be somebody else's by now.
      if (!this.#entries.has(run) || this.#heldUp.has(run)) continue;
      await this.#inTurn(run, async () => {
        const entry = await this.#settled(run);
        if (entry?.run === undefined || !isDue(entry)) return;
        const state: Run = { ...entry.run, revision: entry.run.revision + 1 };
        const { revision } = state;
        const event = { id: `renewed:${revision}`, kind: "renewed", at: new Date().toISOString() };
        const { written: _, ...whole } = entry;
        if ((await this.#append(toRecord({ run, revision, event, state, commands: [] }), whole)) === "appended") renewed += 1;
      });
    }
    return renewed;
  }

  /** Forgets a shard that somebody else holds now. */
  forget(shard: number): void {
    for (const run of this.#entries.keys()) {
      if (shardOfRun(run) !== shard) continue;
      this.#entries.delete(run);
      this.#watch?.forgotten(run);
      this.#heldUp.over(run);
    }
  }

  /** The run's entry, with everything its last step owed published. */
  async #settled(run: string, begin?: Begin): Promise<Entry | undefined> {
    let entry = this.#entries.get(run);
    if (entry === undefined || entry.unread === true) {
      const read = await readLog(this.#bus, run);
      if (read === undefined) return undefined;
      const { sequence, written, commands: owed, wholeAt } = read;
      entry = { sequence, run: read.run, owed, wholeAt, ...(written === undefined ? {} : { written }) };
      this.#remember(run, entry);
    }
    if (entry.owed.length > 0) {
      const { run: state } = entry;
      await this.#apply(entry.owed, (command) => this.#heldUp.missing(run, state, command), begin);
      entry.owed = [];
      this.#heldUp.over(run);
    }
    return entry;
  }

  #inTurn<T>(run: string, work: () => Promise<T>): Promise<T> {
    return this.#heldUp.around(run, () => this.#turns.run(run, work));
  }

  /** Before the step that refers to them: what a reply refers to is there for whoever sends it. */
  async #keep(texts: readonly KeptText[] = []): Promise<void> {
    if (texts.length === 0) return;
    const objects = this.#bus.objects(objectStores.values);
    await Promise.all(texts.map(({ object, text }) => objects.put(object, new TextEncoder().encode(text))));
  }

  /** What changes nothing is not appended, and so no conflict says that it was decided on what was: by an engine that lost the shard and does not know it yet, to which the
   *  result of an attempt that another handed out since means nothing. */
  async #isOutdated(run: string, { sequence }: Entry): Promise<boolean> {
    const last = await this.#bus.log.last(run);
    if (last === undefined || last.sequence <= sequence) return false;
    this.#entries.delete(run);
    return true;
  }

  async #append(step: RunRecord, before: Entry | undefined): Promise<"appended" | "conflict"> {
    const known = before?.run === undefined || before.written === undefined ? undefined : { run: before.run, written: before.written };
    const { record, json, kept, written }: ReturnType<typeof writeRecord> = isLong(step)
      ? await inSlices(writeLongRecord(step))
      : writeRecord(step, known);
    await this.#keep(kept);
    const appended = await this.#bus.log.append(record, { after: before?.sequence ?? 0, json });
    if (appended.kind === "conflict") {
      this.#entries.delete(step.run);
      return "conflict";
    }
    const { sequence } = appended;
    const stood = written === undefined ? {} : { written: { ...written, from: written.from ?? sequence } };
    const wholeAt = written?.at ?? step.at;
    this.#remember(step.run, { sequence, run: step.state, owed: step.commands, wholeAt, ...stood });
    return "appended";
  }

  #remember(run: string, entry: Entry): void {
    this.#entries.set(run, entry);
    if (entry.run !== undefined) this.#watch?.seen(entry.run);
    if (isLive(entry.run)) return;
    this.#ended.push(run);
    while (this.#ended.length > endedKept) {
      const oldest = this.#ended.shift();
      if (oldest !== undefined && !isLive(this.#entries.get(oldest)?.run)) this.#entries.delete(oldest);
    }
  }
}

/** An event that waits for its turn. `taken`: what became of it, once a turn took it. */
interface Arrived {
  readonly event: RunEvent;
  readonly points: StepPoints;
  taken?: Promise<"done" | "unknown">;
}

/** Results of a workflow's tasks that are one step: their commands share its record. */
const togetherAtMost = 16;

/** So much progress of tasks has room in one record, with what one event more leads to. */
const progressAtMost = 64;

/** One step of all that arrived: undefined where none of it changes anything. `said`: what is to be said without a step. `left`: what the step has no room for. */
function decided(
  run: Run,
  arrived: readonly Arrived[],
  { settings, seal }: { settings: DecideSettings; seal: (value: unknown) => unknown },
): { step?: Changed; event: RunEvent; said: Command[]; left: readonly Arrived[] } {
  const said: Command[] = [];
  let step: Changed | undefined;
  let last = arrived[0]?.event;
  let left: readonly Arrived[] = [];
  for (const [index, { event }] of arrived.entries()) {
    if ((step?.progress?.length ?? 0) > progressAtMost) {
      left = arrived.slice(index);
      break;
    }
    const decision = sealedDecision(decide(step?.run ?? run, event, settings), seal);
    if (decision.kind === "unchanged") {
      said.push(...decision.commands);
      continue;
    }
    last = event;
    step = step === undefined ? decision : afterOther(step, decision);
  }
  if (last === undefined) throw new Error("nothing arrived");
  return { event: last, said, left, ...(step === undefined ? {} : { step }) };
}

function cancelsFirst({ event: one }: Arrived, { event: other }: Arrived): number {
  return Number(other.kind === "cancel") - Number(one.kind === "cancel");
}

type Changed = Extract<Decision, { kind: "changed" }>;

function afterOther(first: Changed, second: Changed): Changed {
  return {
    ...second,
    commands: [...first.commands, ...second.commands],
    kept: [...(first.kept ?? []), ...(second.kept ?? [])],
    progress: [...(first.progress ?? []), ...(second.progress ?? [])],
  };
}

function isLive(run: Run | undefined): run is Run {
  return run !== undefined && run.endedAt === undefined;
}

/** Hears of runs as they change, and of those that this engine has to do with no more. */
export interface RunWatch {
  seen(run: Run): void;
  /** Its last step was written just now, and here. */
  ended?(run: Run): void;
  forgotten(run: string): void;
}

/** Carries commands out. Resolves when all are stored, and tells of each that finds no room for now.
 *  @param noRoom a promise that it gives resolves if the command need not be stored any more */
export type Apply = (commands: readonly Command[], noRoom: NoRoom, begin?: Begin) => Promise<void>;

export type NoRoom = (command: Command) => Promise<void> | undefined;

/** Begins what is asked for here and now. False: it has to take the way through its queue. */
export type Begin = (ask: RunAsked) => Promise<boolean>;

/** What rules hear of a step, as part of it: the events that it is.
 *  @param step.ends whether the run ends in it */
export type EventsOf = (step: {
  state: Run;
  outcome: Outcome | undefined;
  ends: boolean;
  commands: readonly Command[];
}) => Promise<Command[]>;

/** The first record of a log, in parts. */
export interface First {
  event: { id: string; kind: string; at: string };
  intake: Intake;
  /** Of an event's log. */
  fired?: EventOutcome;
  state?: Run;
  commands: Command[];
  /** Of a run that begins and ends in one step. */
  outcome?: Outcome;
  progress?: Progress[];
  /** What has to lie in the object store before. */
  kept?: readonly KeptText[];
  /** Tried on what it asks for by whoever wrote the record, and by nobody who finds it: should it end a process, that happens once. */
  begin?: Begin;
}

/** What a decision about a run needs besides it. @param how.toEnd whether the run is to end by it */
export type SettingsOf = (run: Run, how: { toEnd: boolean }) => Promise<DecideSettings> | DecideSettings;

/** Where on its way a step can be crashed by a test. */
export interface StepPoints {
  saved?: CrashPoint;
  applied?: CrashPoint;
}

const quiet: StepPoints = {};

function passed(name: CrashPoint | undefined): void {
  if (name !== undefined) point(name);
}

function toRecord(at: {
  run: string;
  revision: number;
  event: { id: string; kind: string; at: string };
  state?: Run;
  commands: Command[];
  outcome?: Outcome;
  intake?: Intake;
  fired?: EventOutcome;
  progress?: Progress[];
}): RunRecord {
  const { event, ...rest } = at;
  return { v: 1, ...rest, event: { id: event.id, kind: event.kind }, at: event.at };
}
