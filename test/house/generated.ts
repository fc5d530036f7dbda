import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { jsonSchemas } from "@bellhop/cli/schemas";
import { sdkReference } from "./reference.ts";
import { root } from "./workspace.ts";

/** What is made of other files and kept in the repository all the same, since people and editors read it there: texts by path, formatted. */
export function generated(): ReadonlyMap<string, string> {
  const schemas = Object.entries(jsonSchemas()).map(
    ([name, schema]) => [`packages/sdk/schemas/${name}.json`, JSON.stringify(schema)] as const,
  );
  const texts = [...schemas, ["docs/sdk.md", sdkReference()] as const];
  return new Map(texts.map(([path, text]) => [path, formatted(path, text)]));
}

function formatted(path: string, text: string): string {
  const run = spawnSync(join(root, "node_modules/.bin/oxfmt"), ["--stdin-filepath", path], { cwd: root, input: text, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`oxfmt can't format ${path}: ${run.stderr}`);
  return run.stdout;
}
