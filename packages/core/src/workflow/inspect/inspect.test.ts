import { expect, test } from "vitest";
import { readWorkflowText } from "../document.ts";
import { inspectChain } from "./inspect-chain.ts";
import { distinct, inspectionOf, inspectWorkflow, specPath, type Complaint } from "./inspect-workflow.ts";

function documentIn(text: string): unknown {
  const read = readWorkflowText(text);
  if (read.kind === "fault") throw new Error(read.message);
  return read.document;
}

const told = (complaints: readonly Complaint[]) => complaints.map(({ group, path, message }) => `${group} ${specPath(path)}: ${message}`);

test("all groups of complaints come at once", () => {
  const document = documentIn(`
version: 2.0
tasks:
  fail:
    action: core.noop
    with: x in nothing
    next:
      - when: <% 1 + %>
        publish: a=<% ctx(b) %>
        do: nowhere
`);
  expect(told(inspectWorkflow(document))).toEqual([
    expect.stringMatching(/^syntax tasks\.fail\.with\.items: 'x in nothing' does not match/),
    "syntax version: 2.0 is not one of ['1.0', 1.0]",
    'semantics tasks.fail: The task name "fail" is reserved with special function.',
    'semantics tasks.fail.next[0].do: The task "nowhere" is not defined.',
    "expressions tasks.fail.next[0].when: Parse error: unexpected end of statement",
    'context tasks.fail.next[0].publish[0]: Variable "b" is referenced before assignment.',
  ]);
});

test.each<[what: string, document: unknown, place: string]>([
  ["no mapping at all", "text", ""],
  ["a task that is nothing", { tasks: { a: null } }, "tasks.a"],
  ["a task without anything", { tasks: { a: {} } }, "tasks.a"],
  ["a list of tasks in a task", { tasks: { a: [{}] } }, "tasks.a"],
  ["a task whose name is no word", { tasks: { "a b": { action: "x" } } }, "tasks.a b"],
  ["a transition without anything", { tasks: { a: { action: "x", next: [{}] } } }, "tasks.a.next[0]"],
  ["transitions that are a text", { tasks: { a: { action: "x", next: "b" } } }, "tasks.a.next"],
  ["a retry that is a number", { tasks: { a: { action: "x", retry: 3 } } }, "tasks.a.retry"],
  ["parameters without an action", { tasks: { a: { action: "x=1" } } }, "tasks.a.action"],
  ["a date where JSON has none", documentIn("vars: [{a: 2026-01-02}]\ntasks: {a: {action: x}}"), "vars[0].a"],
  ["a key that is no text", documentIn("tasks:\n  1: {action: x}"), "tasks"],
])("what the original breaks on is a complaint: %s", (_what, document, place) => {
  expect(inspectWorkflow(document).map(({ path }) => specPath(path))).toContain(place);
});

test("what is known instead stands beside a word that is not", () => {
  const [unknown, variable] = inspectWorkflow({ input: ["host"], tasks: { a: { acton: "x", input: { m: "<% ctx(hst) %>" } } } });
  expect(unknown?.meant).toMatchObject({ word: "acton", known: expect.arrayContaining(["action"]) });
  expect(variable?.meant).toEqual({ word: "hst", known: ["st2", "parent", "host"] });
});

test("our own words are known, except where orquesta's alone are", () => {
  const document = {
    timeout: 60,
    pause: "branch",
    on_cancel: "b",
    on_failure: ["b", "c"],
    tasks: { a: { action: "x", timeout: "<% 1 %>" }, b: { action: "y" } },
  };
  expect(told(inspectWorkflow(document))).toEqual(['semantics on_failure: The task "c" is not defined.']);
  expect(inspectWorkflow(document, { dialect: "orquesta" }).map(({ meant }) => meant?.word)).toEqual(["timeout", "timeout", "c"]);
});

test("what cleans up is no start, and sees what any task has published", () => {
  const document = {
    on_failure: "tidy",
    tasks: {
      a: { action: "x", next: [{ publish: [{ made: 1 }], do: "b" }] },
      b: { action: "y" },
      tidy: { action: "z", input: { what: "<% ctx(made) %>", not: "<% ctx(nobody) %>" } },
    },
  };
  expect(told(inspectWorkflow(document))).toEqual(['context tasks.tidy.input: Variable "nobody" is referenced before assignment.']);
});

test("what two ways lead to is said as often as orquesta says it, and once for people", () => {
  const wrong = { action: "x", input: { m: "<% ctx(no) %>" } };
  const complaints = inspectWorkflow({
    tasks: { a: { action: "x", next: [{ do: "c" }] }, b: { action: "x", next: [{ do: "c" }] }, c: wrong },
  });
  expect(complaints).toHaveLength(2);
  expect(distinct(complaints)).toHaveLength(1);
  expect(inspectionOf(complaints)["context"]?.[0]).toEqual({
    type: "yaql",
    expression: "<% ctx(no) %>",
    message: 'Variable "no" is referenced before assignment.',
    spec_path: "tasks.c.input",
    schema_path: "properties.tasks.patternProperties.^\\w+$.properties.input",
  });
});

test("a workflow whose ways multiply without end is inspected soon", () => {
  const rungs = Array.from({ length: 60 }, (_, rung) => [
    [`a${rung}`, { action: "x", next: [{ do: [`b${rung}`, `c${rung}`] }] }],
    [`b${rung}`, { action: "x", next: [{ do: `a${rung + 1}` }] }],
    [`c${rung}`, { action: "x", next: [{ do: `a${rung + 1}` }] }],
  ]).flat();
  const tasks = { ...Object.fromEntries(rungs), a60: { action: "<% ctx(no) %>" } };
  expect(new Set(inspectWorkflow({ tasks }).map(({ message }) => message))).toEqual(
    new Set(['Variable "no" is referenced before assignment.']),
  );
});

test("an action chain is told what it says twice, where it leads, and what can't be read", () => {
  const chain = [
    { name: "a", ref: "core.local", parameters: { cmd: "{{ x }" }, params: {}, "on-success": "{{ next }}", "on-failure": "b" },
    { name: "c", refs: "core.local" },
  ];
  expect(told(inspectChain({ default: "d", chain }))).toEqual([
    "syntax chain[1]: 'ref' is a required property",
    "syntax chain[1]: Additional properties are not allowed ('refs' was unexpected)",
    "syntax chain[0].params: 'params' and 'parameters' are two names of one thing: one of them has to go",
    'semantics default: The task "d" is not defined.',
    'semantics chain[0].on-failure: The task "b" is not defined.',
    "expressions chain[0].parameters: unexpected '}'",
  ]);
});

test.each([
  ["a: &a [*a]\n", "There is no end to it: an alias stands within what it stands for."],
  [
    `a: &a [1]\n${Array.from({ length: 20 }, (_, place) => `b${place}: &b${place} [${`*${place === 0 ? "a" : `b${place - 1}`}, `.repeat(4)}]`).join("\n")}\n`,
    "It holds more than 100000 values.",
  ],
  ["a: 'b\n", "This can't be read: Missing closing 'quote (line 2, column 1)."],
])("a text that is no document is refused: %j", (text, message) => {
  expect(readWorkflowText(text)).toMatchObject({ kind: "fault", message });
});
