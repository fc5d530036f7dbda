import { dataOf, distinct, inspectChain, inspectWorkflow, readWorkflowText, specPath, type Complaint } from "@bellhop/core";
import { didYouMean } from "../did-you-mean.ts";
import { lineStarts, placeAt, type Located } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { placesIn } from "../yaml/document.ts";

/** Kinds of action whose entry point is a workflow. */
export const workflowKinds: readonly string[] = ["orquesta", "action-chain"];

export interface ReadWorkflow {
  /** The document as JSON has it; absent where it can't be read. */
  readonly data: unknown;
  readonly problems: readonly PackProblem[];
  readonly at: Located<unknown>["at"];
}

/** Reads a workflow's file as PyYAML would, and inspects it: all that is wrong, with its place. */
export function readWorkflow(file: string, text: string, kind: string): ReadWorkflow {
  let parsed: Located<unknown>["at"] | undefined;
  const at: Located<unknown>["at"] = (...part) => (parsed ??= placesIn(text))(...part);
  const read = readWorkflowText(text);
  if (read.kind === "fault") {
    const place = placeAt(lineStarts(text), read.offset);
    return { data: undefined, problems: [{ file, ...place, message: read.message, hint: "" }], at };
  }
  const { document } = read;
  const complaints = distinct(kind === "action-chain" ? inspectChain(document) : inspectWorkflow(document));
  const problems = complaints.map((complaint) => ({ file, ...complained(complaint, at) }));
  return { data: dataOf(document), problems, at };
}

/** A complaint as all others are told: what is wrong, where, and what may have been meant. */
export function complained(complaint: Complaint, at: Located<unknown>["at"]): Omit<PackProblem, "file"> {
  const { message, path, expression, meant } = complaint;
  const place = at(path, expression ?? meant?.word);
  const where = path.length === 0 ? "" : `${specPath(path)}: `;
  const said = expression === undefined ? message : `${message.replace(/\.$/, "")}, in ${expression}`;
  const hint = meant === undefined ? "" : didYouMean(meant.word, meant.known);
  return { ...place, message: `${where}${said}`.replace(/[^.!?]$/, "$&."), hint };
}
