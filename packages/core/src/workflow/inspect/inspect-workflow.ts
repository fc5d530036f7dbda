import { isMapping, repr, validate } from "@bellhop/expression";
import { contextFaults } from "./context.ts";
import { outlineOf, type Outline } from "./outline.ts";
import type { Path, SchemaFault } from "./schema.ts";
import { semanticFaults } from "./semantics.ts";
import { spelledOut, syntaxFaults, type Dialect } from "./syntax.ts";

/** One thing that is wrong with a workflow, in orquesta's words. */
export interface Complaint {
  readonly group: "syntax" | "semantics" | "expressions" | "context";
  readonly message: string;
  /** Where in the document; empty: the document itself. */
  readonly path: Path;
  readonly schemaPath: Path;
  /** Of an expression; null where a text mixes both languages. */
  readonly language?: "yaql" | "jinja" | null;
  /** The text it stands in, or the expression itself. */
  readonly expression?: string;
  /** A word that is not known, and those that are. */
  readonly meant?: SchemaFault["meant"];
}

interface InspectionSettings {
  /** Variables that a run has before its inputs. Default: `st2` and `parent`, which every run has. */
  readonly context?: readonly string[];
  /** Default: ours, which has a few words more than orquesta. */
  readonly dialect?: Dialect;
}

/** All that is wrong with a document, as `readWorkflowText` reads it or as plain data. Some is said as often as the original says it: see {@link distinct}. */
export function inspectWorkflow(
  document: unknown,
  { context = ["st2", "parent"], dialect = "bellhop" }: InspectionSettings = {},
): Complaint[] {
  if (!isMapping(document)) {
    return [{ group: "syntax", message: `${repr(document).slice(0, 300)} is not of type 'object'`, path: [], schemaPath: ["type"] }];
  }
  const spelled = spelledOut(document);
  const outline = outlineOf(spelled);
  return [
    ...inGroup("syntax", syntaxFaults(spelled, dialect)),
    ...inGroup("semantics", semanticFaults(outline)),
    ...inGroup("expressions", expressionFaults(outline)),
    ...inGroup("context", contextFaults(outline, context)),
  ];
}

/** Each complaint once. */
export function distinct(complaints: readonly Complaint[]): Complaint[] {
  return Array.from(
    new Map(complaints.map((one) => [`${one.group} ${specPath(one.path)} ${one.expression} ${one.message}`, one])).values(),
  );
}

/** As orquesta answers: by group, with paths as texts (`tasks.build.next[0].when`). */
export function inspectionOf(complaints: readonly Complaint[]): Record<string, Record<string, unknown>[]> {
  const groups: Record<string, Record<string, unknown>[]> = {};
  for (const { group, message, path, schemaPath, language, expression } of complaints) {
    const about = expression === undefined ? {} : { type: language ?? null, expression };
    (groups[group] ??= []).push({ ...about, message, spec_path: specPath(path) || null, schema_path: specPath(schemaPath) || null });
  }
  return groups;
}

/** `tasks.build.next[0].when` */
export function specPath(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

function inGroup(group: Complaint["group"], faults: readonly (SchemaFault & Partial<Complaint>)[]): Complaint[] {
  const sorted = faults.map((fault) => ({ ...fault, group }));
  const key = ({ schemaPath, path }: SchemaFault) => `${specPath(schemaPath)}\0${specPath(path)}`;
  return sorted.toSorted((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0));
}

/** What can't be read. */
function expressionFaults({ input, vars, output, timeout, tasks }: Outline): (SchemaFault & Partial<Complaint>)[] {
  const parts = Array.from(tasks.values()).flatMap(({ before, besides, next }) => [
    ...before,
    ...besides,
    ...next.flatMap((transition) => [transition.when, transition.publish, transition.do]),
  ]);
  return [input, vars, output, timeout, ...parts].flatMap(({ value, path, schemaPath }) =>
    validate(value).map(({ type, expression, message }) => ({ path, schemaPath, message, language: type, expression })),
  );
}
