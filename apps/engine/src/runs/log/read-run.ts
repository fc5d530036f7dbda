import type { Bus, LogEntry } from "@bellhop/bus";
import { objectStores, toProblem, type Command, type ObjectRef, type Run, type RunRecord } from "@bellhop/contracts";
import { commandsIn, readRecords, type Written } from "./run-record.ts";

/** What a log says in the end. `run` is absent where it is that of an answer. */
export interface ReadLog {
  sequence: number;
  run: Run | undefined;
  /** What its last step wanted done. */
  commands: Command[];
  written?: Written;
  /** When the record was written that has all of it, ISO 8601. */
  wholeAt: string;
}

/** Reads a log from its last record, and where that says only what changed from the last that has it all. Where values of it are gone, what is left is a run without
 *  tasks, which the next event ends: somebody waits for it. */
export async function readLog(bus: Bus, run: string): Promise<ReadLog | undefined> {
  const last = await bus.log.last(run);
  if (last === undefined) return undefined;
  const { record, sequence } = last;
  if (record.held === undefined) return { sequence, run: record.state, commands: await readCommands(bus, record), wholeAt: record.at };
  // Others may have gone on meanwhile.
  const entries: LogEntry[] = record.held.kind === "whole" ? [last] : await bus.log.records(run, { from: record.held.from });
  const at = entries.at(-1)?.sequence ?? sequence;
  try {
    const read = await readRecords(entries, loader(bus));
    return { sequence: at, wholeAt: read.written.at, ...read };
  } catch (error) {
    if (toProblem(error).code !== "value_gone") throw error;
    return { sequence: at, run: (entries.at(-1) ?? last).record.state, commands: [], wholeAt: record.at };
  }
}

/** What a step wanted done. @throws Problem value_gone */
export async function readCommands(bus: Bus, record: RunRecord): Promise<Command[]> {
  return await commandsIn(record, loader(bus));
}

function loader(bus: Bus): (ref: ObjectRef) => Promise<string | undefined> {
  const objects = bus.objects(objectStores.values);
  return async ({ object }) => {
    const bytes = await objects.get(object);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
}
