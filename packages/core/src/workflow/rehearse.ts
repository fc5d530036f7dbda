import { conduct, contextOf } from "./conduct.ts";
import type { Workflow } from "./definition.ts";
import type { Functions } from "./draft.ts";
import type { WorkflowCommand, WorkflowEvent } from "./event.ts";
import { at } from "./list.ts";
import type { EndStatus, LogEntry, WorkflowState, WorkflowStatus } from "./state.ts";

/** How actions end where nothing runs, as data. */
export interface Script {
  readonly input?: Readonly<Record<string, unknown>>;
  /** What a run sees beside its input: `st2`, `parent`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** By task, or by item as `task#0`: how it ends the first time, the second, …. What is not said, or null, succeeds. */
  readonly results?: Readonly<Record<string, readonly (ScriptedEnd | null)[]>>;
  /** Which of those that are out ends next. Default: the oldest. */
  readonly order?: "oldest" | "newest";
  /** What somebody asks once so many have ended, or nothing else can happen. */
  readonly asks?: readonly { readonly after: number; readonly ask: "pause" | "resume" | "cancel" }[];
}

/** `hangs` ends only when it is canceled: by a time-out, for example. `paused` and `pending` are not heard of again. */
export interface ScriptedEnd {
  readonly status?: EndStatus | "paused" | "pending" | "hangs";
  readonly result?: unknown;
}

/** An action that would have run; `action` is null where a task has nothing to do. */
export interface RehearsedCall {
  readonly task: string;
  readonly route: number;
  readonly item?: number;
  readonly action: string | null;
  readonly input: unknown;
  /** Seconds. */
  readonly delay?: number;
  readonly status?: string;
}

export interface Rehearsed {
  /** Not an end where it waits for what the script never says. */
  readonly status: WorkflowStatus;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly LogEntry[];
  /** In the order in which they were asked for. */
  readonly calls: readonly RehearsedCall[];
  /** What the last tasks saw. */
  readonly context: Readonly<Record<string, unknown>>;
  /** More actions than any rehearsal should need: the rest is left out. */
  readonly endless?: true;
}

export interface RehearsalSettings {
  /** The result of an action of which the script says none. Default: null. */
  readonly resultOf?: (call: RehearsedCall, status: string) => unknown;
  readonly functions?: Functions;
}

/** Runs a workflow without running anything: each action ends as the script says. Time passes only for time-outs, when nothing else can happen. */
export function rehearse(workflow: Workflow, script: Script, settings: RehearsalSettings = {}): Rehearsed {
  const stage = new Stage(workflow, settings);
  stage.step({ kind: "begin", input: script.input ?? {}, context: script.context ?? {} });
  const asks = [...(script.asks ?? [])];
  let ended = 0;
  while (ended < mostEnds && stage.called < mostEnds) {
    const [ask] = asks;
    if (ask !== undefined && (ask.after <= ended || stage.isIdle)) {
      asks.shift();
      stage.step({ kind: "asked", what: ask.ask });
    } else if (stage.isIdle) {
      if (!stage.wait()) break;
    } else {
      stage.endOne(script);
      ended += 1;
    }
  }
  return { ...stage.outcome(), ...(ended < mostEnds && stage.called < mostEnds ? {} : { endless: true }) };
}

const mostEnds = 20_000;
const begin = Date.parse("2000-01-01T00:00:00Z");

type Run = Extract<WorkflowCommand, { kind: "run" }>;
type Without<Event> = Event extends unknown ? Omit<Event, "at"> : never;

class Stage {
  readonly #workflow: Workflow;
  readonly #settings: RehearsalSettings;
  readonly #calls: { -readonly [Field in keyof RehearsedCall]: RehearsedCall[Field] }[] = [];
  readonly #out: { readonly run: Run; readonly call: number }[] = [];
  readonly #hanging = new Map<string, Run>();
  readonly #timers = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  /** Of instances that have nothing to do: how often they were told. */
  readonly #idle = new Map<number, number>();
  #state: WorkflowState | undefined;
  #now = begin;

