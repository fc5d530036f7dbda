import { fieldsOf, problem } from "@bellhop/contracts";
import { readResponse } from "../inquiry/take.ts";
import { nearest } from "../near.ts";
import { conduct, contextOf } from "./conduct.ts";
import type { Workflow } from "./definition.ts";
import type { Functions, WorkflowKv } from "./draft.ts";
import type { WorkflowCommand, WorkflowEvent } from "./event.ts";
import { executionFailed } from "./finish.ts";
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
  /** What somebody asks, or answers, once so many have ended, or nothing else can happen. */
  readonly asks?: readonly ({ readonly after: number } & ({ readonly ask: "pause" | "resume" | "cancel" } | Answer))[];
}

/** What a person answers to a task that is `pending`. */
export interface Answer {
  /** The task, or an item of it as `task#0`. */
  readonly answer: string;
  readonly response: Readonly<Record<string, unknown>>;
}

/** `hangs` ends only when it is canceled: by a time-out, for example. `pending` waits for an answer; `paused` is not heard of again. */
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

/** What came of a rehearsal. */
export interface Rehearsed {
  /** Not an end where it waits for what the script never says. */
  readonly status: WorkflowStatus;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly LogEntry[];
  /** In the order in which they were asked for. */
  readonly calls: readonly RehearsedCall[];
  /** What the last tasks saw. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What tasks read of results that nobody says, where an expression of theirs failed: by task, `result().image`. */
  readonly unsaid: readonly { readonly task: string; readonly reads: readonly string[] }[];
  /** More actions than any rehearsal should need: the rest is left out. */
  readonly endless?: true;
}

interface RehearsalSettings {
  /** The result of an action of which the script says none. Default: null. */
  readonly resultOf?: (call: RehearsedCall, status: string) => unknown;
  readonly functions?: Functions;
  readonly kv?: WorkflowKv;
}

/** Runs a workflow without running anything: each action ends as the script says. Time passes only for time-outs, when nothing else can happen.
 *  @throws Problem where an answer is none that the question takes, or nothing is asked */
export function rehearse(workflow: Workflow, script: Script, settings: RehearsalSettings = {}): Rehearsed {
  const stage = new Stage(workflow, script, settings);
  const asks = [...(script.asks ?? [])];
  while (!stage.isEndless) {
    const [ask] = asks;
    if (ask !== undefined && (ask.after <= stage.ended || stage.isIdle)) {
      asks.shift();
      if ("ask" in ask) stage.ask(ask.ask);
      else stage.answer(ask);
    } else if (!stage.endOne() && !stage.wait()) break;
  }
  return stage.outcome();
}

