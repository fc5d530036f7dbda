import { ActionDefinition, isSealed, type Parameter } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { readInput } from "./input.ts";

const source = { file: "actions/x.yaml", line: 3, column: 1 };
function action(parameters: Record<string, Parameter>, kind = "local-shell-script"): ActionDefinition {
  return ActionDefinition.parse({ ref: "p.x", pack: "p", name: "x", kind, parameters, source });
}

function given(parameters: Record<string, Parameter>, values: Record<string, unknown> = {}, kind?: string): unknown {
  const read = readInput({ action: action(parameters, kind), given: values, context: { user: "ana", pack: "p" } });
  if (read.kind === "refused") return `${read.problem.message} ${read.problem.hint}`.trim();
  // What the kind adds by itself is of no interest here.
  return Object.fromEntries(Object.entries(read.input).filter(([name]) => Object.hasOwn(parameters, name)));
}

const nested: Record<string, Parameter> = {
  server: {
    type: "object",
    required: true,
    properties: {
      host: { type: "string", required: true },
      port: { type: "integer", default: 22 },
      user: { type: "object", properties: { name: { type: "string", default: "root" } }, default: {} },
    },
    additionalProperties: false,
  },
};
const list: Record<string, Parameter> = {
  rules: {
    type: "array",
    minItems: 1,
    items: { type: "object", properties: { to: { type: "string", required: true }, via: { default: "lo" } } },
  },
};
const unique: Record<string, Parameter> = { a: { type: "array", uniqueItems: true } };
const numbers = Array.from({ length: 100_000 }, (_, index) => index);

