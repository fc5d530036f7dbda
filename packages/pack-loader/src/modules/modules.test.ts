import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { loadPack } from "../load-pack.ts";
import { describeProblem } from "../problem.ts";
import { emptyFolder, writePack } from "../testing/write-pack.ts";

// Each fresh child loads a compiler, which takes its time where other suites run too.
vi.setConfig({ testTimeout: 60_000 });

/** Loads a pack, unpacks what travels elsewhere and runs its actions in a process of its own, as a runner does. */
async function runUnpacked(sources: Record<string, string>, names: string[], input: Record<string, unknown> = {}): Promise<unknown[]> {
  const pack = await loadPack(await writePack({ "pack.yaml": "name: p\nversion: 1.0.0\ndescription: x\nauthor: x\n", ...sources }));
  if (pack.kind === "faulty") throw new Error(pack.problems.map((problem) => describeProblem("", problem)).join("\n"));
  const root = await emptyFolder();
  for (const file of pack.files.files) {
    await mkdir(dirname(join(root, "p", file.path)), { recursive: true });
    await writeFile(join(root, "p", file.path), Buffer.from(file.base64, "base64"));
  }
  const entries = names.map((name) => pack.version.actions.find((one) => one.name === name)?.entryPoint ?? "none");
  const host = join(root, "host.mts");
  await writeFile(
    host,
    `import { registerPackModules, importDefinition } from ${JSON.stringify(fileURLToPath(new URL("./index.ts", import.meta.url)))};
import { executeAction, isAction } from ${JSON.stringify(fileURLToPath(import.meta.resolve("@bellhop/sdk/host")))};
registerPackModules({ root: ${JSON.stringify(join(root, "p"))} });
const log = { debug() {}, info() {}, warn() {}, error() {} };
const results = [];
for (const entry of ${JSON.stringify(entries)}) {
  const definition = await importDefinition(${JSON.stringify(join(root, "p"))} + "/" + entry);
  if (!isAction(definition)) throw new Error(entry + " is no action");
  results.push(await executeAction(definition, { action: "p.x", input: ${JSON.stringify(input)}, log, signal: new AbortController().signal }));
}
process.stdout.write(JSON.stringify(results));
`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", host]);
  return JSON.parse(stdout) as unknown[];
}

describe("pack code runs where it was unpacked", () => {
  test("with enums, decorators and parameter properties", async () => {
    const typescript = `import { defineAction, z } from "@bellhop/sdk";
enum Level { Low, High }
const named: string[] = [];
function remember(target: object, key: string): void { named.push(key); }
function sealed(target: Function): void { Object.freeze(target); }
@sealed
class Greeter {
  @remember greeting: string = "hello";
  constructor(private readonly who: string, public level: Level = Level.High) {}
  say(): string { return [this.greeting, this.who, Level[this.level], named.join()].join(" "); }
}
export default defineAction({ description: "x", input: { who: z.string() }, run: ({ input }) => new Greeter(input.who).say() });
`;
    expect(await runUnpacked({ "actions/hello.ts": typescript }, ["hello"], { who: "ana" })).toEqual([
      { kind: "succeeded", output: "hello ana High greeting" },
    ]);
  });

  test("in either style of modules, and across both", async () => {
    const sources = {
      "actions/old.ts": `import sdk = require("@bellhop/sdk");
import lib = require("../lib/old");
export = sdk.defineAction({ description: "x", run: () => lib.word + ":" + typeof require });
`,
      "actions/older.ts": `const { defineAction } = require("@bellhop/sdk");
const { join } = require("node:path");
module.exports = defineAction({ description: "x", run: () => join("a", "b") });
`,
      "actions/transpiled.cts": `import { defineAction } from "@bellhop/sdk";
export default defineAction({ description: "x", run: () => "cts" });
`,
      "actions/new.ts": `import { defineAction } from "@bellhop/sdk";
import old from "../lib/old.js";
import { number } from "../lib/plain.js";
import data from "../lib/data.json" with { type: "json" };
export default defineAction({ description: "x", run: async () => [old.word, number, data.n, (await import("../lib/late")).late, import.meta.url.slice(-7)] });
`,
      "lib/old.ts": `export = { word: "old" };\n`,
      "lib/late.ts": `export const late = "late";\n`,
      "lib/plain.js": `export const number = 5;\n`,
      "lib/data.json": `{ "n": 7 }\n`,
      "package.json": `{ "type": "module" }\n`,
    };
    expect(await runUnpacked(sources, ["old", "older", "transpiled", "new"])).toEqual([
      { kind: "succeeded", output: "old:function" },
      { kind: "succeeded", output: "a/b" },
      { kind: "succeeded", output: "cts" },
      { kind: "succeeded", output: ["old", 5, 7, "late", "new.mjs"] },
    ]);
  });

  test("and can't reach past the pack by a name that it made up", async () => {
    const sneaky = `import { defineAction } from "@bellhop/sdk";
export default defineAction({ description: "x", run: async () => Object.keys(await import(["ts", "node"].join("-"))) });
`;
    expect(await runUnpacked({ "actions/sneaky.ts": sneaky }, ["sneaky"])).toMatchObject([
      { kind: "failed", problem: { message: expect.stringContaining('"ts-node" can\'t be imported by a pack') } },
    ]);
  });
});
