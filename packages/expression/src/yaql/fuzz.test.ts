import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpressionError } from "../error.ts";
import { evaluate } from "../evaluate.ts";
import { everything } from "./library/index.ts";

/* Programs that nobody would write; `pnpm fuzz:expression` makes a hundred thousand of each. */
const runs = Number(process.env["EXPRESSION_RUNS"] ?? 2000);

const functions = [...everything.functions.keys()];
const methods = [...everything.methods.keys()];
const operators = ["+", "-", "*", "/", " mod ", " and ", " or ", " in ", "<", ">", "<=", ">=", "=", "!=", "=~", "!~", ".", "?.", " -> "];
const atoms = [
  "1",
  "-3",
  "2.5",
  "0",
  "99999999999999999999",
  "'a,b'",
  "''",
  "'(a+)+$'",
  "null",
  "true",
  "name",
  "$",
  "$1",
  "$x",
  "[]",
  "{}",
  "ctx()",
  "ctx(l)",
  "ctx(d)",
  "ctx().s",
];

const { program } = fc.letrec<{ program: string; args: string }>((tie) => ({
  program: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.tuple(fc.constantFrom(...functions), tie("args")).map(([name, args]) => `${name}(${args})`),
    fc.tuple(tie("program"), fc.constantFrom(...methods), tie("args")).map(([on, name, args]) => `${on}.${name}(${args})`),
    fc.tuple(tie("program"), fc.constantFrom(...operators), tie("program")).map(([left, operator, right]) => `${left}${operator}${right}`),
    tie("args").map((args) => `[${args}]`),
    fc.tuple(tie("program"), tie("program")).map(([key, value]) => `{${key} => ${value}}`),
    fc.tuple(tie("program"), tie("program")).map(([on, index]) => `${on}[${index}]`),
    tie("program").map((inner) => `(${inner})`),
    fc.tuple(tie("program"), tie("program")).map(([body, then]) => `def(f, ${body}) -> f(${then})`),
  ),
  args: fc.oneof(
    { depthSize: "medium" },
    fc.constant(""),
    tie("program"),
    fc.tuple(tie("program"), tie("program")).map((both) => both.join(", ")),
    fc.tuple(tie("program"), tie("program")).map(([value, named]) => `${value}, x => ${named}`),
  ),
}));

const variables = { l: [3, 1, [2]], d: { a: 1, b: { c: "x" } }, s: "text", "%>": null, __state: {} };

test.each([
  ["programs", program],
  [
    "texts",
    fc.string({
      unit: fc.constantFrom(...atoms, ...operators, "(", ")", "[", "]", "{", "}", ",", "=>", " ", "'", '"', "`", "\\", "\u{1f600}"),
    }),
  ],
])("any of many %s ends within its limits, with a value or an error of this package, and changes nothing", (_name, programs) => {
  const before = JSON.stringify(variables);
  fc.assert(
    fc.property(programs, (text) => {
      try {
        evaluate(`<% ${text} %>`, { variables, now: () => 0, random: () => 0.5, limits: { steps: 5000, size: 50_000 } });
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        expect(error.message.length).toBeLessThan(5000 + 10 * text.length);
      }
    }),
    { numRuns: runs },
  );
  expect(JSON.stringify(variables)).toBe(before);
});
