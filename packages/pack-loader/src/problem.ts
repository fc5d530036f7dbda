import { join } from "node:path";

/** A fault in a pack's source. `file` is the path within the pack, line and column count from 1. `hint` may be empty. */
export interface PackProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** What a look at a part of a pack found. */
export interface Checked {
  readonly problems: readonly PackProblem[];
  readonly warnings: readonly PackProblem[];
}

/** One problem as a terminal shows it: `folder/file:line:column message`, the hint on a line of its own. An address is as good as a folder. */
export function describeProblem(folder: string, problem: PackProblem): string {
  const isAddress = folder.includes("://");
  const file = isAddress && problem.file !== "" ? `${folder}/${problem.file}` : isAddress ? folder : join(folder, problem.file);
  const place = `${file}:${problem.line}:${problem.column}`;
  return problem.hint === "" ? `${place} ${problem.message}` : `${place} ${problem.message}\n  ${problem.hint}`;
}

/** The order in which people read: file, line, column. */
export function byPlace(a: PackProblem, b: PackProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
