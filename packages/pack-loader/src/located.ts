import type { PackProblem } from "./problem.ts";

/** A definition together with the way back to its source. */
export interface Located<Definition> {
  readonly definition: Definition;
  readonly file: string;
  /** Where a part of it stands, as the spelling names it (`formats`, 0), or the nearest part around it that stands anywhere. With `needle`,
   *  the place of that text within the part, when it is there; `nth` counts from 0. */
  at(path: Path, needle?: string, nth?: number): Place;
}

export type Path = readonly (string | number)[];

/** From 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Offsets into the text, the end not included. */
export type Range = readonly [start: number, end: number];

export function complaint(
  definition: Located<unknown>,
  path: Path,
  { message, hint = "", needle }: { message: string; hint?: string; needle?: string },
): PackProblem {
  return { file: definition.file, ...definition.at(path, needle), message, hint };
}

/** Something within a text of the definition. `offset` counts from 0 in UTF-16 units. */
interface Spot {
  readonly text: string;
  readonly expression: string;
  readonly offset: number;
}

export function spotProblem(
  definition: Located<unknown>,
  path: Path,
  { message, hint = "", ...spot }: Spot & { message: string; hint?: string },
): PackProblem {
  const { text, expression, offset } = spot;
  // Offsets within a value are not those of the source, which may be quoted or folded; the count of what looks the same is.
  const place = definition.at(path, expression, text.slice(0, offset).split(expression).length - 1);
  return { file: definition.file, ...place, message, hint };
}

/** A template that can't be read. */
export function templateProblem(definition: Located<unknown>, path: Path, fault: Spot & { message: string }): PackProblem {
  return spotProblem(definition, path, { ...fault, message: `The template can't be filled in: ${fault.message.replace(/\.$/, "")}.` });
}

/** Finds places by the ranges of a definition's parts. */
export function placesOf(text: string, rangeOf: (path: Path) => Range | undefined): Located<unknown>["at"] {
  const lines = lineStarts(text);
  return (path, needle, nth = 0) => {
    let range: Range | undefined;
    for (let length = path.length; range === undefined && length >= 0; length--) range = rangeOf(path.slice(0, length));
    const [start, end] = range ?? [0, text.length];
    let found = needle === undefined ? -1 : text.indexOf(needle, start);
    for (let left = nth; left > 0 && found >= 0; left--) found = text.indexOf(needle ?? "", found + 1);
    return placeAt(lines, found < 0 || found >= end ? start : found);
  };
}

export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

export function placeAt(lines: readonly number[], offset: number): Place {
  let line = lines.length - 1;
  while (line > 0 && (lines[line] ?? 0) > offset) line--;
  return { line: line + 1, column: offset - (lines[line] ?? 0) + 1 };
}
