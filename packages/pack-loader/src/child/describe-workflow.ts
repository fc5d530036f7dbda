import type { ActionDefinition } from "@bellhop/contracts";
import { documentOf, type AnyWorkflow } from "@bellhop/sdk/host";
import { complaintsOf } from "./complaints.ts";
import { parametersOf, type Described, type Exported } from "./describe.ts";

/** A workflow as an action of the kind orquesta: its document is what YAML would say. */
export function describeWorkflow(workflow: AnyWorkflow, where: Exported): Described<ActionDefinition> {
  const { pack, name, source } = where;
  const { spec } = workflow;
  const { problems, at, complain } = complaintsOf(source);

  const parameters = parametersOf(workflow.input, { secrets: spec.secrets ?? [], complain });
  if (typeof spec.description !== "string")
    complain(["description"], "description is missing.", "Expected one line of text: help shows it.");
  const { document, unnamed } = documentOf(workflow, (action) => where.refOf(action));
  for (const task of unnamed) {
    const hint = 'Import it from its file in actions/ or workflows/, or name any action by its ref: "pack.name".';
    complain(["tasks", task, "action"], "The action of this task is none of this pack.", hint);
  }
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

function asJson(document: unknown, complain: (message: string) => void): unknown {
  try {
    return JSON.parse(JSON.stringify(document));
  } catch (error) {
    complain(`It can't be written as JSON: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}.`);
    return {};
  }
}
