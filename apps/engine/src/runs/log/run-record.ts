import {
  limits,
  problem,
  type Apart,
  type Change,
  type Command,
  type Held,
  type ObjectRef,
  type Path,
  type Run,
  type RunRecord,
} from "@bellhop/contracts";
import { takeApart, takeList, takeWhole, putTogether, type Kept } from "./apart.ts";
import { changesBetween, withChanges } from "./changes.ts";

/** How a run's log stands, for whoever writes its next record. Undefined where its records say everything by themselves. */
export interface Written {
  /** The last record that holds the run whole; undefined while that is being written. */
  from: number | undefined;
  /** When that was written, ISO 8601. */
  at: string;
  /** Records since, and about how many bytes they changed; against how many bytes that the whole has. */
  steps: number;
  changed: number;
  whole: number;
  /** Objects that the log is known to name: they need not be put again. */
  named: Set<string>;
}

/** So many records are read at most to take a run over. */
const stepsAtMost = 256;

/** Below so many bytes of changes a record that has it all saves nobody much. */
const changesAtLeast = 16 * 1024;

/** What may stay in one record of its 64 KiB, beside the reply and the run's own few fields. */
const heldAtMost = 20 * 1024;
const commandsAtMost = 16 * 1024;

/** A step as its record says it.
 *  @param record with the whole run as its state
 *  @param before the run before this step, as its log says it; none for the first record
 *  @returns `json`: the record as JSON, where that had to be made */
export function writeRecord(
  record: RunRecord,
  before?: { run: Run; written: Written },
): { record: RunRecord; json?: string; kept: Kept[]; written?: Written } {
  const { state } = record;
  if (state?.workflow === undefined) return withinLimit(record);
  const { tasks, workflow, ...head } = state;
  const value = { tasks, workflow };
  const since = before === undefined ? undefined : continued(before.written);
  const { held, ...taken } =
    before === undefined || since === undefined
      ? wholeOf(value)
      : changesOf(changesBetween({ tasks: before.run.tasks, workflow: before.run.workflow }, value), since.from);
  const { commands, ...others } = lean(record.commands);
  const named = since?.named ?? new Set();
  const kept = [...taken.kept, ...others.kept].filter(({ object }) => !named.has(object));
  const apart = [...taken.apart, ...others.apart];
  for (const { object } of kept) named.add(object);
  const written: Written =
    since === undefined
      ? { from: undefined, at: record.at, steps: 0, changed: 0, whole: taken.bytes, named }
      : { ...since, changed: since.changed + taken.bytes };
  const slim = { ...record, v: 2 as const, state: { ...head, tasks: {} }, held, commands };
  return { record: apart.length === 0 ? slim : { ...slim, apart }, kept, written };
}

/** Whether a record wants so much that it is written a little at a time: an event that thousands of rules fire on. */
export function isLong({ state, commands }: RunRecord): boolean {
  return state === undefined && commands.length > longList;
}

const longList = 256;

/** The same for a record that {@link isLong}, with places where others may work. */
export function* writeLongRecord(record: RunRecord): Generator<void, { record: RunRecord; kept: Kept[] }, void> {
  const { ref, kept } = yield* takeList(record.commands);
  return { record: { ...record, v: 2, commands: [], apart: [{ at: ["commands"], ref, parted: true }] }, kept: [kept] };
}

/** A record that is no workflow's says everything by itself, unless that is too much: a long list of asks, an input of which there are two. */
function withinLimit(record: RunRecord): { record: RunRecord; json?: string; kept: Kept[] } {
  const json = JSON.stringify(record);
  if (fits(json)) return { record, json, kept: [] };
  const { state, commands } = record;
  const { held, ...taken } = state === undefined ? { held: undefined, apart: [], kept: [] } : wholeOf({ tasks: state.tasks });
  const slim: RunRecord =
    state === undefined ? { ...record, v: 2 } : { ...record, v: 2, state: { ...state, tasks: {} }, held, apart: taken.apart };
  if (state !== undefined && fits(JSON.stringify(slim))) return { record: slim, kept: taken.kept };
  const { ref, kept } = takeWhole(commands, []);
  return {
    record: { ...slim, commands: [], apart: [...taken.apart, { at: ["commands"], ref, parted: true }] },
    kept: [...taken.kept, kept],
  };
}

function fits(json: string): boolean {
  return Buffer.byteLength(json) <= limits.logRecord;
}

/** The run that a log holds in the end, and what its last step wanted done.
 *  @param records the last that holds it whole and all after it, oldest first
 *  @throws Problem value_gone */
