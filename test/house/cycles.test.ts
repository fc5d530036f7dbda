import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { files, root } from "./workspace.ts";

test("no file imports itself by a detour", () => {
  const graph = new Map<string, string[]>();
  for (const file of [...files("packages", ".ts"), ...files("apps", ".ts"), ...files("test", ".ts")]) graph.set(file, valueImports(file));
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) expect.fail([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expect(done.size).toBeGreaterThanOrEqual(graph.size);
});

/** Relative imports that exist at run time: a type-only import is no cycle. */
function valueImports(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\s(?!type\b)[^;"']*["'](\.[^"']+)["']/gm)]
    .map((match) => normalize(join(dirname(file), match[1] ?? "")))
    .filter((path) => existsSync(join(root, path)));
}
