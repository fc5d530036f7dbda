import { isSealed, type Command, type Run } from "@bellhop/contracts";
import type { Decision, RunPlan } from "@bellhop/core";

type Seal = (value: unknown) => unknown;

/** A plan whose secrets only runners can read. */
export function sealedPlan(plan: RunPlan, seal: Seal): RunPlan {
  if (plan.secrets.length === 0) return plan;
  return { ...plan, task: { ...plan.task, input: sealedInput(plan.task.input, plan.secrets, seal) } };
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
