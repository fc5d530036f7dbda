import { hash, type FileRef, type Outcome, type Run } from "@bellhop/contracts";
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
const render = (output: unknown, format?: string) => renderReply({ run: run(format), outcome: succeeded, output }).body.text;

describe("a reply in the alias's words", () => {
  it.each([
    ["Deployed: {{ result.url }}", { url: "http://x" }, "Deployed: http://x"],
    ["{{ execution.result.list[1] }}", { list: [1, { a: true }] }, "{'a': True}"],
    ["{{ execution.result.list | tojson }}", { list: [1, { a: true }] }, '[1, {"a": true}]'],
    [
      "{% for vm in result.vms %}{{ loop.index }}. {{ vm.name | upper }}\n{% endfor %}",
      { vms: [{ name: "a" }, { name: "b" }] },
      "1. A\n2. B",
    ],
    ["{% if execution.status == 'succeeded' %}ok{% else %}no{% endif %} {{ result.gone | default('none') }}", {}, "ok none"],
    ["{{ result.gone.far }}{{ gone }}!", {}, "!"],
    ["{{ result | uper }}", "told all the same", "told all the same"],
    [
      "{{ execution.id }} {{ execution.status }} {{ execution.action.ref }} {{ execution.elapsed_seconds }}",
      null,
      "01RUN succeeded deploy.deploy 1.5",
    ],
    ["{{ execution.parameters.app }} {{ execution.parameters.key }}", null, "web [secret]"],
    ["{{ result.nothing.here }}", {}, "Done."],
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

  it("says only that it is done where the result is switched off", () => {
    expect(renderReply({ run: run(undefined, false), outcome: succeeded, output: "hidden" }).body).toEqual({ text: "Done.", tone: "ok" });
  });
});

describe("a list of flat records", () => {
  it.each<[string, unknown, string]>([
    ["is a table", [{ host: "web-1", load: 0.5 }, { host: "web-2" }], "| host | load |\n| --- | ---: |\n| web-1 | 0.5 |\n| web-2 |  |"],
    ["may stand in a lone result", { result: [{ a: true }] }, "| a |\n| --- |\n| true |"],
    ["keeps its bars", [{ "a|b": "x|y" }], "| a\\|b |\n| --- |\n| x\\|y |"],
    ["hides its secrets", [{ key: sealed }], "| key |\n| --- |\n| [secret] |"],
    ["stands apart from other fields", { all: [{ a: 1 }], n: 1 }, "**all**:\n\n| a |\n| ---: |\n| 1 |\n\n**n**: 1"],
    ["is none where a cell has lines", [{ a: "x\ny" }], '```\n[\n  {\n    "a": "x\\ny"\n  }\n]\n```'],
    ["is none where a cell is a list", [{ a: [1] }], '```\n[\n  {\n    "a": [\n      1\n    ]\n  }\n]\n```'],
  ])("%s", (_, output, text) => {
    expect(render(output)).toBe(text);
  });

  it("of many columns is no table", () => {
    const wide = [Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`c${index}`, index]))];
    expect(render(wide)).toMatch(/^```\n\[/);
  });

  it("of many rows is shown in part, and the whole goes beside it", () => {
    const { body, kept } = renderReply({ run: run(), outcome: succeeded, output: Array.from({ length: 312 }, (_, n) => ({ n })) });
    expect(body.text).toMatch(
      /\n\| 49 \|\n\n… 262 more rows\n… \d+ more characters, all of it in `reply.md`: run `01RUN`\. Say `more` to read on\.$/,
    );
    expect(kept[0]?.text).toContain("\n| 311 |");
    expect(body.files).toEqual([{ name: "reply.md", type: "text/markdown", bytes: kept[0]?.text.length, object: kept[0]?.object }]);
  });
});

describe("a reply that is too long for a chat", () => {
  it("is cut, and a command's whole output goes beside it as it was", () => {
    const { body, kept } = renderReply({ run: run(), outcome: succeeded, output: { stdout: "x".repeat(20_000), return_code: 0 } });
    expect(body.text.length).toBeLessThan(8_200);
    expect(body.text).toMatch(/\n```\n… \d+ more characters, all of it in `output.txt`: run `01RUN`\. Say `more` to read on\.$/);
    expect(kept).toEqual([{ object: hash("x".repeat(20_000)), text: "x".repeat(20_000) }]);
    expect(body.files).toEqual([{ name: "output.txt", type: "text/plain", bytes: 20_000, object: kept[0]?.object }]);
  });

  it("is cut where a line ends", () => {
    const { body } = renderReply({ run: run(), outcome: succeeded, output: Array.from({ length: 2_000 }, (_, n) => `line ${n}`) });
    expect(body.text).toMatch(/\n- line \d{3}\n… \d+ more characters/);
  });

  it("is measured in bytes too, since a step's record is", () => {
    const { body } = renderReply({ run: run(), outcome: succeeded, output: "好".repeat(7_900) });
    expect(new TextEncoder().encode(body.text).length).toBeLessThan(16_200);
    expect(body.files?.[0]?.bytes).toBe(23_700);
  });
});

