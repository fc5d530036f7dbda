import { fieldsOf, type ActionDefinition } from "@bellhop/contracts";
import { inlineParameters, kinds as kindParameters, parametersOf } from "@bellhop/core";
import { didYouMean } from "../did-you-mean.ts";
import type { SourceFile } from "../folder.ts";
import type { Located, Path } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { placesIn } from "../yaml/document.ts";

/** Looks at what a pack's workflows call: an action of the pack that is not there, an input that the action has not, one that it needs and does not get.
 *  Actions that an expression names, and those of other packs, are known when the workflow runs. */
export function checkWorkflows(pack: {
  name: string;
  /** Other packs that pack.yaml names. */
  needs: readonly string[];
  actions: readonly Located<ActionDefinition>[];
  /** Every action there is a file for, also where the file is too faulty to give a definition. */
  actionNames: ReadonlySet<string>;
  files: readonly SourceFile[];
}): { problems: PackProblem[]; warnings: PackProblem[] } {
  const byRef = new Map(pack.actions.map(({ definition }) => [definition.ref, definition]));
  const names = new Set([...pack.actionNames, ...pack.actions.map(({ definition }) => definition.name)]);
  const known = new Set([pack.name, ...pack.needs, ...everywhere]);
  const warnings: PackProblem[] = [];
  const problems = pack.actions.flatMap((action) => {
    const source = sourceOf(action, pack.files);
    return callsIn(action.definition).flatMap((call): PackProblem[] => {
      const { ref } = call;
      if (isExpression(ref)) return [];
      const [other = ""] = ref.split(".");
      if (!known.has(other)) {
        // Each is told once.
        known.add(other);
        const hint = `Name it in pack.yaml: dependencies: [${other}]`;
        warnings.push({
          file: source.file,
          ...source.at(call.path, ref),
          message: `${ref} is of another pack, which this one does not name.`,
          hint,
        });
      }
      if (other !== pack.name) return [];
      const complain = (path: Path, message: string, hint: string, needle?: string) => ({
        file: source.file,
        ...source.at(path, needle),
        message,
        hint,
      });
      const called = byRef.get(ref);
      if (called !== undefined) return inputFaults(call, called, complain);
      if (names.has(ref.slice(pack.name.length + 1))) return [];
      const own = Array.from(names, (name) => `${pack.name}.${name}`);
      return [complain(call.path, `There is no action ${ref} in this pack.`, didYouMean(ref, own), ref)];
    });
  });
  return { problems, warnings };
}

/** Packs that come with Bellhop. */
const everywhere: readonly string[] = ["core", "chat", "chatops", "linux"];

/** An action that a workflow names, and what it is given: absent where that is known when it runs. */
interface Call {
  readonly ref: string;
  readonly path: Path;
  readonly input: Readonly<Record<string, unknown>> | undefined;
  readonly inputPath: Path;
}

type Fields = Readonly<Record<string, unknown>>;

function callsIn({ kind, workflow }: ActionDefinition): readonly Call[] {
  if (workflow === undefined) return [];
  if (kind === "action-chain") return listOf(fieldsOf(workflow)["chain"]).flatMap(callOfNode);
  return Object.entries(fieldsOf(fieldsOf(workflow)["tasks"])).flatMap(([name, task]) => callOfTask(fieldsOf(task), ["tasks", name]));
}

function callOfTask(task: Fields, path: Path): readonly Call[] {
  const { action, input } = task;
  if (typeof action !== "string") return [];
  const inline = inlineParameters(action);
  const [ref = ""] = action.split(" ", 1);
  if (inline.length === 0) return [{ ref: action, path: [...path, "action"], input: inputOf(input), inputPath: [...path, "input"] }];
  const given = Object.fromEntries(inline.map(({ name, value }) => [name, value]));
  return [{ ref, path: [...path, "action"], input: given, inputPath: [...path, "action"] }];
}

function callOfNode(node: unknown, place: number): readonly Call[] {
  const { ref, params, parameters } = fieldsOf(node);
  if (typeof ref !== "string") return [];
  const word = params === undefined ? "parameters" : "params";
  return [{ ref, path: ["chain", place, "ref"], input: inputOf(params ?? parameters), inputPath: ["chain", place, word] }];
}

/** A text is an expression that gives all of it. */
function inputOf(input: unknown): Fields | undefined {
  return typeof input === "string" ? undefined : fieldsOf(input);
}

type Complain = (path: Path, message: string, hint: string, needle?: string) => PackProblem;

function inputFaults({ input, inputPath, ref }: Call, action: ActionDefinition, complain: Complain): PackProblem[] {
  if (input === undefined) return [];
  const known = parametersOf(action);
  // Of a kind that is not known closely there may be more parameters than its actions say.
  const unexpected =
    kindParameters[action.kind] === undefined ? [] : Object.keys(input).filter((name) => !(name in known) && !isExpression(name));
  const missing = Object.entries(known)
    .filter(([name, parameter]) => parameter.required === true && (parameter.default ?? null) === null && !(name in input))
    .map(([name]) => name);
  return [
    ...unexpected.map((name) => complain(inputPath, `${name} is no parameter of ${ref}.`, didYouMean(name, Object.keys(known)), name)),
    ...missing.map((name) => complain(inputPath, `${ref} needs ${name}, which is not given.`, "")),
  ];
}

function isExpression(text: string): boolean {
  return /<%|\{\{|\{%/.test(text);
}

/** In YAML a workflow has a file of its own. */
function sourceOf(action: Located<ActionDefinition>, files: readonly SourceFile[]): Pick<Located<unknown>, "file" | "at"> {
  const file = files.find(({ path }) => path === action.definition.entryPoint);
  if (file === undefined) return action;
  let at: Located<unknown>["at"] | undefined;
  return { file: file.path, at: (...part) => (at ??= placesIn(file.bytes.toString("utf8")))(...part) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
