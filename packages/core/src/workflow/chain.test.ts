import { expect, test } from "vitest";
import { compileWorkflow } from "./definition.ts";
import { rehearse } from "./rehearse.ts";

const document = {
  vars: { greeting: "Hello {{ name }}" },
  chain: [
    {
      name: "find",
      ref: "demo.find",
      parameters: { who: "{{ name }}" },
      publish: { id: "{{ find.result.id }}" },
      "on-success": "{{ next }}",
      "on-failure": "sorry",
    },
    { name: "tell", ref: "demo.tell", params: { text: "{{ greeting }}, {{ id }}", list: ["{{ __results.find.result.id }}"] } },
    { name: "sorry", ref: "demo.sorry" },
  ],
};
const chain = compileWorkflow(document);
const found = { status: "succeeded", result: { result: { id: "u7" } } } as const;

test("an action chain goes from task to task, and its templates see what came before by name", () => {
  const { status, calls, output } = rehearse(chain, { input: { name: "Ada", next: "tell" }, results: { find: [found] } });
  expect(status).toBe("succeeded");
  expect(calls.map(({ task, input }) => ({ task, input }))).toEqual([
    { task: "find", input: { who: "Ada" } },
    { task: "tell", input: { text: "Hello Ada, u7", list: ["u7"] } },
  ]);
  expect(output).toMatchObject({
    published: { id: "u7" },
    tasks: [
      { id: "find", state: "succeeded", result: found.result },
      { id: "tell", state: "succeeded" },
    ],
  });
});

test.each([
  ["its failure is cared for", { find: [{ status: "failed", result: { result: { id: null } } }] }, "succeeded", ["find", "sorry"]],
  ["it took too long", { find: [{ status: "timeout", result: { result: { id: null } } }] }, "succeeded", ["find", "sorry"]],
  ["the last one took too long", { find: [found], tell: [{ status: "timeout" }] }, "timeout", ["find", "tell"]],
  ["nobody cares for its failure", { find: [found], tell: [{ status: "failed" }] }, "failed", ["find", "tell"]],
] as const)("where %s, the chain ends as the last task did", (_name, results, status, tasks) => {
  const rehearsed = rehearse(chain, { input: { name: "Ada", next: "tell" }, results });
  expect(rehearsed.status).toBe(status);
  expect(rehearsed.calls.map(({ task }) => task)).toEqual(tasks);
});

test("a template that knows nothing fails the chain, and says where", () => {
  const { status, errors } = rehearse(
    compileWorkflow({ chain: [{ name: "only", ref: "demo.only", parameters: { x: "{{ nobody.knows }}" } }] }),
    { input: { a: 1 } },
  );
  expect(status).toBe("failed");
  expect(errors).toMatchObject([{ task_id: "only", message: expect.stringContaining("nobody") }]);
});