it.each([
  ["control characters", "\u0001".repeat(7_900)],
  ["quotes", '"'.repeat(7_999)],
])("a reply full of %s stays small as JSON", (_, output) => {
  const { body } = renderReply({ run: run(), outcome: succeeded, output });
  expect(JSON.stringify(body).length).toBeLessThan(16_500);
});

describe("a reply with files", () => {
  const file: FileRef = { name: "a.csv", type: "text/csv", bytes: 3, object: "h" };
  it("shows what the action made, and says what can't be shown", () => {
    const lost: FileRef = { name: "2 more files", type: "application/octet-stream", bytes: 9, lost: "too_many" };
    const { body } = renderReply({ run: run(), outcome: { ...succeeded, files: [file, lost] }, output: "here" });
    expect(body).toEqual({ text: "here\n`2 more files` can't be shown: too many at once.", tone: "ok", files: [file] });
  });

  it("says what the action did not get of what came with the command", () => {
    const [big, gone] = [
      { ...file, name: "b`ig", object: undefined, lost: "too_large" as const },
      { ...file, name: "gone", object: undefined, lost: "unreadable" as const },
    ];
    const main = run().tasks["main"]!;
    const heard: Run = { ...run(), tasks: { main: { ...main, files: [file, big, gone] } } };
    expect(renderReply({ run: heard, outcome: succeeded, output: "ok" }).body.text).toBe(
      "ok\nThe action did not get `` b`ig ``: over 25 MB.\nThe action did not get `gone`: it could not be read.",
    );
  });
});

describe("a mention of who asked", () => {
  const format = "{{ asker.mention }}: {{ result }}";
  it("is a token that the body says the meaning of, whatever the output says", () => {
    const { body } = renderReply({ run: run(format), outcome: succeeded, output: "@U1 <@U1> @everyone" });
    const [mention] = body.mentions ?? [];
    expect(body.mentions).toEqual([{ token: mention?.token, person: "U1" }]);
    expect(mention?.token).toMatch(/^@[0-9a-f]{20}$/);
    expect(body.text).toBe(`${mention?.token}: @U1 <@U1> @everyone`);
  });

  it("is none of an output that happens to know the token", () => {
    const output = renderReply({ run: run("{{ asker.mention }}"), outcome: succeeded }).body.text;
    for (const format of [undefined, "{{ result }}"])
      expect(renderReply({ run: run(format), outcome: succeeded, output }).body.mentions).toBeUndefined();
  });

  it("is not there where the words have none", () => {
    expect(renderReply({ run: run("{{ asker.name }}: {{ result }}"), outcome: succeeded, output: "@U1" }).body).toEqual({
      text: "ana: @U1",
      tone: "ok",
    });
  });

  it("is the name where nobody can be mentioned: at a prompt, and in a file", () => {
    const typed: Run = { ...run(format), asker: { platform: "terminal", id: "ana", kind: "human" } };
    expect(renderReply({ run: typed, outcome: succeeded, output: "hi" }).body).toEqual({ text: "ana: hi", tone: "ok" });
    const { kept } = renderReply({ run: run(format), outcome: succeeded, output: "x".repeat(9_000) });
    expect(kept[0]?.text).toMatch(/^ana: x/);
  });
});

describe("a reply to a failure", () => {
  it("says what, why, what to do and which run", () => {
    const problem = { code: "action_failed", message: "deploy.deploy failed: exit code 2", hint: "Look at it.", retry: false };
    const { body } = renderReply({
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
