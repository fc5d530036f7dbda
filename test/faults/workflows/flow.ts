import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faultyPacks } from "../packs.ts";

/** A workflow of all that can go on in one: branches and a join, items, a task that is tried again, a delay, an inquiry. Each task goes on whatever became of the one before, so that all
 *  of it runs however many attempts are lost. */
export interface Flow {
  /** Its own pack's folder. */
  pack: string;
  /** What must have run in the end: tasks by name, once each. */
  tasks: readonly string[];
  /** Words that may be written once at most, and those that may be written again. */
  once: readonly string[];
  again: readonly string[];
}

/** @param at.branches so many beside each other, of `at.length` tasks each */
export async function writeFlow(at: { folder: string; branches: number; length: number; items: number }): Promise<Flow> {
  const { branches, length, items } = at;
  const pack = join(at.folder, "flowing");
  const chains = Array.from({ length: branches }, (_, branch) => Array.from({ length }, (_, step) => `b${branch}_${step}`));
  const isAgain = (index: number) => index % 3 === 0;
  const task = (name: string, { next, again, more = {} }: { next: string; again: boolean; more?: object }) => ({
    [name]: {
      action: again ? "faulty.again" : "faulty.note",
      input: { word: `${name} <% ctx().id %>`, file: "<% ctx().file %>", ms: 5 },
      ...more,
      next: [
        {
          publish: [{ [name]: `<% switch(task_status(${name}) = succeeded => succeeded, true => result().get(code, failed)) %>` }],
          do: next,
        },
      ],
    },
  });
  const tasks = Object.assign(
    {
      begin: {
        action: "faulty.again",
        input: { word: "begin <% ctx().id %>", file: "<% ctx().file %>", ms: 1 },
        next: [{ do: chains.map(([first]) => first) }],
      },
    },
    ...chains.flatMap((chain) =>
      chain.map((name, index) =>
        task(name, { next: chain[index + 1] ?? "meet", again: isAgain(index), ...(index === 1 ? { more: { delay: 1 } } : {}) }),
      ),
    ),
    {
      meet: {
        join: "all",
        action: "faulty.again",
        input: { word: "meet <% ctx().id %>", file: "<% ctx().file %>", ms: 1 },
        next: [{ do: "each" }],
      },
      each: {
        with: { items: `<% range(0, ${items}) %>`, concurrency: 7 },
        action: "faulty.again",
        input: { word: "<% concat('item', str(item()), ' ', ctx().id) %>", file: "<% ctx().file %>", ms: 5 },
        next: [{ publish: [{ each: "<% len(result()) %>" }], do: "tried" }],
      },
      tried: {
        action: "faulty.again",
        input: { word: "tried <% ctx().id %>", file: "<% ctx().file %>", ms: 1 },
        retry: { when: "<% completed() %>", count: 2, delay: 0 },
        next: [{ do: "asked" }],
      },
      asked: {
        action: "core.ask",
        input: { message: "Go on?" },
        next: [{ publish: [{ answer: "<% result().response.continue %>" }], do: "end" }],
      },
      end: { action: "faulty.again", input: { word: "end <% ctx().id %>", file: "<% ctx().file %>", ms: 1 } },
    },
  ) as Record<string, object>;
  const names = chains.flat();
  const workflow = {
    version: 1,
    input: ["id", "file"],
    vars: [...names, "each", "answer"].map((name) => ({ [name]: null })),
    tasks,
    output: ["id", ...names, "each", "answer"].map((name) => ({ [name]: `<% ctx().${name} %>` })),
  };
  await mkdir(join(pack, "actions", "workflows"), { recursive: true });
  await mkdir(join(pack, "aliases"), { recursive: true });
  const parameters = { id: { type: "string", required: true }, file: { type: "string", required: true } };
  const files = {
    "pack.yaml": { name: "flowing", description: "A workflow for bad weather", version: "1.0.0", author: "Bellhop" },
    "actions/flow.yaml": {
      name: "flow",
      description: "All that can go on in one",
      runner_type: "orquesta",
      entry_point: "workflows/flow.yaml",
      parameters,
    },
    "actions/workflows/flow.yaml": workflow,
    "aliases/flow.yaml": { name: "flow", description: "Runs it", action_ref: "flowing.flow", formats: ["flow {{ id }} in {{ file }}"] },
  };
  // JSON is YAML.
  for (const [path, content] of Object.entries(files)) await writeFile(join(pack, path), JSON.stringify(content, undefined, 2));
  const again = names.filter((name) => isAgain(Number(name.split("_")[1])));
  return {
    pack,
    tasks: ["begin", ...names, "meet", "each", "tried", "asked", "end"],
    once: names.filter((name) => !again.includes(name)),
    again: ["begin", ...again, "meet", ...Array.from({ length: items }, (_, index) => `item${index}`), "end"],
  };
}

/** The packs that it leans on. */
export const packsBeside = [...faultyPacks, join(import.meta.dirname, "..", "..", "..", "packs", "core")];
