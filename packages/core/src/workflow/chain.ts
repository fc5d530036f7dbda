import { fieldsOf, type Notify } from "@bellhop/contracts";
import { hasJinja } from "@bellhop/expression";
import { notifyOf } from "../notify/read.ts";
import type { Assignment, Transition, Workflow, WorkflowTask } from "./definition.ts";

type Mapping = Readonly<Record<string, unknown>>;

interface Node {
  readonly name: string;
  readonly ref: string;
  readonly parameters: Mapping;
  readonly publish: Mapping;
  readonly success: string | undefined;
  readonly failure: string | undefined;
  readonly notify: Notify | undefined;
}

/** An action chain as a workflow: one task after the other, whose templates see parameters, variables and earlier results by their names. */
export function compileChain(document: Mapping): Workflow {
  const nodes = (Array.isArray(document["chain"]) ? document["chain"] : []).map(nodeOf);
  const names = nodes.map(({ name }) => name);
  const next = new Map(nodes.map((node) => [node.name, transitionsOf(node, names)]));
  const inbound = (name: string): readonly Transition[] =>
    Array.from(next.values()).flatMap((ways) => ways.filter(({ to }) => to === name));
  const tasks = nodes.map((node, number): WorkflowTask => {
    const before = inbound(node.name);
    return {
      name: node.name,
      number,
      action: node.ref,
      input: node.parameters,
      items: undefined,
      delay: undefined,
      timeout: undefined,
      retry: undefined,
      join: undefined,
      next: next.get(node.name) ?? [],
      inbound: before,
      before: Array.from(new Set(before.map(({ from }) => from))),
      joins: [],
      splits: false,
      ...(node.notify === undefined ? {} : { notify: node.notify }),
    };
  });
  const first = textOf(document["default"]) ?? names.find((name) => !nodes.some((node) => leadsTo(node, name))) ?? names[0];
  return {
    description: textOf(document["description"]) ?? "",
    input: [],
    vars: Object.entries(fieldsOf(document["vars"])).map(([name, value]) => ({ name, value, template: true })),
    output: [],
    tasks,
    byName: new Map(tasks.map((task) => [task.name, task])),
    starts: first === undefined ? [] : [first],
    timeout: undefined,
    onCancel: [],
    onFailure: [],
    pause: "workflow",
    literals: new Set(),
    keepsResults: true,
    chain: true,
  };
}

/** What its templates see beside what was given, and what its result is made of. */
export const published = "__published";

function nodeOf(given: unknown): Node {
  const { name, ref, parameters, params, publish, notify, ...ways } = fieldsOf(given);
  return {
    name: textOf(name) ?? "",
    ref: textOf(ref) ?? "",
    parameters: fieldsOf(parameters ?? params),
    publish: fieldsOf(publish),
    success: textOf(ways["on-success"]),
    failure: textOf(ways["on-failure"]),
    notify: notifyOf(notify),
  };
}

/** Where a task ends the chain `continue` keeps what it left behind. */
function transitionsOf(node: Node, names: readonly string[]): readonly Transition[] {
  const own = Object.entries(node.publish).map(([name, value]): Assignment => ({ name, value, template: true }));
  const publish: readonly Assignment[] = [
    { name: node.name, value: "<% result() %>" },
    { name: "__results", value: `<% dict('${node.name.replaceAll(/['\\]/g, "\\$&")}' => result()) %>` },
    ...own,
    ...(own.length === 0 ? [] : [{ name: published, value: node.publish, template: true }]),
  ];
  const keys = new Map<string, number>();
  return [
    { when: "<% succeeded() %>", target: node.success },
    { when: "<% not succeeded() %>", target: node.failure },
  ].flatMap(({ when, target }, place) =>
    (target === undefined ? ["continue"] : hasJinja(target) ? names : [target]).map((to): Transition => {
      const key = keys.get(to) ?? 0;
      keys.set(to, key + 1);
      const command = to === "continue" && !names.includes(to) ? "continue" : undefined;
      const named = target !== undefined && hasJinja(target) ? { named: target } : {};
      return { from: node.name, to, command, place, key, when, publish, ...named };
    }),
  );
}

function leadsTo({ success, failure }: Node, name: string): boolean {
  return success === name || failure === name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
