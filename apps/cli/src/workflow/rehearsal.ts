import { dirname, resolve } from "node:path";
import { masked, Problem, ruleUser } from "@bellhop/contracts";
import { kvNames, rehearse, resultsOfNobody, type Rehearsed, type RehearsedCall, type Workflow } from "@bellhop/core";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { datastoreOf, type GivenDatastore } from "../kv/given.ts";
import { shortPath } from "../pack/folders.ts";
import { readNamed } from "../named-file.ts";
import { UsageError } from "../report.ts";
import { compiledIn, workflowNamed } from "./files.ts";

const Fields = z.record(z.string(), z.unknown());
const End = z.strictObject({
  status: z.enum(["succeeded", "failed", "timeout", "canceled", "abandoned", "paused", "pending", "hangs"]).default("succeeded"),
  result: z.unknown().optional(),
});
const Call = z.union([
  z.string(),
  z.strictObject({ task: z.string(), item: z.int().optional(), action: z.string().optional(), input: z.unknown().optional() }),
]);
const Rehearsal = z.strictObject({
  name: z.string().default("rehearsal"),
  input: Fields.optional(),
  context: Fields.optional(),
  /** Values of the datastore, by their names with the scope before them. */
  kv: Fields.optional(),
  results: z.record(z.string(), z.union([End, z.array(End.nullable())])).optional(),
  order: z.enum(["oldest", "newest"]).optional(),
  asks: z
    .array(
      z.union([
        z.strictObject({ after: z.int().nonnegative(), ask: z.enum(["pause", "resume", "cancel"]) }),
        z.strictObject({ after: z.int().nonnegative(), answer: z.string(), response: Fields }),
      ]),
    )
    .optional(),
  expect: z
    .strictObject({ status: z.string().optional(), output: Fields.nullable().optional(), calls: z.array(Call).optional() })
    .optional(),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

const Document = z.union([
  z.strictObject({ workflow: z.string().optional(), rehearsals: z.array(Rehearsal).min(1) }),
  Rehearsal.extend({ workflow: z.string().optional() }),
]);

/** What a rehearsal's file says: the workflow it names, and how it goes. @throws UsageError */
export function readRehearsals(path: string): { readonly workflow: string | undefined; readonly rehearsals: readonly Rehearsal[] } {
  const name = shortPath(resolve(path));
  const parsed = Document.safeParse(read(path, name));
  if (!parsed.success) throw new UsageError(`${name} is no rehearsal:\n${z.prettifyError(parsed.error)}`);
  const { workflow, ...rest } = parsed.data;
  return { workflow, rehearsals: "rehearsals" in rest ? rest.rehearsals : [rest] };
}

function read(path: string, name: string): unknown {
  const text = readNamed(path);
  try {
    return parse(text, { logLevel: "silent" });
  } catch (error) {
    throw new UsageError(`${name} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export interface Outcome extends Rehearsed {
  readonly name: string;
  readonly differences: readonly string[];
  /** What it asks the datastore for that nobody gives. */
  readonly missed: readonly string[];
}

/** All rehearsals of a file, by the workflow that it names. @param kv what a rehearsal finds in the datastore that says nothing of it itself @throws UsageError */
export async function rehearseFile(path: string, kv?: GivenDatastore): Promise<readonly Outcome[]> {
  const { workflow, rehearsals } = readRehearsals(path);
  if (workflow === undefined)
    throw new UsageError(`${shortPath(resolve(path))} names no workflow: write \`workflow: NAME\`, an action of its pack.`);
  const compiled = /\.ya?ml$/.test(workflow) ? compiledIn(resolve(dirname(path), workflow)) : await workflowNamed(workflow, path);
  return rehearsals.map((one) => rehearsed(compiled, one, kv));
}

/** Goes through a workflow; nothing runs. What of it is secret reads `[secret]`. */
export function rehearsed(workflow: Workflow, { name, expect, results = {}, kv: own, ...script }: Rehearsal, kv?: GivenDatastore): Outcome {
  const [nobody] = resultsOfNobody(workflow, results);
  if (nobody !== undefined) throw new UsageError(`${name}: ${nobody}`);
  const ends = Object.fromEntries(Object.entries(results).map(([task, end]) => [task, Array.isArray(end) ? end : [end]]));
  const given = own === undefined ? undefined : Object.entries(own).map(([path, value]) => ({ name: path, value }));
  const datastore = given === undefined ? (kv ?? datastoreOf([], "--kv FILE")) : datastoreOf(given, `kv of ${name}`);
  const names = kvNames(datastore, { user: ruleUser });
  const open = names.opener("the rehearsal", (sealed) => datastore.open(sealed));
  const outcome = played(name, () =>
    rehearse(workflow, { ...script, results: ends }, { kv: { names, seal: (value) => datastore.seal(value), open } }),
  );
  const shown = {
    ...outcome,
    output: shownFields(outcome.output),
    calls: outcome.calls.map((call) => ({ ...call, input: masked(call.input) })),
    context: shownFields(outcome.context),
  };
  return { name, ...shown, differences: [...lacks(outcome), ...differencesOf(shown, expect ?? {})], missed: datastore.missed() };
}

/** An answer that answers nothing is a fault of the script; what else breaks is ours. */
function played(name: string, play: () => Rehearsed): Rehearsed {
  try {
    return play();
  } catch (error) {
    throw error instanceof Problem ? new UsageError(`${name}: ${error.message}`, { cause: error, hint: error.hint }) : error;
  }
}

/** Which results the workflow needs that the script does not say. */
function lacks({ unsaid }: Rehearsed): string[] {
  return unsaid.map(
    ({ task, reads }) => `${task} gives no result, and reads ${reads.join(", ")}: say it as results: { ${task}: { result: … } }`,
  );
}

function shownFields<F extends Readonly<Record<string, unknown>> | null>(fields: F): F;
function shownFields(fields: Readonly<Record<string, unknown>> | null): Readonly<Record<string, unknown>> | null {
  return fields === null ? null : Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, masked(value)]));
}

