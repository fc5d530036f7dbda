import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { maskText, maskValue, problem, ruleUser, type ActionDefinition, type Outcome, type PackVersion } from "@bellhop/contracts";
import {
  configOf,
  datastoreOf,
  datastorePlaces,
  fillConfig,
  mapSecrets,
  settingsOf,
  unknownInstance,
  type ConfigLayer,
  type RunPlan,
} from "@bellhop/core";
import { z } from "zod";
import { defineAction, isAction, type AnyAction } from "../action.ts";
import type { Attached } from "../files.ts";
import { executeAction, type Executed } from "../host.ts";
import { memoryKv } from "../kv.ts";
import { runCommand } from "./command.ts";
import { attachmentOf, laidOut, silent, type Attachment, type GivenFiles } from "./run-action.ts";

/** What an action gives in a test: an output, or a function that makes it. What the function throws ends the run as if the action had thrown it. */
export type TestAnswer = ((input: Readonly<Record<string, unknown>>) => unknown) | string | number | boolean | object | null;

/** One try at an action, with all that it is given. */
export interface Attempt {
  /** The pack's. */
  readonly folder: string;
  readonly definition: ActionDefinition;
  readonly plan: RunPlan;
  readonly run: string;
  readonly files: GivenFiles;
  /** What the pack can be configured with. */
  readonly schema: PackVersion["config"];
  readonly config: readonly ConfigLayer[];
  readonly answers: Readonly<Record<string, TestAnswer>>;
  /** What {@link memoryKv} keeps. */
  readonly kv: Map<string, unknown>;
}

/** How it went, with secrets masked. */
export interface Worked {
  readonly outcome: Pick<Outcome, "status" | "problem" | "ms">;
  readonly output?: unknown;
  readonly attached: readonly Attachment[];
}

/** What an attempt is made with, for as long as it may take. */
export interface Desk {
  readonly folders: { readonly files: string; readonly attach: string };
  readonly attached: Attachment[];
  readonly signal: AbortSignal;
}

/** Carries an action out within its time: what a runner does, without one. */
export async function work(attempt: Attempt): Promise<Worked> {
  const root = mkdtempSync(join(tmpdir(), "chat-"));
  const folders = { files: join(root, "files"), attach: join(root, "attach") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const time = new AbortController();
  const { signal } = time;
  // It keeps the process, which may have nothing else to wait for. Node takes no longer time-out than 24 days.
  const timer = setTimeout(() => time.abort(), Math.min(attempt.plan.task.timeoutMs, 2 ** 31 - 1));
  const desk: Desk = { folders, attached: [], signal };
  const from = performance.now();
  try {
    const executed = await carryOut(attempt, desk);
    return hidden(attempt, { ...ended(attempt, { executed, signal }), ms: Math.round(performance.now() - from), attached: desk.attached });
  } finally {
    clearTimeout(timer);
    rmSync(root, { recursive: true, force: true });
  }
}

async function carryOut(attempt: Attempt, desk: Desk): Promise<Executed> {
  const { definition, plan, files } = attempt;
  const { ref, kind } = definition;
  const { input } = plan.task;
  const given = [ref, definition.name].filter((name) => Object.hasOwn(attempt.answers, name)).map((name) => attempt.answers[name])[0];
  // What stands in for an action needs no configuration.
  const config = given === undefined ? configured(attempt) : { kind: "ok" as const, values: {} };
  if (config.kind === "refused") return { kind: "failed", problem: config.problem.data };
  if (given === undefined && kind !== "typescript") return await runCommand(attempt, desk, config.values);
  const action = given === undefined ? await actionIn(attempt) : answering(given, definition);
  const call = {
    action: ref,
    input,
    config: config.values,
    files: laidOut(files, desk.folders.files),
    keep: (file: Attached, bytes: Uint8Array) => void desk.attached.push(attachmentOf(file, bytes)),
    kv: memoryKv(attempt.kv),
    log: silent,
    signal: desk.signal,
  };
  return await Promise.race([executeAction(action, call), overtime(desk.signal)]);
}

function configured({ definition, plan, schema = {}, config, kv }: Attempt): ReturnType<typeof configOf> {
  const { ref, pack } = definition;
  const { config: instance } = plan.task;
  const unknown = instance === undefined ? undefined : unknownInstance({ pack, instance }, schema, config);
  if (unknown !== undefined) return { kind: "refused", problem: unknown };
  const of = { pack, ...(instance === undefined ? {} : { instance }) };
  const given = configOf(settingsOf({ schema, layers: config, ...of }), of, ref);
  if (given.kind === "refused") return given;
  const { values } = given;
  const places = datastorePlaces(values, { user: ruleUser, pack }) ?? [];
  const found = places.flatMap((place) => {
    const key = place.scope === "system" ? `system.${place.name}` : place.name;
    return place.scope !== "user" && kv.has(key) ? [{ ...place, value: kv.get(key) }] : [];
  });
  return fillConfig({ values, schema, of, user: ruleUser, datastore: datastoreOf(found, (sealed) => sealed) });
}

/** The action as its file exports it, in either style of modules. */
async function actionIn({ folder, definition }: Attempt): Promise<AnyAction> {
  const file = join(folder, definition.source.file);
  const exported = defaultOf(await import(pathToFileURL(file).href));
  const action = defaultOf(exported) ?? exported;
  if (!isAction(action)) throw new Error(`${file} exports no action as default`);
  return action;
}

function defaultOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "default" in value ? value.default : undefined;
}

