import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { writePack } from "./testing/write-pack.ts";

const packYaml = "name: shop\nversion: 1.0.0\n";

async function load(files: Record<string, string>, executable: string[] = []) {
  const folder = await writePack({ "pack.yaml": packYaml, ...files });
  for (const path of executable) await chmod(join(folder, path), 0o755);
  return await loadPack(folder);
}

const released = `import { defineSensor, z } from "@bellhop/sdk";
import config from "../config.ts";

export default defineSensor({
  description: "Releases",
  triggers: { released: z.object({ id: z.number() }).describe("There is a release."), gone: z.null() },
  config,
  every: 30,
  timeout: 2.5,
  partitions: 3,
  pool: "edge",
  poll: async ({ emit }) => void (await emit("released", { id: 1 })),
});
`;
const config = `import { defineConfig, z } from "@bellhop/sdk";
export default defineConfig({ url: z.string().default("") });
`;

test("a sensor in TypeScript is a definition, and so are the triggers that it fires", async () => {
  const pack = await load({ "sensors/releases.ts": released, "config.ts": config });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings).toEqual([]);
  expect(pack.version.sensors).toEqual([
    {
      ref: "shop.releases",
      pack: "shop",
      name: "releases",
      description: "Releases",
      enabled: true,
      kind: "typescript",
      entryPoint: "sensors/releases.mjs",
      pollInterval: 30,
      timeoutMs: 2500,
      partitions: 3,
      pool: "edge",
      triggers: ["shop.released", "shop.gone"],
      source: { file: "sensors/releases.ts", line: 4, column: 16 },
    },
  ]);
  expect(pack.version.triggers?.map(({ ref, description, payload }) => ({ ref, description, payload }))).toEqual([
    { ref: "shop.gone", description: "", payload: { type: "null" } },
    {
      ref: "shop.released",
      description: "There is a release.",
      payload: {
        description: "There is a release.",
        type: "object",
        properties: { id: { type: "number" } },
        required: ["id"],
      },
    },
  ]);
  expect(pack.files.files.map(({ path }) => path)).toContain("sensors/releases.mjs");
});

const listener = (more: string) => `import { defineSensor, z } from "@bellhop/sdk";
export default defineSensor({ description: "Odd", triggers: { found: z.string() }, ${more} } as never);
`;

test.each([
  ["run: () => undefined, every: 0", "every is 0.", 2],
  ["run: () => undefined, partitions: 1.5", "partitions is 1.5.", 2],
  ["every: 1", "A sensor has poll or run, one of the two.", 2],
  ["poll: () => undefined", "every is missing.", 2],
  ["run: () => undefined, triggers: { at: z.date() }", "What at says can't be written as JSON Schema", 2],
  ["run: () => undefined, triggers: { 'a b': z.string() }", '"a b" can\'t be the name of a trigger.', 2],
])("a sensor with %s is complained of: %s", async (more, message, line) => {
  const pack = await load({ "sensors/odd.ts": listener(more) });
  if (pack.kind === "loaded") throw new Error("it loaded");
  expect(pack.problems).toEqual([expect.objectContaining({ file: "sensors/odd.ts", line, message: expect.stringContaining(message) })]);
});

test("what stands in sensors/ and is no sensor is complained of", async () => {
  const pack = await load({ "sensors/odd.ts": "export default 1;\n" });
  expect(pack).toMatchObject({ kind: "faulty", problems: [{ message: "sensors/odd.ts exports no sensor as default." }] });
});

test("two sensors can't have one name", async () => {
  const pack = await load({
    "sensors/a.yaml": "class_name: odd\nentry_point: a.py\n",
    "sensors/a.py": "",
    "sensors/odd.ts": listener("run: () => undefined"),
  });
  expect(pack).toMatchObject({ kind: "faulty", problems: [{ message: "There is already a sensor odd, in sensors/a.yaml." }] });
});

const yaml = (entryPoint: string) => `class_name: Watch
entry_point: ${entryPoint}
poll_interval: 5
partitions: 2
timeout: 1
pool: edge
trigger_types: [{name: found, payload_schema: {type: object}}]
`;

test("any program is a sensor, which YAML describes", async () => {
  const pack = await load({ "sensors/watch.yaml": yaml("watch.sh"), "sensors/watch.sh": "#!/bin/sh\n" }, ["sensors/watch.sh"]);
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings).toEqual([]);
  expect(pack.version.sensors).toMatchObject([
    {
      ref: "shop.Watch",
      kind: "executable",
      entryPoint: "sensors/watch.sh",
      pollInterval: 5,
      partitions: 2,
      timeoutMs: 1000,
      pool: "edge",
    },
  ]);
});

test.each([
  ["watch.py", "class Watch: pass\n", false, "No runner here runs sensors in Python", "python"],
  ["watch.sh", "#!/bin/sh\n", false, "sensors/watch.sh is not executable", "executable"],
  ["watch.sh", "echo\n", true, "sensors/watch.sh does not say what runs it", "executable"],
  ["other.sh", "", false, "There is no file sensors/watch.sh", "executable"],
])(
  "a sensor whose program is %s with %j (executable: %s) loads, and a warning says why it does not start: %s",
  async (file, text, executable, why, kind) => {
    const entryPoint = file === "other.sh" ? "watch.sh" : file;
    const path = `sensors/${file}`;
    const pack = await load({ "sensors/watch.yaml": yaml(entryPoint), [path]: text }, executable ? [path] : []);
    if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
    expect(pack.warnings).toMatchObject([{ file: "sensors/watch.yaml", line: 2, message: `${why}: Watch is never started.` }]);
    expect(pack.version.sensors).toMatchObject([{ ref: "shop.Watch", kind }]);
  },
);
