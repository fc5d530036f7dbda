import { expect, test } from "vitest";
import { conduct } from "./conduct.ts";
import { compileWorkflow } from "./definition.ts";
import { explainWorkflow } from "./explain.ts";

const at = "2026-01-01T00:00:00.000Z";
const workflow = compileWorkflow({
  version: 1,
  tasks: {
    build: {
      action: "core.noop",
      next: [
        { when: "<% succeeded() %>", do: ["test", "publish"] },
        { when: "<% failed() %>", do: "tell" },
      ],
    },
    test: { action: "core.noop", next: [{ do: "release" }] },
    publish: { action: "core.noop", next: [{ do: "release" }] },
    release: { join: "all", action: "core.noop" },
    tell: { action: "core.noop", next: [{ do: "sleep" }] },
    sleep: { action: "core.noop" },
  },
});

test("each task says why it ran, waits, or did not run", () => {
  const begun = conduct(workflow, undefined, { kind: "begin", at, input: {}, context: {} });
  const built = conduct(workflow, begun.state, { kind: "finished", at, key: "0", attempt: 1, status: "succeeded", result: null });
  const [next] = built.commands.flatMap((command) => (command.kind === "run" ? [command] : []));
  const { state } = conduct(workflow, built.state, {
    kind: "finished",
    at,
    key: next?.key ?? "",
    attempt: 1,
    status: "succeeded",
    result: null,
  });
  const explained = Object.fromEntries(explainWorkflow(workflow, state).map(({ task, status, why }) => [task, [status, ...why]]));
  expect(explained).toEqual({
    build: ["succeeded", "it stands at the beginning"],
    publish: ["succeeded", "build led to it: <% succeeded() %>"],
    test: ["running", "build led to it: <% succeeded() %>"],
    release: ["waits", "it waits for test"],
    tell: ["did not run", "build succeeded, and its condition was not true: <% failed() %>"],
    sleep: ["did not run", "tell did not run"],
  });
});