/** What is wrong with a script's results, in words: such as say how a task ends that the workflow does not have. */
export function resultsOfNobody({ byName }: Workflow, results: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(results).flatMap((name) => {
    const task = name.replace(/#\d+$/, "");
    if (byName.has(name) || byName.has(task)) return [];
    const near = nearest(task, [...byName.keys()]);
    return [`There is no task ${task}, of which results say how it ends.${near === undefined ? "" : ` Did you mean ${near}?`}`];
  });
}

/** A workflow on its way through a rehearsal. What needs no time happens by itself. */
interface OpenRehearsal {
  /** How it stands. */
  outcome(): Rehearsed;
  /** What is called and has not ended, by `task` or `task#0`: it hangs, waits for an answer, or its delay is not over. */
  out(): readonly string[];
  /** Time passes, and what is due in it happens. @param seconds absent: up to the next thing that time brings */
  pass(seconds?: number): void;
  /** An action that hangs ends. @throws Problem where nothing of that name is out */
  end(name: string, end: ScriptedEnd & { readonly status?: EndStatus }): void;
  /** A person answers. @throws Problem where it is no answer to what is asked, or nothing is asked */
  answer(answer: Answer): void;
  ask(what: "pause" | "resume" | "cancel"): void;
}

/** Begins a rehearsal whose time is moved from outside. @param settings.held whether delays are waited for; absent: they pass at once */
export function openRehearsal(
  workflow: Workflow,
  script: Omit<Script, "asks">,
  settings: RehearsalSettings & { readonly held?: boolean } = {},
): OpenRehearsal {
  const stage = new Stage(workflow, script, settings);
  const settle = () => {
    while (!stage.isEndless && stage.endOne());
  };
  settle();
  return {
    outcome: () => stage.outcome(),
    out: () => stage.out(),
    pass(seconds) {
      const until = seconds === undefined ? undefined : stage.now + seconds * 1000;
      for (let more = stage.wait(until); more; more = until !== undefined && !stage.isEndless && stage.wait(until)) settle();
    },
    end(name, end) {
      stage.end(name, end);
      settle();
    },
    answer(answer) {
      stage.answer(answer);
      settle();
    },
    ask(what) {
      stage.ask(what);
      settle();
    },
  };
}

const mostEnds = 20_000;
const begin = Date.parse("2000-01-01T00:00:00Z");

type Run = Extract<WorkflowCommand, { kind: "run" }>;
/** `call` is its place among the calls, `due` when it begins. */
interface Called {
  readonly run: Run;
  readonly call: number;
  readonly due: number;
}
type Without<Event> = Event extends unknown ? Omit<Event, "at"> : never;

class Stage {
  readonly #workflow: Workflow;
  readonly #script: Script;
  readonly #settings: RehearsalSettings & { readonly held?: boolean };
  readonly #calls: { -readonly [Field in keyof RehearsedCall]: RehearsedCall[Field] }[] = [];
  readonly #out: Called[] = [];
  /** Of what is out: what ends by itself no more. */
  readonly #hanging = new Map<string, Called>();
  readonly #timers = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  /** Tasks of whose results nothing is said. */
  readonly #unsaid = new Set<string>();
  /** Of instances that have nothing to do: how often they were told. */
  readonly #idle = new Map<number, number>();
  #state: WorkflowState | undefined;
  now = begin;
  /** How many actions have ended. */
  ended = 0;

  constructor(workflow: Workflow, script: Script, settings: RehearsalSettings & { readonly held?: boolean }) {
    this.#workflow = workflow;
    this.#script = script;
    this.#settings = settings;
    this.#step({ kind: "begin", input: script.input ?? {}, context: script.context ?? {} });
  }

  get isIdle(): boolean {
    return this.#out.length === 0;
  }

  get isEndless(): boolean {
    return this.ended >= mostEnds || this.#calls.length >= mostEnds;
  }

  out(): string[] {
    return [...this.#hanging.values(), ...this.#out].map(({ run }) => placeOf(run));
  }

  ask(what: "pause" | "resume" | "cancel"): void {
    this.#step({ kind: "asked", what });
  }

  /** The next thing comes that time brings: a time-out, or the end of a delay that is waited for. False where there is none, or none until then. */
  wait(until = Infinity): boolean {
    const [next] = Array.from(this.#timers).toSorted(([, left], [, right]) => left - right);
    const delayed = Math.min(...this.#out.map(({ due }) => due));
    const due = Math.max(this.now, Math.min(next?.[1] ?? Infinity, delayed));
    const comes = due <= until && Number.isFinite(due);
    this.now = comes ? due : Number.isFinite(until) ? until : this.now;
    if (!comes || next === undefined || delayed <= next[1]) return comes;
    this.#timers.delete(next[0]);
    this.#step({ kind: "due", timer: next[0] });
    return true;
  }

  /** What is out and not delayed ends as the script says. False where there is nothing. */
  endOne(): boolean {
    const { order, results = {} } = this.#script;
    const isReady = ({ due }: Called) => due <= this.now;
    const place = order === "newest" ? this.#out.findLastIndex(isReady) : this.#out.findIndex(isReady);
    const [called] = place < 0 ? [] : this.#out.splice(place, 1);
    if (called === undefined) return false;
    this.ended += 1;
    const name = placeOf(called.run);
    const count = this.#ends.get(name) ?? 0;
    this.#ends.set(name, count + 1);
    this.#finish(called, (results[name] ?? results[called.run.task])?.[count] ?? {});
    return true;
  }

  end(name: string, end: ScriptedEnd): void {
    this.#finish(this.#standing(name, "is out"), end);
  }

  answer({ answer: name, response }: Answer): void {
    const called = this.#standing(name, "waits for an answer");
    const { action } = called.run;
    const { schema, roles = [], users = [], route = "", ttl = 1440 } = fieldsOf(called.run.input);
    const read = readResponse({ schema: fieldsOf(schema) }, { action, response });
    if (read.kind === "refused") throw read.problem;
    const facts = { schema: fieldsOf(schema), roles, users, route, ttl };
    this.#finish(called, { status: "succeeded", result: { ...facts, response: read.response } });
  }

  outcome(): Rehearsed {
    const state = this.#state;
    if (state === undefined) throw new Error("it has not begun");
    const { status, output, errors } = state;
    const failed = new Set(
      errors.flatMap(({ task_id: task, message }) => (task === undefined || message === executionFailed ? [] : [task])),
    );
    const unsaid = [...this.#unsaid].filter((task) => failed.has(task)).map((task) => ({ task, reads: readsOf(this.#workflow, task) }));
    return {
      status,
      output,
      errors,
      calls: this.#calls,
      context: contextOf(this.#workflow, state),
      unsaid: unsaid.filter(({ reads }) => reads.length > 0),
      ...(this.isEndless ? { endless: true } : {}),
    };
  }

  /** Something that hangs, by its name. */
  #standing(name: string, what: string): Called {
    const found = [...this.#hanging].find(([, { run }]) => placeOf(run) === name);
    if (found === undefined) {
      const out = this.out();
      const all = out.length === 0 ? "nothing is out" : `${out.join(", ")} ${out.length === 1 ? "is" : "are"}`;
      throw problem("rehearsal_stray", { task: name, what, out: all });
    }
    return found[1];
  }

  #finish(called: Called, end: ScriptedEnd): void {
    const { run } = called;
    const { status = "succeeded" } = end;
    const call = this.#calls[called.call];
    if (call === undefined) throw new Error("what is out was called");
    call.status = status;
    const { key, attempt } = run;
    if (status === "hangs" || status === "paused" || status === "pending") {
      this.#hanging.set(keyOf(run), called);
      if (status !== "hangs") this.#step({ kind: "moved", key, attempt, status });
      return;
    }
    this.#hanging.delete(keyOf(run));
    if (!("result" in end) && this.#settings.resultOf === undefined) this.#unsaid.add(run.task);
    const result = "result" in end ? end.result : (this.#settings.resultOf?.(call, status) ?? null);
    this.#step({ kind: "finished", key, attempt, status, result });
  }

  #step(event: Without<WorkflowEvent>): void {
    const before = this.#state;
    const { functions, kv } = this.#settings;
    const { state, commands } = conduct(this.#workflow, before, { ...event, at: new Date(this.now).toISOString() }, { functions, kv });
    this.#state = state;
    this.#tellIdle(state, before?.sequence.length ?? 0);
    for (const command of commands) this.#obey(command);
  }

  #obey(command: WorkflowCommand): void {
    switch (command.kind) {
      case "run": {
        const { task, route, item, action, input, delayMs } = command;
        const place = item === undefined ? {} : { item };
        const delay = delayMs === undefined ? {} : { delay: delayMs / 1000 };
        const due = this.#settings.held === true ? this.now + (delayMs ?? 0) : this.now;
        this.#out.push({ run: command, call: this.#calls.push({ task, route, ...place, action, input, ...delay }) - 1, due });
        return;
      }
      case "cancel": {
        const called = this.#hanging.get(keyOf(command));
        if (called !== undefined) this.#finish(called, { status: "canceled", result: null });
        return;
      }
      case "timer":
        this.#timers.set(command.name, this.now + command.afterMs);
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

function placeOf({ task, item }: Run): string {
  return item === undefined ? task : `${task}#${item}`;
}

function keyOf({ key, attempt }: { key: string; attempt: number }): string {
  return `${key} ${attempt}`;
}

/** What the transitions and the retry of a task read of its result, as they write it. */
function readsOf(workflow: Workflow, task: string): string[] {
  const { next, retry } = workflow.byName.get(task) ?? {};
  const found = JSON.stringify([next, retry]).match(/\bresult\(\)(?:\.\w+(?!\w*\()|\[\w+\])*/g);
  return [...new Set(found)];
}
