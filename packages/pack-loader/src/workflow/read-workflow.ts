import type { ActionDefinition } from "@bellhop/contracts";
import { dataOf, distinct, inspectChain, inspectWorkflow, readWorkflowText, specPath, type Complaint } from "@bellhop/core";
import { didYouMean } from "../did-you-mean.ts";
import { lineStarts, placeAt, type Located } from "../located.ts";
import { byPlace, type PackProblem } from "../problem.ts";
import { placesIn } from "../yaml/document.ts";

/** Kinds of action whose entry point is a workflow. */
const workflowKinds = ["orquesta", "action-chain"] as const;
type WorkflowKind = (typeof workflowKinds)[number];

export function isWorkflowKind(kind: string): kind is WorkflowKind {
  return workflowKinds.some((one) => one === kind);
}

export interface ReadWorkflow {
  readonly kind: WorkflowKind;
  /** The document as JSON has it; absent where it can't be read. */
  readonly data: unknown;
  readonly problems: readonly PackProblem[];
  readonly at: Located<unknown>["at"];
}

/** Reads a workflow's file as PyYAML would, and inspects it: all that is wrong, with its place.
 *  @param settings.kind absent: what has a `chain` is an action chain
 *  @param settings.strict whether words that orquesta does not know are wrong */
export function readWorkflow(file: string, text: string, settings: { kind?: WorkflowKind; strict?: boolean } = {}): ReadWorkflow {
  let parsed: Located<unknown>["at"] | undefined;
  const at: Located<unknown>["at"] = (...part) => (parsed ??= placesIn(text))(...part);
  const read = readWorkflowText(text);
  if (read.kind === "fault") {
    const place = placeAt(lineStarts(text), read.offset);
    return { kind: settings.kind ?? "orquesta", data: undefined, problems: [{ file, ...place, message: read.message, hint: "" }], at };
  }
  const { document } = read;
  const data = dataOf(document);
  const kind = settings.kind ?? (typeof data === "object" && data !== null && "chain" in data ? "action-chain" : "orquesta");
  const dialect = settings.strict === true ? "orquesta" : "bellhop";
  const complaints = distinct(kind === "action-chain" ? inspectChain(document) : inspectWorkflow(document, { dialect }));
  const problems = complaints.map((complaint) => ({ file, ...complained(complaint, at) })).toSorted(byPlace);
  return { kind, data, problems, at };
}

/** What is wrong with workflows that TypeScript defines: their documents are in no file of their own. */
export function workflowProblems(actions: readonly Located<ActionDefinition>[]): PackProblem[] {
  return actions.flatMap((action) => {
    const { workflow, entryPoint } = action.definition;
    if (workflow === undefined || entryPoint !== undefined) return [];
    const at: Located<unknown>["at"] = (...part) => action.at(...part);
    return distinct(inspectWorkflow(workflow)).map((complaint) => ({ file: action.file, ...complained(complaint, at) }));
  });
}

/** A complaint as all others are told: what is wrong, where, and what may have been meant. */
function complained(complaint: Complaint, at: Located<unknown>["at"]): Omit<PackProblem, "file"> {
  const { message, path, expression, meant } = complaint;
  const place = at(path, expression ?? meant?.word);
  const where = path.length === 0 ? "" : `${specPath(path)}: `;
  const said = expression === undefined ? message : `${message.replace(/\.$/, "")}, in ${expression}`;
  const hint = meant === undefined ? "" : didYouMean(meant.word, meant.known);
  return { ...place, message: `${where}${said}`.replace(/[^.!?]$/, "$&."), hint };
}
