import { placesOf, type Located, type Path } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import type { Source } from "./source.ts";

/** Says what is wrong with a part of a definition, and what to write instead; an empty hint where that is plain. */
export type Complain = (path: Path, message: string, hint: string) => void;

/** What is wrong with the definition that a file exports, in the order in which it is said. */
export interface Complaints {
  readonly problems: PackProblem[];
  readonly complain: Complain;
  /** Where a part of the definition stands. */
  readonly at: Located<unknown>["at"];
}

export function complaintsOf(source: Source): Complaints {
  const problems: PackProblem[] = [];
  const at = placesOf(source.text, (path) => source.ranges[path.join("/")]);
  return { problems, at, complain: (path, message, hint) => void problems.push({ file: source.path, ...at(path), message, hint }) };
}