/** In place of the pack's code. */
function answering(answer: TestAnswer, { description }: ActionDefinition): AnyAction {
  return defineAction({
    description,
    input: z.looseObject({}),
    run: ({ input }) => (typeof answer === "function" ? (answer as (input: object) => unknown)(input) : answer),
  });
}

/** Comes after the time is over, so that an action that heeds its signal has the last word. */
function overtime(signal: AbortSignal): Promise<Executed> {
  return new Promise((resolve) => {
    const over = () => setTimeout(() => resolve({ kind: "succeeded", output: undefined }), 100);
    if (signal.aborted) over();
    else signal.addEventListener("abort", over, { once: true });
  });
}

function ended({ plan, definition }: Attempt, at: { executed: Executed; signal: AbortSignal }): Pick<Worked, "outcome" | "output"> {
  const { executed, signal } = at;
  const output = executed.output === undefined ? {} : { output: executed.output };
  if (signal.aborted) {
    const why = problem("action_timeout", { action: definition.ref, seconds: plan.task.timeoutMs / 1000 }).data;
    return { outcome: { status: "timeout", problem: why }, ...output };
  }
  if (executed.kind === "succeeded") return { outcome: { status: "succeeded" }, ...output };
  return { outcome: { status: "failed", problem: executed.problem }, ...output };
}

function hidden(attempt: Attempt, worked: Worked & { ms: number }): Worked {
  const secrets = secretsOf(attempt);
  const { outcome, output, attached, ms } = worked;
  const { problem: why } = outcome;
  return {
    outcome: { ...outcome, ms, ...(why === undefined ? {} : { problem: { ...why, message: maskText(why.message, secrets) } }) },
    ...(output === undefined ? {} : { output: maskValue(output, secrets) }),
    attached,
  };
}

/** The texts that must not be seen, the longest first: one may contain another. */
function secretsOf(attempt: Attempt): string[] {
  const { plan, schema = {}, config } = attempt;
  const texts = plan.secrets.flatMap((name) => textsIn(plan.task.input[name]));
  const given = configured(attempt);
  const all = [...config.map(({ values }) => values), ...(given.kind === "ok" ? [given.values] : [])];
  for (const values of all) mapSecrets(values, schema, (secret) => void texts.push(...textsIn(secret)));
  return texts.toSorted((a, b) => b.length - a.length);
}

/** Runners leave shorter texts alone too: they stand everywhere by chance. */
const shortest = 4;

function textsIn(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return String(value).length < shortest ? [] : [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
