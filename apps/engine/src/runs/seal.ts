import { isSealed, type Command, type Run, type Sealed } from "@bellhop/contracts";
import { holdsSecret, parametersOf, type Catalog, type Decision, type RunPlan } from "@bellhop/core";

type Seal = (value: unknown) => unknown;

/** A plan whose secrets only runners can read. */
export function sealedPlan(plan: RunPlan, seal: Seal): RunPlan {
  if (plan.secrets.length === 0) return plan;
  return { ...plan, task: { ...plan.task, input: sealedInput(plan.task.input, plan.secrets, seal) } };
}

/** What is asked of an action in words that are yet to be checked: sealed as it is, so that one that looks sealed already is a value as any other. */
export function sealedAsk<Ask extends { action: string; input: Record<string, unknown>; secrets?: readonly string[] | undefined }>(
  ask: Ask,
  catalog: Catalog,
  seal: Seal,
): Ask {
  const names = new Set([...secretsOf(ask.action, catalog), ...(ask.secrets ?? [])]);
  return { ...ask, input: mapped(ask.input, (name, value) => (names.has(name) ? seal(value) : value)) };
}

/** What {@link sealedAsk} sealed, and nothing else that may have come sealed. */
export function opened(
  { action, input, secrets = [] }: { action: string; input: Readonly<Record<string, unknown>>; secrets?: readonly string[] | undefined },
  { catalog, open }: { catalog: Catalog; open: (sealed: Sealed) => unknown },
): Record<string, unknown> {
  const names = new Set([...secretsOf(action, catalog), ...secrets]);
  return mapped(input, (name, value) => (names.has(name) && isSealed(value) ? open(value) : value));
}

function secretsOf(action: string, catalog: Catalog): ReadonlySet<string> {
  const definition = catalog.actions.get(action);
  const parameters = definition === undefined ? [] : Object.entries(parametersOf(definition));
  return new Set(parameters.flatMap(([name, parameter]) => (holdsSecret(parameter) ? [name] : [])));
}

function mapped(input: Readonly<Record<string, unknown>>, change: (name: string, value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, change(name, value)]));
}

/** A step whose secrets only runners can read: in the tasks that it hands out, and in what it asks for them. */
export function sealedDecision<D extends Decision>(decision: D, seal: Seal): D {
  if (decision.kind === "unchanged" || decision.secrets === undefined) return decision;
  const inputs = new Map(
    decision.secrets.flatMap(({ task, names }) => {
      const input = decision.run.tasks[task]?.input;
      return input === undefined ? [] : [[task, sealedInput(input, names, seal)] as const];
    }),
  );
  const tasks = { ...decision.run.tasks };
  for (const [name, input] of inputs) {
    const task = tasks[name];
    if (task !== undefined) tasks[name] = { ...task, input };
  }
  const run: Run = { ...decision.run, tasks };
  return { ...decision, run, commands: decision.commands.map((command) => withInput(command, inputs)) };
}

function withInput(command: Command, inputs: ReadonlyMap<string, Record<string, unknown>>): Command {
  if (command.kind === "request") {
    const input = inputs.get(command.request.task);
    return input === undefined ? command : { ...command, request: { ...command.request, input } };
  }
  if (command.kind !== "ask" || command.ask.kind !== "start") return command;
  const input = inputs.get(command.ask.parent?.task ?? "");
  return input === undefined ? command : { ...command, ask: { ...command.ask, input } };
}

/** What is sealed already stays as it is: it came from the input of a workflow. */
function sealedInput(input: Readonly<Record<string, unknown>>, names: readonly string[], seal: Seal): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, names.includes(name) && !isSealed(value) ? seal(value) : value]),
  );
}
