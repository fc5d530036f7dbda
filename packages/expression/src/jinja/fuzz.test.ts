import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget } from "../budget.ts";
import { ExpressionError } from "../error.ts";
import { dictMethods, listMethods } from "./collection-methods.ts";
import { builtInFilters } from "./filters.ts";
import { renderJinja } from "./index.ts";
import { textMethods } from "./text-methods.ts";
import { builtInTests } from "./tests.ts";

/* Templates that nobody would write; `pnpm fuzz:expression` makes a hundred thousand of each. */
const runs = Number(process.env["EXPRESSION_RUNS"] ?? 2000);

const filters = [...builtInFilters.keys()];
const methods = [...textMethods.keys(), ...listMethods.keys(), ...dictMethods.keys(), "constructor", "__class__"];
const tests = [...builtInTests.keys()].filter((name) => /^\w+$/.test(name));
const atoms = [
  "1",
  "-3",
  "2.5",
  "0",
  "10**30",
  "'a,b'",
  "''",
  "'%s {}'",
  "none",
  "true",
  "s",
  "l",
  "d",
  "zz",
  "[]",
  "{}",
  "()",
  "range(5)",
  "loop",
];

const { expression, template } = fc.letrec<{ expression: string; args: string; template: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.tuple(tie("expression"), fc.constantFrom(...filters), tie("args")).map(([value, name, args]) => `(${value}|${name}(${args}))`),
    fc.tuple(tie("expression"), fc.constantFrom(...methods), tie("args")).map(([value, name, args]) => `(${value}).${name}(${args})`),
    fc.tuple(tie("expression"), fc.constantFrom(...tests), tie("args")).map(([value, name, args]) => `(${value} is ${name}(${args}))`),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom("+", "-", "*", "/", "//", "%", "**", "~", " in ", "<", "==", " and ", " or "),
        tie("expression"),
      )
      .map(([left, operator, right]) => `(${left}${operator}${right})`),
    fc.tuple(tie("expression"), tie("expression")).map(([value, index]) => `(${value})[${index}:]`),
    fc.tuple(tie("expression"), tie("expression")).map(([value, index]) => `(${value})[${index}]`),
    fc.tuple(tie("expression"), tie("expression")).map(([test_, value]) => `(${value} if ${test_} else s)`),
    fc.tuple(tie("expression"), tie("expression")).map(([key, value]) => `{${key}: [${value}]}`),
  ),
  args: fc.oneof(
    { depthSize: "medium" },
    fc.constant(""),
    tie("expression"),
    fc.tuple(tie("expression"), tie("expression")).map((both) => both.join(", ")),
    tie("expression").map((value) => `attribute=${value}`),
  ),
  template: fc.oneof(
    { depthSize: "medium" },
    tie("expression").map((value) => `{{ ${value} }}`),
    fc
      .tuple(tie("expression"), tie("template"))
      .map(([items, body]) => `{% for l in ${items} recursive %}${body}{{ loop(l) }}{% endfor %}`),
    fc.tuple(tie("expression"), tie("template")).map(([value, body]) => `{% set l = ${value} %}${body}`),
    fc.tuple(tie("template"), tie("args")).map(([body, args]) => `{% macro s(d=1) %}${body}{% endmacro %}{{ s(${args}) }}`),
    fc.tuple(fc.constantFrom(...filters), tie("template")).map(([name, body]) => `{% filter ${name} %}${body}{% endfilter %}`),
  ),
}));

const variables = { l: [3, 1, [2, "x"]], d: { a: 1, b: { c: "x" } }, s: "text, and more" };

test.each([
  ["expressions", expression.map((text) => `{{ ${text} }}`)],
  ["templates", template],
  [
    "texts",
    fc
      .array(fc.constantFrom("{{", "}}", "{%", "%}", "{#", "#}", "-", "for", "if", "end", "raw", " ", "x", "'", "\\", "(", "]", "|", "\n"))
      .map((all) => all.join("")),
  ],
])("random %s end within their budget, with a text or this package's error, and change nothing", (_name, texts) => {
  const before = JSON.stringify(variables);
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const budget = new Budget({ steps: 20_000, size: 100_000 });
        expect(typeof renderJinja(text, { variables, budget })).toBe("string");
      } catch (error) {
        expect(error, text).toBeInstanceOf(ExpressionError);
      }
      expect(JSON.stringify(variables)).toBe(before);
    }),
    { numRuns: runs },
  );
});
