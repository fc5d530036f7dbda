import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { defineAction, defineWorkflow, z } from "../index.ts";
import { rehearse } from "./rehearse.ts";

const build = defineAction({ description: "Build", input: { service: z.string() }, run: () => null });
const release = defineWorkflow({
  description: "Build a service, ask, and say so",
  input: { service: z.string(), tries: z.int().default(2) },
  tasks: {
    build: {
      action: build,
      input: { service: "<% ctx(service) %>" },
      timeout: 60,
      retry: { count: "<% ctx(tries) %>", delay: 10 },
      next: [{ when: "<% succeeded() %>", publish: { image: "<% result().image %>" }, do: "confirm" }],
    },
    confirm: {
      action: "core.ask",
      input: { schema: { type: "object", properties: { go: { type: "boolean", required: true } } } },
      next: [{ when: "<% succeeded() and result().response.go %>", do: "tell" }],
    },
    tell: { action: "core.echo", input: { message: "Built <% ctx(image) %>" } },
  },
  output: { image: "<% ctx(image) %>" },
});
const built = { result: { image: "api:1" } };
const input = { service: "api" };

test("a workflow goes as far as it can, and is answered by hand", async () => {
  const run = await rehearse(release, { input, results: { build: [{ status: "failed" }, built], confirm: { status: "pending" } } });
  expect(run).toMatchObject({ status: "paused", out: ["confirm"], output: null });
  expect(run.calls.map(({ task, action, delay, status }) => [task, action, delay, status])).toEqual([
    ["build", "test.action", undefined, "failed"],
    ["build", "test.action", 10, "succeeded"],
    ["confirm", "core.ask", undefined, "pending"],
  ]);
  expect(() => run.answer("tell", {})).toThrow("Nothing of tell waits for an answer: confirm is.");
  expect(() => run.answer("confirm", { go: "perhaps" })).toThrow("go");
  run.answer("confirm", { go: "yes" });
  expect(run).toMatchObject({ status: "succeeded", out: [], output: { image: "api:1" }, errors: [{ task: "build" }] });
  expect(run.calls.at(-1)).toEqual({ task: "tell", action: "core.echo", input: { message: "Built api:1" }, status: "succeeded" });
});

test("time is moved by hand: time-outs come with it, and delays where the clock is held", async () => {
  const results = { build: [{ status: "hangs" as const }, { status: "failed" as const }, built] };
  const run = await rehearse(release, { input, results, clock: "held" });
  expect(run.out).toEqual(["build"]);
  run.pass(59);
  expect(run.calls).toHaveLength(1);
  run.pass(1);
  expect(run.calls.map(({ status }) => status)).toEqual(["canceled", undefined]);
  run.pass(9);
  expect(run.out).toEqual(["build"]);
  run.pass();
  expect(run.calls.map(({ status }) => status)).toEqual(["canceled", "failed", undefined]);
  run.pass();
  expect(run.calls.map(({ task }) => task)).toEqual(["build", "build", "build", "confirm"]);
});

test("what hangs is ended by hand, and all of it canceled", async () => {
  const run = await rehearse(release, { input, results: { build: { status: "hangs" }, confirm: { status: "hangs" } } });
  run.end("build", built);
  run.ask("cancel");
  expect(run).toMatchObject({ status: "canceled", out: [] });
  expect(() => run.end("build", built)).toThrow("Nothing of build is out: nothing is out.");
});

test("a result that is read and that nobody gives is named", async () => {
  expect(await rehearse(release, { input })).toMatchObject({ status: "failed", unsaid: ["build: result().image"] });
});

test("a workflow that can't work, or is given what it does not take, or of which too much is said, is told", async () => {
  await expect(rehearse(release, { input, results: { "biuld#0": built } })).rejects.toThrow(
    "There is no task biuld, of which results say how it ends. Did you mean build?",
  );
  await expect(rehearse(release, { input: { service: 1 } })).rejects.toThrow("The workflow takes no such input:");
  const faulty = defineWorkflow({ description: "f", tasks: { one: { action: "a.b", input: { x: "<% ctx(nobody) %>" } } } });
  await expect(rehearse(faulty)).rejects.toThrow('tasks.one.input: Variable "nobody" is referenced before assignment');
});

const folder = mkdtempSync(join(tmpdir(), "rehearsed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a workflow of a pack is had by its name, with its defaults, the pack's configuration and what it keeps", async () => {
  const put = (path: string, text: string) => writeFileSync(join(folder, path), text);
  mkdirSync(join(folder, "actions/workflows"), { recursive: true });
  put("pack.yaml", "name: deploy\ndescription: d\nversion: 1.0.0\nauthor: a\n");
  put(
    "actions/release.yaml",
    "name: release\nrunner_type: orquesta\nentry_point: workflows/release.yaml\nparameters:\n  service: { type: string, required: true }\n  to: { type: string, default: test }\n",
  );
  put(
    "actions/workflows/release.yaml",
    "version: 1.0\ninput: [service, to]\ntasks:\n  roll:\n    action: ci.roll\n    input: { what: <% ctx(service) %>, to: <% ctx(to) %>, room: <% st2kv('system.room') %>, key: \"<% st2kv('system.key', decrypt => true) %>\" }\n",
  );
  const kv = new Map<string, unknown>([
    ["system.room", "slack:T1/C1"],
    ["system.key", "k"],
  ]);
  const run = await rehearse({ pack: folder, workflow: "release" }, { input, kv });
  expect(run.calls[0]?.input).toEqual({ what: "api", to: "test", room: "slack:T1/C1", key: "k" });
  await expect(rehearse({ pack: folder, workflow: "relase" }, { input })).rejects.toThrow("Did you mean release?");
  await expect(rehearse({ pack: folder, workflow: "release" })).rejects.toMatchObject({ code: "parameter_missing" });
});
