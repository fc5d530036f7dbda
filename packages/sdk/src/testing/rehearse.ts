import { masked, ruleUser, type PackVersion } from "@bellhop/contracts";
import {
  compileWorkflow,
  distinct,
  emptyCatalog,
  inspectWorkflow,
  kvNames,
  nearest,
  openRehearsal,
  planRun,
  resultsOfNobody,
  specPath,
  withPack,
  type ConfigLayer,
  type RehearsedCall,
  type ScriptedEnd,
} from "@bellhop/core";
import { z } from "zod";
import { isWorkflow, type AnyWorkflow } from "../workflow.ts";
import { documentOf } from "../workflow-document.ts";
import { keptValues, openedAll } from "./kept-values.ts";
import { readPackIn } from "./pack.ts";

/** A workflow of a pack, as YAML or TypeScript, by its name. */
export interface NamedWorkflow {
  /** The pack's folder: `import.meta.dirname` in its `pack.test.ts`. */
  readonly pack: string;
  readonly workflow: string;
}

/** How the actions of a rehearsal end. */
export interface RehearsalScript {
  readonly input?: Readonly<Record<string, unknown>>;
  /** By task, or by item as `roll#0`: how it ends the first time, the second, …. What is not said, or null, succeeds and gives nothing. */
  readonly results?: Readonly<Record<string, ScriptedEnd | readonly (ScriptedEnd | null)[]>>;
  /** Which of the actions that are out ends next. Default: the oldest. */
  readonly order?: "oldest" | "newest";
  /** `held`: delays are over only when {@link Rehearsal.pass} says so. Absent: they pass at once. */
  readonly clock?: "held";
  /** What its pack keeps, by name, and with `system.` before the name what the installation does. */
  readonly kv?: ReadonlyMap<string, unknown>;
  /** What its pack is configured with. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What a run sees beside its input: `st2`, `parent`. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** A workflow that goes as far as it can without time and people. Nothing runs. What it shows is how it stands now; secrets read `[secret]`. */
export interface Rehearsal {
  /** `running`, `pending`, `paused`, … where it waits; `succeeded`, `failed`, `timeout` or `canceled` where it is over. */
  readonly status: string;
  readonly output: Readonly<Record<string, unknown>> | null;
  /** What went wrong, in words, with its task. */
  readonly errors: readonly { readonly message: string; readonly task?: string }[];
  /** What its expressions read of results that the script does not say, where they failed: `build: result().image`. */
  readonly unsaid: readonly string[];
  /** Every action that was called, in that order; what hangs, or is delayed, has no end yet. `action` is null of a task that has none. */
  readonly calls: readonly RehearsedTask[];
  /** What was called and has not ended, by task or `task#0`. */
  readonly out: readonly string[];
  /** Time passes: time-outs come, and delays end where the clock is held.
   *  @param seconds absent: up to the next thing that time brings */
  pass(seconds?: number): void;
  /** An action whose end is `hangs` ends after all. @throws Error where nothing of that name is out */
  end(task: string, end: ScriptedEnd & { readonly status?: "succeeded" | "failed" | "timeout" | "canceled" | "abandoned" }): void;
  /** Somebody answers a task whose end is `pending`, such as one of `core.ask`. @throws Problem where it is no answer to what is asked, Error where nothing is */
  answer(task: string, response: Readonly<Record<string, unknown>>): void;
  /** Somebody asks for it. */
  ask(what: "pause" | "resume" | "cancel"): void;
}

/** An action that would have run, and how it ended. */
export interface RehearsedTask {
  readonly task: string;
  /** Its place in the list of a task that has one, from 0. */
  readonly item?: number;
  readonly action: string | null;
  readonly input: unknown;
  /** Seconds. */
  readonly delay?: number;
  readonly status?: string;
}

/** Rehearses a workflow: the engine's own decisions lead from task to task, and actions end as the script says.
 *
 *      import assert from "node:assert/strict";
 *      import { rehearse } from "@bellhop/sdk/testing";
 *
 *      const release = await rehearse(
 *        { pack: import.meta.dirname, workflow: "release" },
 *        { input: { service: "api" }, results: { build: { result: { image: "api:1" } }, confirm: { status: "pending" } } },
 *      );
 *      assert.deepEqual(release.out, ["confirm"]);
 *      release.answer("confirm", { go: true });
 *      assert.equal(release.status, "succeeded");
 *
 *  A workflow that `defineWorkflow` made is taken as it is; actions that it imports are called `test.action`.
 *  @throws Error that tells what is wrong with the pack, the workflow or the script, Problem where the input is none that it takes */
export async function rehearse(workflow: AnyWorkflow | NamedWorkflow, script: RehearsalScript = {}): Promise<Rehearsal> {
  const { input = {}, results = {}, order, clock, kv = new Map<string, unknown>(), config = {}, context } = script;
  const given = { kv, config: [{ from: "stored" as const, values: config }] };
  const whose = isWorkflow(workflow) ? alone(workflow, input) : await ofPack(workflow, { ...given, input });
  const datastore = keptValues({ version: whose.version, ...given });
  const names = kvNames(datastore, { user: ruleUser, pack: whose.version.name });
  const ends = Object.fromEntries(
    Object.entries(results).map(([task, end]) => [task, Array.isArray(end) ? (end as (ScriptedEnd | null)[]) : [end as ScriptedEnd]]),
  );
  const compiled = compileWorkflow(whose.document);
  const [nobody] = resultsOfNobody(compiled, ends);
  if (nobody !== undefined) throw new Error(nobody);
  const rehearsal = openRehearsal(
    compiled,
    { input: whose.input, results: ends, ...(order === undefined ? {} : { order }), ...(context === undefined ? {} : { context }) },
    {
      held: clock === "held",
      kv: { names, seal: (value) => datastore.seal(value), open: names.opener("the rehearsal", (sealed) => datastore.open(sealed)) },
    },
  );
  return {
    get status() {
      return rehearsal.outcome().status;
    },
    get output() {
      const { output } = rehearsal.outcome();
      return output === null ? null : shown(output);
    },
    get errors() {
      return rehearsal.outcome().errors.map(({ message, task_id: task }) => ({ message, ...(task === undefined ? {} : { task }) }));
    },
    get unsaid() {
      return rehearsal.outcome().unsaid.flatMap(({ task, reads }) => reads.map((one) => `${task}: ${one}`));
    },
    get calls() {
      return rehearsal.outcome().calls.map(callOf);
    },
    get out() {
      return rehearsal.out();
    },
    pass: (seconds) => rehearsal.pass(seconds),
    end: (task, end) => rehearsal.end(task, end),
    answer: (task, response) => rehearsal.answer({ answer: task, response }),
    ask: (what) => rehearsal.ask(what),
  };
}

interface Found {
  readonly document: unknown;
  readonly input: Readonly<Record<string, unknown>>;
  readonly version: PackVersion;
}

/** A workflow without its pack. */
function alone(workflow: AnyWorkflow, given: Readonly<Record<string, unknown>>): Found {
  const { document } = documentOf(workflow, () => "test.action");
  const complaints = distinct(inspectWorkflow(document)).map(({ path, message }) => `${specPath(path)}: ${message}`);
  if (complaints.length > 0) throw new Error(`This workflow can't work:\n${complaints.join("\n")}`);
  const read = workflow.input.safeParse(given);
  if (!read.success) throw new Error(`The workflow takes no such input:\n${z.prettifyError(read.error)}`);
  const version: PackVersion = { v: 1, name: "test", version: "0", description: "", digest: "", actions: [], aliases: [] };
  return { document, input: read.data, version };
}

/** A workflow as its pack has it, and its input as a run is given it. */
async function ofPack(
  { pack, workflow: name }: NamedWorkflow,
  { input, kv, config }: { input: Readonly<Record<string, unknown>>; kv: ReadonlyMap<string, unknown>; config: readonly ConfigLayer[] },
): Promise<Found> {
  const version = await readPackIn(pack);
  const workflows = version.actions.filter(({ workflow }) => workflow !== undefined);
  const found = workflows.find((action) => action.name === name || action.ref === name);
  if (found === undefined) {
    const near = nearest(
      name,
      workflows.map((action) => action.name),
    );
    throw new Error(`There is no workflow ${name} in ${pack}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
  }
  const datastore = keptValues({ version, kv, config });
  const planned = planRun({
    catalog: withPack(emptyCatalog, version),
    action: found.ref,
    input,
    datastore,
    open: openedAll,
    user: ruleUser,
  });
  if (planned.kind === "refused") throw planned.problem;
  return { document: found.workflow, input: planned.plan.task.input, version };
}

function callOf({ task, item, action, input, delay, status }: RehearsedCall): RehearsedTask {
  return {
    task,
    ...(item === undefined ? {} : { item }),
    action,
    input: masked(input),
    ...(delay === undefined ? {} : { delay }),
    ...(status === undefined ? {} : { status }),
  };
}

function shown(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, masked(value)]));
}
