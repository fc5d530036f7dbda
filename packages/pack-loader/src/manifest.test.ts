import { expect, test } from "vitest";
import { readManifest } from "./manifest.ts";

test("what the host provides is left out, and what is named twice is optional", () => {
  const { manifest, problems } = readManifest(`{
  "version": "1.2.0",
  "dependencies": { "zod": "4", "@bellhop/sdk": "workspace:^", "yaml": "^2", "both": "1" },
  "optionalDependencies": { "both": "2" },
  "devDependencies": { "vitest": "5" }
}`);
  expect(problems).toEqual([]);
  expect(manifest).toMatchObject({
    version: "1.2.0",
    dependencies: { yaml: "^2" },
    optionalDependencies: { both: "2" },
    development: ["vitest"],
  });
  expect(manifest.dependencies).not.toHaveProperty("both");
  expect([manifest.placeOf("yaml"), manifest.placeOf("both")]).toEqual([
    { line: 3, column: 64 },
    { line: 4, column: 29 },
  ]);
});

test("a pack needs no package.json", () => {
  expect(readManifest(undefined)).toMatchObject({ manifest: { dependencies: {} }, problems: [] });
});

test.each([
  ["{", 1, 2, "package.json is no JSON: Expected property name or '}'."],
  [`{\n  "version": "1.0.0",\n}`, 3, 1, "package.json is no JSON: Expected double-quoted property name."],
  [`{ "dependencies": { "yaml": "2"`, 1, 32, "package.json is no JSON: "],
  [`{\n  "dependencies": {\n    "yaml": 2 } }`, 3, 5, "dependencies.yaml: "],
  [`{\n  "dependencies": ["yaml"] }`, 2, 3, "dependencies: "],
  ["[]", 1, 1, "package.json: "],
])("a fault has its place: %j", (text, line, column, message) => {
  const { manifest, problems } = readManifest(text);
  expect(manifest.dependencies).toEqual({});
  expect(problems).toMatchObject([{ file: "package.json", line, column, message: expect.stringContaining(message) }]);
});
