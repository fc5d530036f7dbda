import type { ActionDefinition } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { fieldFaults, seenByAlias } from "./reply-fields.ts";
import { writePack } from "./testing/write-pack.ts";

const output = {
  type: "object",
  properties: {
    url: { type: "string" },
    note: { anyOf: [{ type: "object", properties: { text: { type: "string" } } }, { type: "null" }] },
    hosts: { type: "array", items: { type: "object", properties: { name: {}, "last-seen": {} } } },
    pair: { type: "array", items: [{ type: "string" }, { type: "object", properties: { left: {} } }], additionalItems: false },
    headers: { type: "object", additionalProperties: { type: "string" } },
    body: {},
    loose: { type: "object", properties: { a: {} }, additionalProperties: {} },
    open: { type: "object" },
    matching: { type: "object", properties: {}, patternProperties: { "^x": {} } },
    tree: { $ref: "#" },
  },
  additionalProperties: false,
};

test.each([
  "no template",
  "{{ result }} {{ result.url }} {{ execution.result.url }} {{ actionalias.ref }}",
  "{{ result.note.text }} {{ result.hosts[0].name }} {{ result.hosts[3]['last-seen'] }} {{ result.hosts.0.name }} {{ result.hosts | length }}",
  "{{ result.pair[1].left }} {{ result.headers['content-type'] }} {{ result.body.any[0].thing }}",
  "{{ result.loose.b }} {{ result.open.b }} {{ result.matching.xy }} {{ result.tree.any }}",
  "{{ execution.parameters.service }} {{ execution.elapsed_seconds }} {{ execution.context.user }} {{ asker.mention }}",
  "{{ result | upper }} {{ result.url | upper }} {{ result.hosts | map(attribute='name') | join(', ') }}",
  "{% for host in result.hosts %}{{ loop.index }} {{ host.name }}{% set last = host %}{% endfor %}{% for key in result.headers %}{{ key }}{% endfor %}",
  "{% if result.gone is defined %}{{ result.gone | default('x') }}{% endif %}{% set mine = 1 %}{{ mine }} {{ result.url.upper() }}",
])("%j asks for what there is, or for what may be", (text) => {
  expect(told(text, action({ output }))).toEqual([]);
});

test.each([
  ["{{ result.urll }}", "result has no field urll. Did you mean url?"],
  ["{% if result.urll %}yes{% endif %}", "result has no field urll. Did you mean url?"],
  ["{{ result.urll | upper }}", "result has no field urll. Did you mean url?"],
  ["{% for host in result.hosts %}{{ host.nam }}{% endfor %}", "result.hosts[…] has no field nam. Did you mean name?"],
  ["{% set first = result.hosts[0] %}{{ first.nam }}", "result.hosts[0] has no field nam. Did you mean name?"],
  ["{{ execution.result.urll }}", "execution.result has no field urll. Did you mean url?"],
  ["{{ output }}", "There is no output to be shown. There are: actionalias, asker, execution, result."],
  ["{{ result.note.texts }}", "result.note has no field texts. Did you mean text?"],
  ["{{ result.hosts.name }}", "result.hosts is a list. Say which of it, as in result.hosts[0]."],
  ["{{ result.hosts.length }}", "result.hosts is a list. {{ result.hosts | length }} says how long it is."],
  ["{{ result.hosts[0].nam }}", "result.hosts[0] has no field nam. Did you mean name?"],
  ["{{ result.pair[2] }}", "result.pair has no item 2. "],
  ["{{ result.headers.a.b }}", "result.headers.a has no fields. "],
  ["{{ execution.parameters.servise }}", "execution.parameters has no field servise. Did you mean service?"],
  [
    "{{ execution.user }}",
    "execution has no field user. There are: action, context, elapsed_seconds, end_timestamp, id, parameters, result, start_timestamp, status.",
  ],
])("%s asks for what is not there", (text, words) => {
  expect(told(text, action({ output }))).toEqual([words]);
});

test("nothing is known of the result of an action without an output, of another pack, or of a kind that is not known", () => {
  for (const one of [action({}), undefined, action({ kind: "orquesta", output })]) expect(told("{{ result.any.thing }}", one)).toEqual([]);
});

test("a command gives what commands give, and its output schema is that of what it prints", () => {
  const kind = "local-shell-cmd";
  expect(told("{{ result.stdout.any }} {{ execution.parameters.timeout }}", action({ kind }))).toEqual([]);
  expect(told("{{ result.stdotu }}", action({ kind }))).toEqual(["result has no field stdotu. Did you mean stdout?"]);
  expect(told("{{ result.stdout.urll }}", action({ kind, output }))).toEqual(["result.stdout has no field urll. Did you mean url?"]);
});

test("StackStorm's older form of an output schema lists the fields alone", () => {
  expect(told("{{ result.url }} {{ result.urll }}", action({ output: { url: { type: "string" }, port: { type: "integer" } } }))).toEqual([
    "result has no field urll. Did you mean url?",
  ]);
});

test("an acknowledgement does not see a result yet", () => {
  const faults = fieldFaults("On it, {{ asker.name }}: {{ result.url }}", seenByAlias(action({ output }), "ack"));
  expect(faults).toMatchObject([{ expression: "{{ result.url }}", offset: 25, message: "There is no result to be shown." }]);
});

test("a pack is loaded all the same, and each such place is a warning", async () => {
  const folder = await writePack({
    "pack.yaml": "name: deploy\nversion: 1.0.0\n",
    "actions/show.yaml":
      "name: show\nrunner_type: local-shell-cmd\noutput_schema: { type: object, properties: { url: { type: string } } }\n",
    "aliases/show.yaml": `name: show
action_ref: deploy.show
formats: [show]
ack:
  format: "{{ execution.idd }}"
result:
  format: >
    {{ execution.result.stdout.url }} and again
    {{ execution.result.stdout.urll }}
`,
  });
  const pack = await loadPack(folder);
  expect(pack.kind).toBe("loaded");
  expect(pack.warnings.map((warning) => describeProblem("", warning).replaceAll("\n ", ""))).toEqual([
    "aliases/show.yaml:5:12 {{ execution.idd }} shows nothing: execution has no field idd. Did you mean id?",
    "aliases/show.yaml:9:5 {{ execution.result.stdout.urll }} shows nothing: execution.result.stdout has no field urll. Did you mean url?",
  ]);
});

function told(text: string, of: ActionDefinition | undefined): string[] {
  return fieldFaults(text, seenByAlias(of, "reply")).map(({ message, hint }) => `${message} ${hint}`);
}

function action(at: Partial<ActionDefinition>): ActionDefinition {
  return {
    ref: "deploy.deploy",
    pack: "deploy",
    name: "deploy",
    description: "",
    enabled: true,
    kind: "typescript",
    parameters: { service: { type: "string" } },
    repeatable: false,
    pool: "default",
    source: { file: "actions/deploy.ts", line: 1, column: 1 },
    ...at,
  };
}