  constructor(workflow: Workflow, settings: RehearsalSettings) {
    this.#workflow = workflow;
    this.#settings = settings;
  }

  get isIdle(): boolean {
    return this.#out.length === 0;
  }

  get called(): number {
    return this.#calls.length;
  }

  step(event: Without<WorkflowEvent>): void {
    const before = this.#state;
    const { state, commands } = conduct(
      this.#workflow,
      before,
      { ...event, at: new Date(this.#now).toISOString() },
      this.#settings.functions,
    );
    this.#state = state;
    this.#tellIdle(state, before?.sequence.length ?? 0);
    for (const command of commands) this.#obey(command);
  }

  /** The time of the next time-out comes. */
  wait(): boolean {
    const [next] = Array.from(this.#timers).toSorted(([, left], [, right]) => left - right);
    if (next === undefined) return false;
    const [timer, due] = next;
    this.#now = Math.max(this.#now, due);
    this.#timers.delete(timer);
    this.step({ kind: "due", timer });
    return true;
  }

  endOne({ order, results = {} }: Script): void {
    const next = order === "newest" ? this.#out.pop() : this.#out.shift();
    if (next === undefined) throw new Error("nothing is out");
    const { run } = next;
    const call = this.#calls[next.call];
    if (call === undefined) throw new Error("what is out was called");
    const name = run.item === undefined ? run.task : `${run.task}#${run.item}`;
    const count = this.#ends.get(name) ?? 0;
    this.#ends.set(name, count + 1);
    const end: ScriptedEnd = (results[name] ?? results[run.task])?.[count] ?? {};
    const { status = "succeeded" } = end;
    call.status = status;
    const { key, attempt } = run;
    if (status === "hangs") this.#hanging.set(`${key} ${attempt}`, run);
    else if (status === "paused" || status === "pending") this.step({ kind: "moved", key, attempt, status });
    else {
      const result = "result" in end ? end.result : (this.#settings.resultOf?.(call, status) ?? null);
      this.step({ kind: "finished", key, attempt, status, result });
    }
  }

  outcome(): Rehearsed {
    const state = this.#state;
    if (state === undefined) throw new Error("it has not begun");
    const { status, output, errors } = state;
    return { status, output, errors, calls: this.#calls, context: contextOf(this.#workflow, state) };
  }

  #obey(command: WorkflowCommand): void {
    switch (command.kind) {
      case "run": {
        const { task, route, item, action, input, delayMs } = command;
        const place = item === undefined ? {} : { item };
        const delay = delayMs === undefined ? {} : { delay: delayMs / 1000 };
        this.#out.push({ run: command, call: this.#calls.push({ task, route, ...place, action, input, ...delay }) - 1 });
        return;
      }
      case "cancel": {
        const { key, attempt } = command;
        if (this.#hanging.delete(`${key} ${attempt}`)) this.step({ kind: "finished", key, attempt, status: "canceled", result: null });
        return;
      }
      case "timer":
        this.#timers.set(command.name, this.#now + command.afterMs);
        return;
      case "clear":
        this.#timers.delete(command.name);
        return;
      case "pause":
      case "resume":
      case "end":
    }
  }

  #tellIdle({ sequence }: WorkflowState, from: number): void {
    for (let number = from; number < sequence.length; number += 1) {
      const task = at(sequence, number);
      const definition = task === undefined ? undefined : this.#workflow.byName.get(task.task);
      if (definition !== undefined && (definition.action === undefined || task?.items?.list.length === 0)) this.#idle.set(number, 0);
    }
    for (const [number, told] of this.#idle) {
      const task = at(sequence, number);
      for (let attempt = told; task !== undefined && attempt < task.attempt; attempt += 1) {
        this.#calls.push({ task: task.task, route: task.route, action: null, input: null, status: task.status });
        this.#idle.set(number, attempt + 1);
      }
    }
  }
}
