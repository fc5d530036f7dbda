import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkTypes } from "./check-types.ts";
import { emptyFolder, writePack } from "./testing/write-pack.ts";

/** Each check takes seconds of a quiet machine. */
const patience = { timeout: 120_000 };

const action = (run: string, head = "") => `import { defineAction, z } from "@bellhop/sdk";
${head}
export default defineAction({
  description: "Deploy", input: { service: z.string() }, output: z.object({ url: z.string() }),
  run: ({ input }) => ${run},
});
`;
const good = action("({ url: input.service })");

test("a type error is a problem with its place, and what the SDK's types say of an alias is said alone", patience, async () => {
  const pack = await writePack({
    "pack.yaml": "name: deploy\nversion: 1.0.0\n",
    "actions/deploy.ts": action("({ url: input.servic + readFileSync(5) })", `import { readFileSync } from "node:fs";`),
    "aliases/deploy.ts": `import { defineAlias } from "@bellhop/sdk";
import deploy from "../actions/deploy.ts";
export default defineAlias({ action: deploy, formats: ["deploy {{ servce }}"], reply: "{{ result.urll }} {{ result.url.x }} {{ asker }}" });
`,
  });
  const problems = await checkTypes(pack);
  expect(problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
    "actions/deploy.ts:5:37",
    "aliases/deploy.ts:3:56",
    "aliases/deploy.ts:3:80",
  ]);
  expect(problems[0]?.message).toMatch(/'servic' does not exist[^]*Did you mean 'service'\? \(TS2551\)/);
  expect(problems[1]?.message).toBe("{{ servce }} is no input of the action; there are: service.");
  // In which order the compiler keeps the members of a union is its own affair.
  const parts = problems[2]?.message.replace(/\.$/, "").split("; ").toSorted();
  expect(parts).toEqual(["result has no field urll", "result.url has no fields", "there are: url"]);
});

test.each<[string, Record<string, string>, readonly (string | RegExp)[]]>([
  ["what the loader compiles is allowed", { "actions/deploy.ts": `enum Kind { A }\n${action("({ url: Kind[0] ?? input.service })")}` }, []],
  [
    "without settings it is strict, and tests are left alone",
    { "actions/deploy.ts": `${good}export function f(x) { return x; }\n`, "pack.test.ts": "const n: number = 'x';\n" },
    [/Parameter 'x' implicitly has an 'any' type/],
  ],
  [
    "the pack's own settings count, for its tests too",
    {
      "tsconfig.json": `{ "compilerOptions": { "strict": false, "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true }, "include": ["**/*.ts"] }`,
      "actions/deploy.ts": `${good}export function f(x) { return x; }\n`,
      "pack.test.ts": `import deploy from "./actions/deploy.ts";\nimport { runAction } from "@bellhop/sdk/testing";\nexport const n = runAction(deploy, { service: 5 });\n`,
    },
    [/number.*string/],
  ],
  [
    "settings that can't be read are a problem of theirs",
    { "actions/deploy.ts": good, "tsconfig.json": `{ "compilerOptions": { "module": "no" } }` },
    [/--module/],
  ],
  ["a pack without TypeScript has no types", { "actions/a.sh": "" }, []],
])("%s", patience, async (_, files, expected) => {
  const problems = await checkTypes(await writePack({ "pack.yaml": "name: deploy\nversion: 1.0.0\n", ...files }));
  expect(problems.map(({ message }) => message)).toEqual(expected.map((one) => expect.stringMatching(one)));
});

test("dependencies are looked for where they were installed, and else in the pack's own", patience, async () => {
  const modules = await writePack({
    "node_modules/tiny/package.json": `{ "name": "tiny", "version": "1.0.0", "types": "index.d.ts" }`,
    "node_modules/tiny/index.d.ts": "export declare const tiny: number;\n",
  });
  const pack = await writePack({ "actions/deploy.ts": action("({ url: tiny })", `import { tiny } from "tiny";`) });
  expect(await checkTypes(pack, { modules })).toMatchObject([{ message: expect.stringContaining("Type 'number' is not assignable") }]);
  expect(await checkTypes(pack)).toMatchObject([{ message: expect.stringContaining("Cannot find module 'tiny'") }]);
  await mkdir(join(pack, "node_modules"));
  await symlink(join(modules, "node_modules/tiny"), join(pack, "node_modules/tiny"));
  expect(await checkTypes(pack)).toMatchObject([{ message: expect.stringContaining("Type 'number' is not assignable") }]);
});

test("a pack that was found good is not checked again until something of it changes", patience, async () => {
  const cacheFolder = await emptyFolder();
  const pack = await writePack({ "actions/deploy.ts": good, "lib/url.ts": "export const url: string = 'x';\n" });
  const impatient = { cacheFolder, timeLimitMs: 1 };
  expect(await checkTypes(pack, impatient)).toMatchObject([{ message: "The types can't be checked: it takes longer than 0.001 s." }]);
  expect(await checkTypes(pack, { cacheFolder })).toEqual([]);
  expect(await checkTypes(pack, impatient)).toEqual([]);
  await writeFile(join(pack, "lib/more.ts"), "export {};\n");
  expect(await checkTypes(pack, impatient)).toHaveLength(1);
  await rm(join(pack, "lib/more.ts"));
  expect(await checkTypes(pack, impatient)).toEqual([]);
  await utimes(join(pack, "lib/url.ts"), 1, 1);
  expect(await checkTypes(pack, impatient)).toHaveLength(1);
});

test("a checker that needs more memory than it may have is told so", patience, async () => {
  const pack = await writePack({ "actions/deploy.ts": good });
  const [problem] = await checkTypes(pack, { memoryMb: 20 });
  expect(problem?.message).toMatch(/^The types can't be checked: (it needs more than 20 MB|the checker ended with)/);
});
