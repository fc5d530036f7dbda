import { isFields } from "@bellhop/contracts";
import type { AnyWorkflow } from "./workflow.ts";

/** A workflow as YAML would say it.
 *  @param refOf names what a task imports
 *  @returns also the tasks whose action has no name by it */
export function documentOf(
  { spec, input }: AnyWorkflow,
  refOf: (action: unknown) => string | undefined,
): { readonly document: Readonly<Record<string, unknown>>; readonly unnamed: readonly string[] } {
  const unnamed: string[] = [];
  const tasks = Object.entries(spec.tasks ?? {}).map(([task, given]) => {
    // What is none is left as it is: inspection says so.
    if (!isFields(given)) return [task, given] as const;
    const { action, next, ...rest } = given;
    const ref = action === undefined || typeof action === "string" ? action : refOf(action);
    if (action !== undefined && ref === undefined) unnamed.push(task);
    const ways = Array.isArray(next) ? next.map(wayOf) : next;
    return [task, { ...rest, ...present({ action: ref, next: ways }) }] as const;
  });
  const { vars, output, timeout, on_cancel, on_failure, pause } = spec;
  const names = Object.keys(input.shape);
  const document = {
    version: "1.0",
    ...(names.length === 0 ? {} : { input: names }),
    tasks: Object.fromEntries(tasks),
    ...present({ vars: listed(vars), output: listed(output), timeout, on_cancel, on_failure, pause }),
  };
  return { document, unnamed };
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