describe("what an action is given", () => {
  test.each<[string, Record<string, Parameter>, Record<string, unknown>, unknown]>([
    [
      "has the defaults of fields within it",
      nested,
      { server: { host: "h" } },
      { server: { host: "h", port: 22, user: { name: "root" } } },
    ],
    ["has them in the items of a list", list, { rules: '[{"to": "a"}]' }, { rules: [{ to: "a", via: "lo" }] }],
    ["needs what is required within it", nested, { server: {} }, /server of p\.x can't be \{.*It takes something with the field host/],
    ["needs it in the items of a list", list, { rules: [{ to: "a" }, {}] }, /rules\[1\] of p\.x .* the field to/],
    ["has no field that is not declared", nested, { server: { host: "h", prot: 1 } }, /It takes something without the field prot/],
    ["has types within it", nested, { server: { host: "h", port: "x" } }, /server\.port of p\.x can't be "x"\. It takes a whole number/],
    [
      "is no deeper than what walks through it can go",
      { a: { type: "array" } },
      { a: `${"[".repeat(3_900)}${"]".repeat(3_900)}` },
      /It takes lists and fields in one another, 200 levels at most/,
    ],
    ["is as long as its schema says", list, { rules: [] }, /It takes a list of 1 or more/],
    [
      "has nothing twice where it may not, whatever the order of fields",
      unique,
      {
        a: [
          { x: 1, y: [2] },
          { y: [2], x: 1 },
        ],
      },
      /without repetitions/,
    ],
    [
      "tells apart what only looks the same",
      unique,
      { a: [1, "1", [1], { x: 1 }, null, true] },
      { a: [1, "1", [1], { x: 1 }, null, true] },
    ],
    ["is compared with itself in time, however long it is", unique, { a: numbers }, { a: numbers }],
    [
      "is one of a choice",
      { level: { type: "string", enum: ["low", "high"] } },
      { level: "mid" },
      /can't be "mid"\. It takes one of low, high/,
    ],
    [
      "fits a pattern, as Python reads it",
      { id: { type: "string", pattern: "^(?P<n>[a-z]+)\\Z" } },
      { id: "a1" },
      /It takes text that fits/,
    ],
    ["fits it anywhere unless it says otherwise", { id: { type: "string", pattern: "b" } }, { id: "abc" }, { id: "abc" }],
    [
      "is below what an old draft excludes",
      { n: { type: "number", maximum: 5, exclusiveMaximum: true } },
      { n: 5 },
      /It takes less than 5/,
    ],
    ["is a multiple, in an old draft's word", { n: { type: "integer", divisibleBy: 5 } }, { n: 7 }, /It takes a multiple of 5/],
    ["may be anything where an old draft says so", { a: { type: "array", items: { type: "any" } } }, { a: [1, "x"] }, { a: [1, "x"] }],
    [
      "is one of several forms",
      { a: { anyOf: [{ type: "integer" }, { type: "array" }] } },
      { a: {} },
      /It takes a whole number or a list such as a,b,c/,
    ],
    [
      "may be null within it where it need not be given",
      nested,
      { server: { host: "h", port: null } },
      { server: { host: "h", port: 22, user: { name: "root" } } },
    ],
    ["is not checked by a schema that nobody can read", { a: { type: "string", pattern: "(" } }, { a: "x" }, { a: "x" }],
    [
      "takes the default for StackStorm's word for None",
      { a: { type: "string", default: "d" } },
      { a: "%*****__%NONE%__*****%" },
      { a: "d" },
    ],
    ["is missing where that is all there is", { a: { type: "string", required: true } }, { a: "%*****__%NONE%__*****%" }, /p\.x needs a/],
    ["is never a template", { a: { type: "string" } }, { a: "{{ b }}" }, { a: "{{ b }}" }],
  ])("%s", (_, parameters, values, expected) => {
    const found = given(parameters, values);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toEqual(expected);
  });
});

describe("a default", () => {
  test.each<[string, Record<string, Parameter>, Record<string, unknown>, unknown]>([
    [
      "is filled from others, in any order",
      { c: { default: "{{ b }}!" }, a: { default: 1 }, b: { default: "{{ a }}{{ a }}" } },
      {},
      { a: 1, b: "11", c: "11!" },
    ],
    ["is cast once it is filled", { a: { type: "integer", default: "{{ b }}0" }, b: { default: 4 } }, {}, { a: 40, b: 4 }],
    [
      "knows filters and conditions",
      { a: { default: "{% if b %}{{ b | upper }}{% else %}none{% endif %}" }, b: { type: "string" } },
      { b: "x" },
      { a: "X", b: "x" },
    ],
    [
      "sees null where there is no value",
      { a: { default: "{% if b is none %}nothing{% endif %}" }, b: { type: "string" } },
      {},
      { a: "nothing" },
    ],
    [
      "sees who asks",
      {
        a: {
          default: "{{ action_context.user }}/{% if action_context.parent is defined %}x{% else %}{{ action_context.pack }}{% endif %}",
        },
      },
      {},
      { a: "ana/p" },
    ],
    [
      "keeps the types of what stands alone in a list or in fields",
      { a: { type: "object", default: { n: "{{b}}", t: "n={{b}}", l: ["{{c}}"] } }, b: { default: 5 }, c: { default: [1] } },
      {},
      { a: { n: 5, t: "n=5", l: [[1]] }, b: 5, c: [1] },
    ],
    [
      "is text that is read by its type",
      { a: { type: "object", default: "{{ b | to_json_string }}" }, b: { type: "object", default: { x: 1 } } },
      {},
      { a: { x: 1 }, b: { x: 1 } },
    ],
    [
      "is fixed all the same where it is immutable",
      { a: { default: "{{ b }}", immutable: true }, b: { default: 2 } },
      { b: 3 },
      { a: "3", b: 3 },
    ],
    ["is not there where it becomes None", { a: { type: "string", default: "{{ b | use_none }}" }, b: { type: "string" } }, {}, {}],
    ["is not rendered again", { a: { default: "{{ b }}" }, b: { type: "string" } }, { b: "{{ c }}" }, { a: "{{ c }}", b: "{{ c }}" }],
    [
      "says what it lacks",
      { a: { default: "{{ nobody }}" } },
      {},
      /The default of a of p\.x \(actions\/x\.yaml:3\) can't be filled in: Dependency unsatisfied in variable "nobody"/,
    ],
    [
      "says that there is no datastore",
      { a: { default: "{{ st2kv.system.key }}" } },
      {},
      /Dependency unsatisfied in variable "st2kv"\. There is no datastore where this is rehearsed/,
    ],
    ["does not need itself", { a: { default: "{{ a }}" } }, {}, /Cyclic dependency found in the following variables: a\./],
    [
      "does not need what needs it",
      { z: { default: "{{ a }}" }, a: { default: "{{ b }}" }, b: { default: "{{ c }}" }, c: { default: "{{ a }}" } },
      {},
      /variables: a, b and c\./,
    ],
    [
      "says what went wrong in it",
      { a: { default: "{{ b.x.y }}" }, b: { type: "object", default: {} } },
      {},
      /can't be filled in: .*has no attribute 'x'/,
    ],
    ["says where it can't be read", { a: { default: "{% if %}" } }, {}, /can't be filled in: /],
    [
      "says what its type does not take",
      { a: { type: "integer", default: "{{ b }}" }, b: { default: "x" } },
      {},
      /a of p\.x can't be "x"\. It takes a whole number/,
    ],
  ])("%s", (_, parameters, values, expected) => {
    const found = given(parameters, values);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toEqual(expected);
  });

  test("of a TypeScript action is what its program says, braces and all", () => {
    expect(given({ a: { default: "{{ b }}" } }, {}, "typescript")).toEqual({ a: "{{ b }}" });
  });

  test("that takes in a secret is one, and so is what holds one", () => {
    const parameters: Record<string, Parameter> = {
      url: { default: "https://{{ token }}@x" },
      token: { type: "string", secret: true },
      login: { type: "object", properties: { password: { type: "string", secret: true } } },
      plain: { default: "p" },
    };
    const read = readInput({ action: action(parameters), given: { token: "t", login: { password: "p" } } });
    expect(read.kind === "ok" ? read.secrets.toSorted() : read.problem).toEqual(["login", "token", "url"]);
    expect(given(parameters, { login: { password: 5 } })).toMatch(/login\.password of p\.x can't be what was given/);
  });

  test("takes in what is sealed as what it says, and is a secret then, whatever it is taken from", () => {
    const sealed = { $sealed: { kid: "k", iv: "", data: "hush", tag: "" } };
    const open = (value: unknown) => (isSealed(value) ? value.$sealed.data : value);
    const parameters: Record<string, Parameter> = { url: { default: "https://{{ said }}@{{ host }}" }, said: {}, host: { default: "h" } };
    const read = readInput({ action: action(parameters), given: { said: sealed }, open, sealed: true });
    expect(read).toMatchObject({ kind: "ok", input: { said: sealed, url: "https://hush@h" }, secrets: ["url"] });
    const unread = readInput({ action: action(parameters), given: { said: sealed }, sealed: true });
    expect(unread.kind === "refused" && unread.problem.message).toMatch(/said, which is sealed/);
    const closed = () => {
      throw new Error("sealed under another key");
    };
    const refused = readInput({ action: action(parameters), given: { said: sealed }, open: closed, sealed: true });
    expect(refused.kind === "refused" && refused.problem.message).toMatch(/said, which is sealed/);
    const kept = readInput({ action: action({ ...parameters, url: {} }), given: { said: sealed }, sealed: true });
    expect(kept).toMatchObject({ kind: "ok", input: { said: sealed, host: "h" } });
  });

  test.each<[string, unknown]>([
    ["whole", { $sealed: { kid: "k", iv: "", data: "hush", tag: "" } }],
    ["within a list", ["a", { b: { $sealed: { kid: "k", iv: "", data: "hush", tag: "" } } }]],
    ["as text that is read as fields", '{"a": {"$sealed": {"kid": "k", "iv": "", "data": "hush", "tag": ""}}}'],
  ])("what looks sealed and comes from outside is refused, %s", (_name, value) => {
    expect(
      given({ said: { type: typeof value === "string" ? "object" : Array.isArray(value) ? "array" : "object" } }, { said: value }),
    ).toMatch(/said of p\.x can't be what was given/);
  });
});

describe("a kind's own parameter", () => {
  test.each<[string, Record<string, Parameter>, Record<string, unknown>, unknown]>([
    ["keeps its type", { timeout: { type: "string", default: 5 } }, { timeout: "7" }, { timeout: 7 }],
    ["has another default", { timeout: { default: 5 } }, {}, { timeout: 5 }],
    ["can be fixed", { cwd: { default: "/", immutable: true } }, { cwd: "/tmp" }, /cwd of p\.x is fixed/],
    ["can be asked for", { cwd: { required: true, description: "Where" } }, {}, /p\.x needs cwd.* Where\./],
    ["can be a choice", { cwd: { enum: ["/a", "/b"] } }, { cwd: "/c" }, /one of \/a, \/b/],
  ])("%s", (_, parameters, values, expected) => {
    const found = given(parameters, values);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toEqual(expected);
  });
});
