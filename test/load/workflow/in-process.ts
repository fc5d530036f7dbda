import { performance } from "node:perf_hooks";
import { compileWorkflow, conduct, type Workflow, type WorkflowCommand } from "@bellhop/core";
import { figure, median, type Figure } from "../figures.ts";

const rounds = 5;
/** Tasks in a round at the least, so that a short workflow is conducted often. */
const atLeast = 10_000;
const sizes = { sequence: [10, 100, 1_000, 10_000], items: [10, 100, 1_000] };
const at = "2026-01-01T00:00:00.000Z";

/** What deciding costs: microseconds of one process for each task of a sequence, or each item, with a condition, an input and a published value each. */
export function measureInProcess(): Figure[] {
  return [
    ...measured("task of a sequence", sizes.sequence, sequence),
    ...measured("item", sizes.items, (size) => items(size)),
    ...measured("item, ten at once", sizes.items, (size) => items(size, 10)),
  ];
}

function measured(name: string, of: readonly number[], document: (size: number) => unknown): Figure[] {
  const workflows = of.map((size) => ({ size, workflow: compileWorkflow(document(size)), times: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { size, workflow, times } of workflows) {
      const runs = Math.ceil(atLeast / size);
      const began = performance.now();
      let actions = 0;
      for (let time = 0; time < runs; time += 1) actions += conducted(workflow);
      // The first one warms up.
      if (round > 0) times.push(((performance.now() - began) * 1_000) / actions);
    }
  }
  const [least] = workflows.map(({ times }) => median(times));
  return workflows.flatMap(({ size, times }, place) => {
    const value = median(times);
    const flat =
      place === 0 || least === undefined
        ? []
        : [
            figure({
              name: `${name}, ${size} against ${of[0]}`,
              value,
              unit: "us",
              against: { name: `${of[0]}`, value: least },
              aim: { atMost: 2 },
            }),
          ];
    return [figure({ name: `${name}, of ${size}`, value, unit: "us", aim: { atMost: 50 } }), ...flat];
  });
}

/** Conducts a workflow to its end, each action of which succeeds at once. How many there were. */
function conducted(workflow: Workflow): number {
  let { state, commands } = conduct(workflow, undefined, { kind: "begin", at, input: {} });
  const out: WorkflowCommand[] = [...commands];
  let actions = 0;
  for (let place = 0; place < out.length; place += 1) {
    const command = out[place];
    if (command?.kind !== "run") continue;
    actions += 1;
    const { key, attempt } = command;
    ({ state, commands } = conduct(workflow, state, { kind: "finished", at, key, attempt, status: "succeeded", result: { n: actions } }));
    out.push(...commands);
  }
  if (state.status !== "succeeded") throw new Error(`a workflow that should have succeeded has ${state.status}`);
  return actions;
}

function sequence(size: number): unknown {
  const tasks = Array.from({ length: size }, (_, place) => [
    `t${place}`,
    {
      action: "core.noop",
      input: { n: "<% ctx().n %>" },
      ...(place + 1 < size ? { next: [{ when: "<% succeeded() %>", publish: [{ n: "<% result().n %>" }], do: `t${place + 1}` }] } : {}),
    },
  ]);
  return { version: "1.0", vars: [{ n: 0 }], tasks: Object.fromEntries(tasks), output: [{ n: "<% ctx().n %>" }] };
}

function items(size: number, concurrency?: number): unknown {
  const each = {
    with: { items: "n in <% ctx().list %>", ...(concurrency === undefined ? {} : { concurrency }) },
    action: "core.noop",
    input: { n: "<% item(n) %>" },
    next: [{ when: "<% succeeded() %>", publish: [{ all: "<% result() %>" }] }],
  };
  return {
    version: "1.0",
    vars: [{ list: Array.from({ length: size }, (_, place) => place) }],
    tasks: { each },
    output: [{ all: "<% ctx().all.len() %>" }],
  };
}
