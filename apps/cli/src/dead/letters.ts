import type { Bus, DeadLetter } from "@bellhop/bus";
import { problem, streams } from "@bellhop/contracts";
import { readLetter, type Letter } from "@bellhop/core";
import { UsageError } from "../report.ts";

/** Dead letters as they are named on the command line. */
export interface Chosen {
  /** All of them, or all of one stream. */
  all: boolean;
  stream?: string;
}

/** The numbers that are meant: see {@link checkChosen}. */
export async function numbersOf(bus: Bus, given: readonly string[], { all, stream }: Chosen): Promise<number[]> {
  if (all) return bus.dead.list(({ number }) => number, stream === undefined ? {} : { stream });
  return [...new Set(given.map(numberOf))];
}

/** @throws UsageError where letters are named twice over, or not at all */
export function checkChosen(given: readonly string[], { all, stream }: Chosen): void {
  if (all === given.length > 0) throw new UsageError("Expected numbers of dead letters, or --all. `bellhop dead list` shows them.");
  if (stream !== undefined && !all) throw new UsageError("--stream goes with --all.");
  given.forEach(numberOf);
  checkStream(stream);
}

/** @throws Problem dead_unknown, with those that there are */
export async function letterOf(bus: Bus, number: number): Promise<DeadLetter> {
  const letter = await bus.dead.get(number);
  if (letter !== undefined) return letter;
  const known = await bus.dead.list((one) => one.number);
  const last = known.slice(-10).join(", ");
  const which = known.length === 0 ? "There are none." : `There are ${known.length}${known.length > 10 ? ", the last ones" : ""}: ${last}.`;
  throw problem("dead_unknown", { number, which });
}

/** @throws UsageError */
export function numberOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${text} is no number of a dead letter. \`bellhop dead list\` shows them.`);
  return Number(text);
}

/** @throws UsageError */
export function checkStream(stream: string | undefined): void {
  const names: string[] = Object.values(streams)
    .filter(({ retention }) => retention === "work")
    .map(({ name }) => name);
  if (stream !== undefined && !names.includes(stream))
    throw new UsageError(`${stream} is no stream of work: expected ${names.join(", ")}.`);
}

/** What a letter carries, and what that says of it. */
export function opened({ subject, data }: DeadLetter): { payload: unknown; about: Letter } {
  const payload = parsed(data);
  return { payload, about: readLetter({ subject, payload }) };
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
}
