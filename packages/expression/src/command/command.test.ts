import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, type Machine } from "./run.ts";

const files: Readonly<Record<string, string>> = {
  "data.json": JSON.stringify({
    name: "web1",
    vms: [
      { name: "a", cpu: 4 },
      { name: "b", cpu: 2 },
    ],
  }),
  "greeting.j2": "{% for vm in vms %}{{ vm.name }};{% endfor %}",
  "list.json": "[1]",
  "broken.json": '{"a": ',
};
const machine: Machine = {
  file: (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("there is no such file");
    return text;
  },
  input: () => undefined,
  now: () => 0,
  random: () => 0,
};

test.each<[args: string[], out: string]>([
  [["yaql", "<% ctx().name %>", "data.json"], "web1"],
  [["yaql", "ctx().vms.where($.cpu > 3)", "data.json"], '[{"name":"a","cpu":4}]'],
  [["yaql", "[1 / 2.0, 1, set(1), null]"], "[0.5,1,[1],null]"],
  [["yaql", "--json", "2.0"], '{"value":2.0,"type":"float"}'],
  [["yaql", "now()"], '"1970-01-01T00:00:00+00:00"'],
  [["yaql", "vm: <% ctx().name %>", "data.json"], "vm: web1"],
  [["jinja", "Hello {{ name | upper }}", "data.json"], "Hello WEB1"],
  [["jinja", "@greeting.j2", "data.json"], "a;b;"],
  [["jinja", "[{{ zz.y }}]", "--lenient"], "[]"],
  [["jinja", "--check", "{% for vm in vms %}{{ vm.name }}{{ n }}{% endfor %}"], "vms\nvms.*.name\nn"],
  [["workflow", "{{ ctx().vms[0] }}", "data.json"], '{"name":"a","cpu":4}'],
])("%j says %j", (args, out) => {
  expect(run(args, machine)).toEqual({ code: 0, out, error: "" });
});

test("what is piped in is the data", () => {
  expect(run(["jinja", "{{ a }}"], { ...machine, input: () => '{"a": 1}' }).out).toBe("1");
  expect(run(["jinja", "{{ a }}", "-"], { ...machine, input: () => '{"a": 2}' }).out).toBe("2");
});

test("an expression that goes wrong is told with its place", () => {
  const { code, out, error } = run(["yaql", "ctx().vms.wher($.cpu > 3)", "data.json"], machine);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(error).toMatch(/^NoMethodRegisteredException: .*\n  <% ctx\(\)\.vms\.wher\(\$\.cpu > 3\) %>\n {15}\^$/);
  expect(JSON.parse(run(["jinja", "{{ 1 / 0 }}", "--json"], machine).out)).toEqual({
    error: { type: "ZeroDivisionError", message: "division by zero", expression: "{{ 1 / 0 }}", position: 5 },
  });
  expect(run(["yaql", "sequence().len()", "--steps", "100"], machine).error).toContain("It takes more than 100 steps.");
  expect(run(["yaql", "--check", "ctx(."], machine).code).toBe(1);
});

test.each<[args: string[], why: string]>([
  [["python", "1"], "There is no language python: yaql, jinja or workflow."],
  [["yaql"], "expression yaql needs the text of an expression."],
  [["yaql", "1", "data.json", "x"], "There is one text and one file of data; x is too much."],
  [["yaql", "1", "nowhere.json"], "nowhere.json can't be read: there is no such file"],
  [["yaql", "1", "list.json"], "list.json has no JSON object"],
  [["yaql", "1", "broken.json"], "broken.json can't be read: "],
  [["jinja", "@nowhere"], "nowhere can't be read"],
  [["yaql", "1", "--steps", "few"], "--steps is few"],
  [["yaql", "1", "--strange"], "Unknown option '--strange'"],
])("%j is refused: %s", (args, why) => {
  const { code, out, error } = run(args, machine);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error).toContain(why);
});

test("it is a program: files, pipes and exit codes", () => {
  const main = join(import.meta.dirname, "main.ts");
  const file = join(mkdtempSync(join(tmpdir(), "expression-")), "data.json");
  writeFileSync(file, files["data.json"] ?? "");
  expect(execFileSync(process.execPath, [main, "yaql", "ctx().name", file], { encoding: "utf8" })).toBe("web1\n");
  expect(execFileSync(process.execPath, [main, "jinja", "{{ a }}"], { encoding: "utf8", input: '{"a": [1]}' })).toBe("[1]\n");
  expect(spawnSync(process.execPath, [main, "jinja", "{{ a }}"], { encoding: "utf8", input: "" })).toMatchObject({
    status: 1,
    stderr: "UndefinedError: 'a' is undefined\n  {{ a }}\n     ^\n",
  });
});
