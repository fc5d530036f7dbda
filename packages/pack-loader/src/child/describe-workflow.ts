import type { ActionDefinition } from "@bellhop/contracts";
import type { AnyWorkflow } from "@bellhop/sdk/host";
import { placesOf, type Path } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { parametersOf, type Described, type Exported } from "./describe.ts";

/** A workflow as an action of the kind orquesta: its document is what YAML would say. */
export function describeWorkflow(workflow: AnyWorkflow, where: Exported): Described<ActionDefinition> {
  const { pack, name, source } = where;
  const { spec } = workflow;
  const problems: PackProblem[] = [];
  const at = placesOf(source.text, (path) => source.ranges[path.join("/")]);
  const complain = (path: Path, message: string, hint: string) => problems.push({ file: source.path, ...at(path), message, hint });

  const parameters = parametersOf(workflow.input, { secrets: spec.secrets ?? [], complain });
  if (typeof spec.description !== "string")
    complain(["description"], "description is missing.", "Expected one line of text: help shows it.");
  const tasks = Object.entries(spec.tasks ?? {}).map(([task, given]) => {
    // What is none is left as it is: inspection says so.
    if (!isFields(given)) return [task, given] as const;
    const { action, next, ...rest } = given;
    const ref = action === undefined || typeof action === "string" ? action : where.refOf(action);
    if (action !== undefined && ref === undefined) {
      const hint = 'Import it from its file in actions/ or workflows/, or name any action by its ref: "pack.name".';
      complain(["tasks", task, "action"], "The action of this task is none of this pack.", hint);
    }
    const ways = Array.isArray(next) ? next.map(wayOf) : next;
    return [task, { ...rest, ...present({ action: ref, next: ways }) }] as const;
  });
  const { vars, output, timeout, on_cancel, on_failure, pause } = spec;
  const input = Object.keys(workflow.input.shape);
  const document = {
    version: "1.0",
    ...(input.length === 0 ? {} : { input }),
    tasks: Object.fromEntries(tasks),
    ...present({ vars: listed(vars), output: listed(output), timeout, on_cancel, on_failure, pause }),
  };
  const definition: ActionDefinition = {
    ref: `${pack}.${name}`,
    pack,
    name,
    description: String(spec.description ?? ""),
    enabled: spec.enabled ?? true,
    kind: "orquesta",
    workflow: asJson(document, (message) =>
      complain([], message, "A workflow is data: texts, numbers, booleans, lists and objects of these."),
    ),
    parameters,
    repeatable: false,
    pool: "default",
    source: { file: source.path, ...at([]) },
  };
  return { extracted: { definition, file: source.path, ranges: source.ranges }, problems };
}

function wayOf(way: unknown): unknown {
  return isFields(way) ? { ...way, ...present({ publish: listed(way["publish"]) }) } : way;
}

/** As orquesta has it: one by one, in their order. */
function listed(values: unknown): unknown {
  return isFields(values) ? Object.entries(values).map(([name, value]) => ({ [name]: value })) : values;
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asJson(document: unknown, complain: (message: string) => void): unknown {
  try {
    return JSON.parse(JSON.stringify(document));
  } catch (error) {
    complain(`It can't be written as JSON: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}.`);
    return {};
  }
}
