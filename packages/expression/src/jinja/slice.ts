import { Fault } from "../error.ts";
import { isMapping, isSequence, Tuple } from "../value/kinds.ts";
import { classOf, type Evaluation, Range } from "./objects.ts";
import { countOf, hasPairs, isTuple } from "./operations.ts";

/** What a slice's brackets hold; anything but an int or nothing is refused where it is used. */
export class Slice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;

  constructor(start: unknown, stop: unknown, step: unknown) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** `value[start:stop:step]` */
export function sliceOf(value: unknown, slice: Slice, evaluation: Evaluation): unknown {
  const step = slice.step === null || slice.step === undefined ? 1 : stepOf(slice.step);
  if (typeof value === "string") {
    if (step === 1 && !hasPairs(value)) return value.slice(...bounds(value.length, slice.start, slice.stop));
    return Array.from(picked(Array.from(value), slice, step)).join("");
  }
  if (value instanceof Range) return partOf(value, slice, step);
  if (isMapping(value)) throw new Fault("TypeError", "unhashable type: 'slice'");
  if (!isSequence(value)) throw new Fault("TypeError", `'${classOf(value)}' object is not subscriptable`);
  evaluation.budget.size(value.length);
  const items = picked(value, slice, step);
  if (!isTuple(value)) return items;
  const made = new Tuple();
  for (const item of items) made.push(item);
  return made;
}

/** A part of a range is a range. */
function partOf(range: Range, slice: Slice, step: number): Range {
  const places = picked(
    Array.from({ length: range.length }, (_, at) => at),
    slice,
    step,
  );
  const from = range.start + Number(places[0] ?? 0) * range.step;
  return new Range(from, from + places.length * range.step * step, range.step * step);
}

function stepOf(step: unknown): number {
  const number = countOf(step);
  if (number === 0) throw new Fault("ValueError", "slice step cannot be zero");
  return number;
}

function picked(items: readonly unknown[], { start, stop }: Slice, step: number): unknown[] {
  const made: unknown[] = [];
  if (step > 0) {
    const [from, to] = bounds(items.length, start, stop);
    for (let at = from; at < to; at += step) made.push(items[at]);
    return made;
  }
  const limit = (value: unknown, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise;
    const at = countOf(value);
    return Math.min(items.length - 1, Math.max(-1, at < 0 ? items.length + at : at));
  };
  const to = limit(stop, -1);
  for (let at = limit(start, items.length - 1); at > to; at += step) made.push(items[at]);
  return made;
}

/** Start and end as Python's slices take them. */
export function bounds(length: number, start: unknown, end: unknown): [number, number] {
  const limit = (value: unknown, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise;
    const at = countOf(value);
    return Math.min(length, Math.max(0, at < 0 ? length + at : at));
  };
  return [limit(start, 0), limit(end, length)];
}
