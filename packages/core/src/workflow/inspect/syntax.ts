import { entriesOf, float, isMapping } from "@bellhop/expression";
import { mappingOf } from "../document.ts";
import { inlineParameters } from "../inline.ts";
import { schemaFaults, type Schema, type SchemaFault } from "./schema.ts";

/** Which words a document may use: those of orquesta alone, or ours as well. */
export type Dialect = "orquesta" | "bellhop";

/** Whether a document has the form of a workflow. */
export function syntaxFaults(document: unknown, dialect: Dialect): SchemaFault[] {
  return [...schemaFaults(document, dialect === "orquesta" ? orquesta : bellhop), ...breaking(document)];
}

/** `with: x in <% … %>` is short for its `items`. */
export function spelledOut(document: unknown): unknown {
  return changed(document, (tasks, name) =>
    name !== "tasks" ? tasks : changed(tasks, (task) => changed(task, (items, key) => (key === "with" ? itemsOf(items) : items))),
  );
}

function itemsOf(items: unknown): unknown {
  return typeof items === "string" ? { items } : items;
}

function changed(value: unknown, change: (inner: unknown, key: unknown) => unknown): unknown {
  return isMapping(value) ? mappingOf(Array.from(entriesOf(value), ([key, inner]) => [key, change(inner, key)])) : value;
}

/** What the schema lets pass and the original breaks on. */
function breaking(document: unknown): SchemaFault[] {
  const tasks = isMapping(document) ? Object.fromEntries(entriesOf(document))["tasks"] : undefined;
  if (!isMapping(tasks)) return [];
  return Array.from(entriesOf(tasks)).flatMap(([name, task]) => {
    if (typeof name !== "string") return [];
    const path = ["tasks", name];
    const faults: SchemaFault[] = [];
    if (!/^[\p{L}\p{N}_]+$/u.test(name))
      faults.push({ path, schemaPath: schemaOfTask.slice(0, -1), message: `The task name "${name}" has more than letters, digits and _.` });
    return [...faults, ...(isMapping(task) ? breakingOf(Object.fromEntries(entriesOf(task)), path) : [])];
  });
}

const schemaOfTask = ["properties", "tasks", "patternProperties", "^\\w+$"];

function breakingOf(task: Readonly<Record<string, unknown>>, path: readonly string[]): SchemaFault[] {
  if (Object.keys(task).length === 0) return [{ path, schemaPath: schemaOfTask, message: "{} should be non-empty" }];
  const faults: SchemaFault[] = [];
  const { action, next } = task;
  if (typeof action === "string" && !action.includes(" ") && inlineParameters(action).length > 0) {
    const message = `'${action}' has parameters and no blank between them and the action's name`;
    faults.push({ path: [...path, "action"], schemaPath: [...schemaOfTask, "properties", "action"], message });
  }
  for (const [place, transition] of Array.isArray(next) ? next.entries() : []) {
    if (!isMapping(transition) || Array.from(entriesOf(transition)).length > 0) continue;
    const schemaPath = [...schemaOfTask, "properties", "next", "items"];
    faults.push({ path: [...path, "next", place], schemaPath, message: "{} should be non-empty" });
  }
  return faults;
}

const text: Schema = { type: "string", minLength: 1 };
const whole: Schema = { type: "integer", minimum: 0 };
const amount: Schema = { oneOf: [text, whole] };
const anything: Schema = {
  anyOf: (["null", "array", "boolean", "integer", "number", "object", "string"] as const).map((type) => ({ type })),
};
const named: Schema = { type: "object", minProperties: 1, patternProperties: { "^\\w+$": anything } };
const assignment: Schema = { ...named, maxProperties: 1 };
const assignments: Schema = { type: "array", items: assignment, uniqueItems: true, minItems: 1 };
const texts: Schema = { type: "array", items: text, uniqueItems: true, minItems: 1 };

