import fc from "fast-check";
import { expect, test } from "vitest";
import { conduct } from "./conduct.ts";
import { compileWorkflow, type Workflow } from "./definition.ts";
import type { WorkflowCommand, WorkflowEvent } from "./event.ts";
import { append, at as itemAt, each, emptyList, listOf, put } from "./list.ts";
import type { WorkflowState } from "./state.ts";

const at = "2026-01-01T00:00:00.000Z";
type Run = Extract<WorkflowCommand, { kind: "run" }>;

/** Layers of tasks, each of which leads to some of the next layer, where all wait for all that lead to them. */
const layered = fc
  .array(fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .map((layers) => {
    const tasks: Record<string, unknown> = {};
    layers.forEach((layer, depth) =>
      layer.forEach((leads, place) => {
        const next = layers[depth + 1];
        const to = next === undefined ? [] : Array.from(new Set(leads.map((lead) => `t${depth + 1}_${lead % next.length}`)));
        const items = (depth + place) % 3 === 2 ? { with: { items: "<% [1, 2, 3] %>", concurrency: 2 } } : {};
        tasks[`t${depth}_${place}`] = {
          action: "demo.work",
          ...items,
          ...(depth === 0 ? {} : { join: "all" }),
          next: to.length === 0 ? [] : [{ publish: [{ [`v${depth}_${place}`]: { n: "<% result() %>" } }], do: to }],
        };
      }),
    );
    return { tasks };
  });

/** Ends what is out in an order that the numbers choose. */
function play(
  workflow: Workflow,
  given: { readonly picks: readonly number[]; readonly through: (state: WorkflowState) => WorkflowState; readonly atOnce?: number },
) {
  const { picks, through, atOnce } = given;
  const out: Run[] = [];
  const runs: Run[] = [];
  const ends: WorkflowCommand[] = [];
  let state: WorkflowState | undefined;
  const step = (event: WorkflowEvent): void => {
    const { state: after, commands } = conduct(workflow, state, event);
    for (const command of commands) {
      if (command.kind === "run") {
        out.push(command);
        runs.push(command);
      } else if (command.kind === "end") ends.push(command);
    }
    state = through(after);
  };
  step({ kind: "begin", at, input: {}, ...(atOnce === undefined ? {} : { atOnce }) });
  for (let turn = 0; out.length > 0; turn += 1) {
    const [run] = out.splice((picks[turn % picks.length] ?? 0) % out.length, 1);
    if (run !== undefined)
      step({ kind: "finished", at, key: run.key, attempt: run.attempt, status: "succeeded", result: `${run.task}.${run.item ?? ""}` });
  }
  if (state === undefined) throw new Error("it began");
  return { state, runs, ends };
}

const same = (state: WorkflowState): WorkflowState => state;
const throughJson = (state: WorkflowState): WorkflowState => JSON.parse(JSON.stringify(state)) as WorkflowState;
const picks = fc.array(fc.nat(50), { minLength: 1, maxLength: 30 });

test("whatever ends first, each task that can be reached runs once, each join fires once, and one end is told", () => {
  fc.assert(
    fc.property(layered, picks, fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }), (document, order, atOnce) => {
      const workflow = compileWorkflow(document);
      const { state, runs, ends } = play(workflow, { picks: order, through: same, ...(atOnce === undefined ? {} : { atOnce }) });
      const expected = workflow.tasks.flatMap(({ name, items }) =>
        items === undefined ? [name] : [0, 1, 2].map((item) => `${name}#${item}`),
      );
      expect(runs.map(({ task, item }) => (item === undefined ? task : `${task}#${item}`)).toSorted()).toEqual(expected.toSorted());
      expect(new Set(runs.map(({ key, attempt }) => `${key} ${attempt}`)).size).toBe(runs.length);
      expect(ends).toMatchObject([{ kind: "end", status: "succeeded", errors: [] }]);
      expect(state.out).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test("a state that was kept as JSON goes on as the one in memory", () => {
  fc.assert(
    fc.property(layered, picks, (document, order) => {
      const workflow = compileWorkflow(document);
      const kept = play(workflow, { picks: order, through: throughJson });
      const whole = play(workflow, { picks: order, through: same });
      expect(kept.state).toEqual(throughJson(whole.state));
      expect(kept.runs).toEqual(whole.runs);
    }),
    { numRuns: 60 },
  );
});

test("what a step did not change is the same object as before, so that comparing references finds all that changed", () => {
  fc.assert(
    fc.property(layered, picks, (document, order) => {
      let before: WorkflowState | undefined;
      let copy: WorkflowState | undefined;
      play(compileWorkflow(document), {
        picks: order,
        through: (state) => {
          if (before !== undefined && copy !== undefined) {
            // Nothing is changed in place, and where the references are the same the values are.
            expect(throughJson(before)).toEqual(copy);
            expect(patched(copy, changes(before, state))).toEqual(throughJson(state));
          }
          before = state;
          copy = throughJson(state);
          return state;
        },
      });
    }),
    { numRuns: 40 },
  );
});

test("what a step of a long sequence changes does not grow with the tasks before it", () => {
  const length = 400;
  const tasks = Object.fromEntries(
    Array.from({ length }, (_, place) => [
      `t${place}`,
      { action: "demo.work", next: place + 1 < length ? [{ publish: [{ [`v${place}`]: "<% result() %>" }], do: `t${place + 1}` }] : [] },
    ]),
  );
  const sizes: number[] = [];
  let before: WorkflowState | undefined;
  play(compileWorkflow({ tasks }), {
    picks: [0],
    through: (state) => {
      if (before !== undefined) sizes.push(JSON.stringify(changes(before, state)).length);
      before = state;
      return state;
    },
  });
  expect(Math.max(...sizes.slice(200, -1))).toBeLessThan(2 * Math.max(...sizes.slice(20, 100)));
});

test("a list holds what was put into it, and each list before stays as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 1200 }), fc.nat(), fc.nat(), (items, place, value) => {
      const list = listOf(items);
      expect(Array.from(each(list))).toEqual(items);
      expect(itemAt(append(list, value), items.length)).toBe(value);
      if (items.length === 0) return;
      const index = place % items.length;
      expect(Array.from(each(put(list, index, value)))).toEqual(items.with(index, value));
      expect(itemAt(list, index)).toBe(items[index]);
    }),
    { numRuns: 50 },
  );
  expect(Array.from(each(emptyList()))).toEqual([]);
});

