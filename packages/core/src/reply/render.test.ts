import type { Outcome, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { renderReply } from "./render.ts";

const sealed = { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } };
const run = (format?: string, enabled = true): Run => ({
  v: 1,
  id: "01RUN",
  revision: 2,
  status: "succeeded",
  action: "deploy.deploy",
  reply: { enabled, ...(format === undefined ? {} : { format }) },
  asker: { platform: "slack", id: "U1", name: "ana", kind: "human" },
  replyTo: { platform: "slack", account: "A", channel: "C" },
  answers: "m1",
  tasks: {
    main: {
      action: "deploy.deploy",
      digest: "d",
      pool: "default",
      input: { app: "web", key: sealed },
      timeoutMs: 1,
      repeatable: false,
      attempt: 1,
    },
  },
  applied: [],
  askedAt: "2026-01-01T00:00:00.000Z",
});
const succeeded: Outcome = { status: "succeeded", ms: 1_500 };
const render = (output: unknown, format?: string) => renderReply({ run: run(format), outcome: succeeded, output }).text;

describe("a reply in the alias's words", () => {
  it.each([
    ["Deployed: {{ result.url }}", { url: "http://x" }, "Deployed: http://x"],
    ["{{ execution.result.items[1] }}", { items: [1, { a: 2 }] }, '{"a":2}'],
    [
      "{{ execution.id }} {{ execution.status }} {{ execution.action.ref }} {{ execution.elapsed_seconds }}",
      null,
      "01RUN succeeded deploy.deploy 1.5",
    ],
    ["{{ execution.parameters.app }} {{ execution.parameters.key }}", null, "web [secret]"],
    ["{{ result.nothing.here }}", {}, "Done."],
    ["title {~} text", null, "title\ntext"],
    ["{{ result }}", "{{ execution.id }}", "{{ execution.id }}"],
  ])("%j", (format, output, text) => {
    expect(render(output, format)).toBe(text);
  });
});

describe("a reply without words of its own", () => {
  it.each<[string, unknown, string]>([
    ["nothing", null, "Done."],
    ["an empty object", {}, "Done."],
    ["text", "hello", "hello"],
    ["a number", 3, "3"],
    ["a lone result", { result: "x" }, "x"],
    ["fields", { url: "u", n: 0 }, "**url**: u\n**n**: 0"],
    ["a list", ["a", 1], "- a\n- 1"],
    ["a command's output", { stdout: "hi\n", stderr: "note", return_code: 0, succeeded: true }, "```\nhi\n```"],
    ["a command that only complained", { stdout: "", stderr: "note", return_code: 0 }, "```\nnote\n```"],
    ["a command's exit code", { stdout: "hi", stderr: "bad", return_code: 2 }, "```\nhi\n```\n```\nbad\n```\nExit code 2"],
    ["output with a fence", { stdout: "```x```", exit_code: 0 }, "````\n```x```\n````"],
    ["a secret", { token: sealed }, "**token**: [secret]"],
  ])("words %s", (_, output, text) => {
    expect(render(output)).toBe(text);
  });

  it("is cut where it is long, and says so", () => {
    const text = render({ stdout: "x".repeat(20_000), return_code: 0 });
    expect(text.length).toBeLessThan(8_200);
    expect(text).toMatch(/\n```\n… \d+ more characters: run `01RUN`$/);
  });

  it("says only that it is done where the result is switched off", () => {
    expect(renderReply({ run: run(undefined, false), outcome: succeeded, output: "hidden" })).toEqual({ text: "Done.", tone: "ok" });
  });
});

describe("a reply to a failure", () => {
  it("says what, why, what to do and which run", () => {
    const problem = { code: "action_failed", message: "deploy.deploy failed: exit code 2", hint: "Look at it.", retry: false };
    const body = renderReply({
      run: run("Deployed {{ result.url }}"),
      outcome: { status: "failed", problem },
      output: { stdout: "", stderr: "no such host\n", return_code: 2 },
    });
    expect(body).toEqual({
      text: "deploy.deploy failed: exit code 2\n```\nno such host\n```\nLook at it.\nRun `01RUN`",
      tone: "error",
    });
  });
});