const items: Schema = {
  type: "object",
  properties: {
    items: {
      ...text,
      pattern: String.raw`^(\s+)?(<%.*?%>|\{\{.*?\}\})(\s+)?$|^(\s+)?((\w+,\s?|\s+)+)?(\w+)\s+in\s+(<%.*?%>|\{\{.*?\}\})(\s+)?$`,
    },
    concurrency: amount,
  },
  additionalProperties: false,
};

const retry: Schema = {
  type: "object",
  properties: { when: text, count: amount, delay: amount },
  required: ["count"],
  additionalProperties: false,
};

const transition: Schema = {
  type: "object",
  properties: { when: text, publish: { oneOf: [text, assignments] }, do: { oneOf: [text, texts] } },
  additionalProperties: false,
};

const taskWords: Readonly<Record<string, Schema>> = {
  delay: amount,
  join: { oneOf: [{ enum: ["all"] }, whole] },
  with: items,
  action: text,
  input: { oneOf: [text, named] },
  retry,
  next: { type: "array", items: transition },
};

const workflowWords: Readonly<Record<string, Schema>> = {
  vars: assignments,
  input: { type: "array", items: { oneOf: [text, assignment] }, uniqueItems: true, minItems: 1 },
  output: assignments,
  name: text,
  version: { anyOf: [text, whole, { type: "number", minimum: 0 }], enum: ["1.0", float(1)] },
  description: text,
  tags: texts,
};

function schemaOf(words: Readonly<Record<string, Schema>>, ofTask: Readonly<Record<string, Schema>>): Schema {
  const task: Schema = { type: "object", properties: ofTask, additionalProperties: false };
  const tasks: Schema = { type: "object", minProperties: 1, patternProperties: { "^\\w+$": task } };
  return { type: "object", properties: { ...words, tasks }, required: ["tasks"], additionalProperties: false };
}

const orquesta = schemaOf(workflowWords, taskWords);

const ourWords: Readonly<Record<string, Schema>> = {
  ...workflowWords,
  timeout: amount,
  on_cancel: { oneOf: [text, texts] },
  on_failure: { oneOf: [text, texts] },
  pause: { enum: ["workflow", "branch"] },
};
const ourTaskWords: Readonly<Record<string, Schema>> = { ...taskWords, timeout: amount };

/** See docs/workflows.md. */
const bellhop = schemaOf(ourWords, ourTaskWords);

/** What may stand in a workflow's file, as JSON Schema, for editors: JSON knows no floats, and `with` has a short form. */
export const workflowSchema: Schema = schemaOf(
  told(
    { ...ourWords, version: { enum: ["1.0", 1] } },
    {
      version: "1.0.",
      description: "One line for people.",
      input: "What it takes: names, and name: default. A default may use what stands before it.",
      vars: "Variables and their first values, one after the other.",
      output: "What it gives back, also where it failed.",
      timeout: "Seconds for all of it. Not known to StackStorm.",
      on_cancel: "Tasks that clean up once it is canceled. Not known to StackStorm.",
      on_failure: "Tasks that clean up once it has failed. Not known to StackStorm.",
      pause: "What waits while a task waits or is paused: all of it, or what comes after that task. Not known to StackStorm.",
    },
  ),
  told(
    { ...ourTaskWords, with: { oneOf: [text, items] } },
    {
      action: "pack.action, also with its input: core.local cmd=<% ctx(command) %>. Absent: nothing is done, and it succeeds.",
      input: "What the action is given, by name.",
      with: "Once for each item of a list: host in <% ctx(hosts) %>.",
      join: "Of the tasks that lead here, how many have to, before it begins. Absent: each of them begins it.",
      delay: "Seconds before it begins.",
      timeout: "Seconds that an attempt may take. Not known to StackStorm.",
      retry: "How often it is tried again, after how many seconds, and when.",
      next: "What it leads to. All that fit are taken, not only the first.",
    },
  ),
);

function told(words: Readonly<Record<string, Schema>>, descriptions: Readonly<Record<string, string>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(words).map(([word, schema]) => {
      const description = descriptions[word];
      return [word, description === undefined ? schema : { ...schema, description }];
    }),
  );
}