function differencesOf({ status, output, calls, endless }: Rehearsed, expect: NonNullable<Rehearsal["expect"]>): readonly string[] {
  const differences: string[] = [];
  if (endless === true) differences.push("it does not come to an end");
  if (expect.status !== undefined && expect.status !== status) differences.push(`status is ${status}; expected ${expect.status}`);
  if (expect.output !== undefined && !isDeepStrictEqual(plain(output), plain(expect.output)))
    differences.push(`output is ${JSON.stringify(output)}; expected ${JSON.stringify(expect.output)}`);
  if (expect.calls !== undefined) differences.push(...callDifferences(calls, expect.calls));
  return differences;
}

function callDifferences(
  calls: readonly RehearsedCall[],
  expected: NonNullable<NonNullable<Rehearsal["expect"]>["calls"]>,
): readonly string[] {
  return Array.from({ length: Math.max(calls.length, expected.length) }, (_, place) => {
    const [call, wanted] = [calls[place], expected[place]];
    if (call === undefined) return `call ${place + 1} is missing; expected ${callText(wanted)}`;
    if (wanted === undefined) return `call ${place + 1} is ${callText(call)}; expected none`;
    return isCalled(call, wanted) ? undefined : `call ${place + 1} is ${callText(call)}; expected ${callText(wanted)}`;
  }).filter((one) => one !== undefined);
}

/** What is not said may be anything. */
function isCalled(call: RehearsedCall, wanted: z.infer<typeof Call>): boolean {
  if (typeof wanted === "string") return wanted === call.task || wanted === `${call.task}#${call.item}`;
  const { task, item, action, input } = wanted;
  const fits = task === call.task && (item === undefined || item === call.item) && (action === undefined || action === call.action);
  return fits && (input === undefined || isDeepStrictEqual(plain(input), plain(call.input)));
}

function callText(call: RehearsedCall | z.infer<typeof Call> | undefined): string {
  if (call === undefined || typeof call === "string") return call ?? "none";
  const { task, item, action, input } = call;
  const words = [
    `${task}${item === undefined ? "" : `#${item}`}`,
    action ?? undefined,
    input === undefined || input === null ? undefined : JSON.stringify(input),
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