type Changes =
  | { readonly whole: unknown }
  | { readonly fields: Readonly<Record<string, Changes>>; readonly gone: readonly string[] }
  | "same";

/** By references alone: an object that is another one is looked into, where both are of a kind. */
function changes(before: unknown, after: unknown): Changes {
  if (before === after) return "same";
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) return { whole: after };
  if (Array.isArray(before) !== Array.isArray(after)) return { whole: after };
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const fields = Array.from(now, ([name, value]): [string, Changes] => [
    name,
    old.has(name) ? changes(old.get(name), value) : { whole: value },
  ]);
  return {
    fields: Object.fromEntries(fields.filter(([, change]) => change !== "same")),
    gone: Array.from(old.keys()).filter((name) => !now.has(name)),
  };
}

function patched(value: unknown, change: Changes): unknown {
  if (change === "same") return value;
  if ("whole" in change) return change.whole === undefined ? undefined : (JSON.parse(JSON.stringify(change.whole)) as unknown);
  const entries = new Map<string, unknown>(Object.entries(value as Record<string, unknown>));
  for (const name of change.gone) entries.delete(name);
  for (const [name, inner] of Object.entries(change.fields)) {
    const next = patched(entries.get(name), inner);
    if (next === undefined) entries.delete(name);
    else entries.set(name, next);
  }
  return Array.isArray(value) ? Array.from(entries.values()) : Object.fromEntries(entries);
}
