import fc from "fast-check";
import { expect, it } from "vitest";
import { search, type CompiledPattern } from "./expression.ts";
import { compileFormat } from "./format.ts";

function patternOf(format: string): CompiledPattern {
  const compiled = compileFormat(format);
  if (compiled.kind === "fault") throw new Error(compiled.why);
  return compiled.format.pattern;
}

const formats = ["move {{ a }} to {{ b }}", "{{ a }} to {{ b }} to {{ c }}", "x{{ a }}{{ b }} to", "move {{ a }} to", "{{ a }}"];
const words = fc.constantFrom("move", "to", "TO", "x", "a", " ", "  ", "\t", "\n", "\u00a0", "é", "\u{1f600}", "to to", "'", '"', "{", "}");

it.each(formats)("gives in a long text what the expression finds: %j", (format) => {
  const { quick: _, long, ...linear } = patternOf(format);
  const find = long?.();
  expect(find).toBeDefined();
  fc.assert(
    fc.property(fc.array(fc.array(words, { maxLength: 6 }), { minLength: 5, maxLength: 5 }), (said) => {
      const text = `${said[3]?.join("")} ${format.replace(/\{\{ (\w) \}\}/g, (_, name: string) => said["abc".indexOf(name)]?.join("") ?? "")} ${said[4]?.join("")}`;
      const values = find?.(text);
      if (values !== undefined)
        expect(Object.fromEntries(linear.groups.map(({ name }, index) => [name, values[index]]))).toEqual(search(linear, text));
    }),
    { numRuns: 1_000 },
  );
});

it("leaves quotes, braces, long white space and what may be left out to the expression", () => {
  const find = patternOf("move {{ a }} to {{ b }}").long?.();
  expect(find?.(" move here to there ")).toEqual(["here", "there"]);
  expect(find?.(" move it's to there ")).toEqual(["it's", "there"]);
  for (const text of ['move "a to b" to c', "move {a to b} to c", "move a' to b", `move a${" ".repeat(60)}to b`])
    expect(find?.(text)).toBeUndefined();
  expect(patternOf("move {{ a }} to {{ b = c }}").long).toBeUndefined();
});