export async function readRecords(
  records: readonly { record: RunRecord; sequence: number }[],
  load: Load,
): Promise<{ run: Run; commands: Command[]; written: Written }> {
  const parsed = parsing(load);
  let value: unknown;
  const written: Written = { from: undefined, at: "", steps: 0, changed: 0, whole: 0, named: new Set() };
  for (const { record, sequence } of records) {
    const apart = record.apart ?? [];
    const { held } = record;
    for (const { ref } of apart) written.named.add(ref.object);
    if (held === undefined) throw new Error(`record ${sequence} of ${record.run} holds nothing of its workflow`);
    const whole = (await putTogether({ held }, within(apart, "held"), parsed)) as { held: Held };
    const bytes = JSON.stringify(held).length;
    if (whole.held.kind === "whole") {
      value = whole.held.value;
      Object.assign(written, { from: sequence, at: record.at, steps: 0, changed: 0, whole: bytes });
    } else {
      if (value === undefined) throw new Error(`the log of ${record.run} begins with changes`);
      value = withChanges(value, whole.held.changes ?? []);
      Object.assign(written, { steps: written.steps + 1, changed: written.changed + bytes });
    }
  }
  const last = records.at(-1)?.record;
  if (last?.state === undefined) throw new Error("a log without a run was read as one");
  const commands = await commandsIn(last, load);
  const { tasks, workflow } = value as Pick<Run, "tasks" | "workflow">;
  return { run: { ...last.state, tasks, ...(workflow === undefined ? {} : { workflow }) }, commands, written };
}

/** What a step wanted done, with what lies apart. @throws Problem value_gone */
export async function commandsIn({ commands, apart = [] }: RunRecord, load: Load): Promise<Command[]> {
  const whole = await putTogether({ commands }, within(apart, "commands"), parsing(load));
  return (whole as { commands: Command[] }).commands;
}

/** The text of an object. */
type Load = (ref: ObjectRef) => Promise<string | undefined>;

/** Each text is loaded once. What stands in two places is two values, since changes are done to each. */
function parsing(load: Load): (ref: ObjectRef) => Promise<unknown> {
  const texts = new Map<string, Promise<string | undefined>>();
  return async (ref) => {
    const text = await (texts.get(ref.object) ?? texts.set(ref.object, load(ref)).get(ref.object));
    if (text === undefined) throw problem("value_gone", { bytes: ref.bytes });
    return JSON.parse(text);
  };
}

/** Undefined where a record that holds the whole is due. */
function continued(written: Written): (Written & { from: number }) | undefined {
  const { from, steps, changed, whole } = written;
  if (from === undefined) return undefined;
  if (steps + 1 >= stepsAtMost || changed > Math.max(changesAtLeast, whole)) return undefined;
  return { ...written, from, steps: steps + 1 };
}

interface Taken {
  bytes: number;
  apart: Apart[];
  kept: Kept[];
}

function wholeOf(whole: unknown): Taken & { held: Held } {
  const { rest, ...taken } = lightened(whole, ["held", "value"]);
  return { held: { kind: "whole", value: rest }, ...taken };
}

function changesOf(changes: Change[], from: number): Taken & { held: Held } {
  const { rest, ...taken } = lightened(changes, ["held", "changes"]);
  return { held: { kind: "changes", from, changes: rest as Change[] | null }, ...taken };
}

/** What stays of a value in its record. */
function lightened(value: unknown, at: Path): Taken & { rest: unknown } {
  const { value: rest, bytes, apart, kept } = takeApart(value);
  const pathBytes = apart.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  if (bytes + pathBytes <= heldAtMost) return { rest, bytes, kept, apart: apart.map((one) => ({ ...one, at: [...at, ...one.at] })) };
  const { ref, kept: all } = takeWhole(rest, apart);
  return { rest: null, bytes: bytes + pathBytes, kept: [...kept, all], apart: [{ at, ref, parted: true }] };
}

/** Commands with the large ones of their inputs taken out; all of them, where there are many. */
function lean(commands: Command[]): { commands: Command[]; apart: Apart[]; kept: Kept[] } {
  if (JSON.stringify(commands).length <= commandsAtMost) return { commands, apart: [], kept: [] };
  const { ref, kept } = takeWhole(commands, []);
  return { commands: [], apart: [{ at: ["commands"], ref, parted: true }], kept: [kept] };
}

function within(apart: readonly Apart[], name: string): Apart[] {
  return apart.filter(({ at }) => at[0] === name);
}
