import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { writePack } from "./testing/write-pack.ts";

const load = async (files: Record<string, string>) =>
  await loadPack(await writePack({ "pack.yaml": "name: deploy\nversion: 1.0.0\n", ...files }));
const yaml = (notify: string) => `name: go\nrunner_type: local-shell-cmd\nnotify:\n${notify}`;
const typescript = (notify: string) =>
  `import { defineAction } from "@bellhop/sdk";
export default defineAction({ description: "Go", run: () => null, notify: ${notify} });`;

test("both spellings say who is told of an action's end", async () => {
  const told = { success: { routes: ["ops"], message: "{{ status }}" }, cancel: { routes: ["here"] } };
  const pack = await load({
    "actions/go.yaml": yaml(
      '  on-success: {routes: [ops], message: "{{ status }}"}\n  on-cancel: {channels: [here]}\n  on-failure: {message: x}\n',
    ),
    "actions/run.ts": typescript(JSON.stringify(told)),
  });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.version.actions.map(({ name, notify }) => [name, notify])).toEqual([
    ["go", told],
    ["run", told],
  ]);
});

test("what is no such thing is told with its place", async () => {
  const [first, second] = await Promise.all([
    load({ "actions/go.yaml": yaml("  on-sucess: {routes: [ops]}\n") }),
    load({ "actions/run.ts": typescript("{ success: { routes: 'ops' } } as never") }),
  ]);
  const problems = [first, second].map((pack) => (pack.kind === "faulty" ? pack.problems : []));
  expect(problems[0]?.[0]).toMatchObject({ file: "actions/go.yaml", line: 4 });
  expect(problems[1]?.[0]).toMatchObject({ file: "actions/run.ts", line: 2, message: expect.stringContaining("notify: success.routes") });
});
