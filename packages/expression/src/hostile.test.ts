import { expect, test } from "vitest";
import { ExpressionError } from "./error.ts";
import { evaluate } from "./evaluate.ts";
import { validate, variables } from "./inspect.ts";
import { jinjaReads, renderJinja } from "./jinja/index.ts";
import { renderValues } from "./jinja/render-values.ts";

/* What is long or deep is met before anything is counted: reading it has to be quick, and an error of this package where it can't be. */

const long = 100_000;

test.each<[name: string, text: string]>([
  ["<% without an end", "<%".repeat(long)],
  ["{{ without an end", "{{".repeat(long)],
  ["{% without an end", "{%".repeat(long)],
  ["{# without an end", "{#".repeat(long)],
  ["raw without an end", "{% raw %}".repeat(long / 10)],
  ["raw blocks", "{% raw %}{% endraw %}".repeat(long / 10)],
  ["digits and a letter", `<% ${"1".repeat(long)}x %>`],
  ["signs at the end of YAQL", `<% ${"%".repeat(long)}x %>`],
  ["braces at the end of Jinja", `{{ ${"}".repeat(long)}x }}`],
  ["calls of ctx", `<% ${"ctx('".repeat(long)} %>`],
  ["quotes and backslashes", `{{ ${"'\\".repeat(long)} }}<% ${"`\\".repeat(long)} %>`],
  ["parentheses", `{{ ${"(".repeat(long)} }}`],
  ["a chain of attributes", `{{ a${".b".repeat(long)} }}`],
  ["a long sum", `{{ 1${"+1".repeat(long)} }}`],
  ["many expressions", "{{ 1 }}".repeat(long / 10)],
  ["blocks in blocks", "{% if 1 %}".repeat(long / 10)],
])("%s", (_name, text) => {
  for (const read of [
    () => evaluate(text),
    () => validate(text),
    () => variables(text),
    () => jinjaReads(text),
    () => renderJinja(text, { variables: {} }),
  ]) {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
    }
  }
});

test("values nested deeper than the stack are told, or gone through", () => {
  let [list, mapping]: unknown[] = [1, 1];
  for (let level = 0; level < 20_000; level += 1) [list, mapping] = [[list], { a: mapping }];
  const given = { variables: { list, mapping } };
  for (const value of [list, mapping]) {
    expect(() => evaluate(value)).toThrow("levels of nesting");
    expect(validate(value)).toEqual([]);
    expect(variables(value)).toEqual([]);
    expect(() => renderValues({ value }, { variables: { a: 1 } })).toThrow("levels of nesting");
  }
  for (const text of ["{{ list }}", "{{ mapping | tojson }}", "{{ list == list }}{{ [list] == [mapping] }}", "{{ {list: 1} }}"]) {
    try {
      renderJinja(text, given);
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
    }
  }
  for (const text of [
    "<% ctx().list %>",
    "<% str(ctx().list) %>",
    "a <% ctx().mapping %>",
    "<% set(ctx().list) %>",
    "<% ctx().list.flatten() %>",
  ]) {
    try {
      evaluate(text, given);
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
    }
  }
});

test.each([
  ["==", "{% for i in range(200) %}{{ ctx().a == ctx().b }}{% endfor %}"],
  ["in", "{% for i in range(200) %}{{ ctx().a in [ctx().b] }}{% endfor %}"],
  ["<", "{% for i in range(200) %}{{ ctx().a < ctx().b }}{% endfor %}"],
  ["count", "{% for i in range(200) %}{{ [ctx().a].count(ctx().b) }}{% endfor %}"],
  ["= of YAQL", "<% range(200).where(ctx().a = ctx().b) %>"],
  ["indexOf of YAQL", "<% range(200).select([ctx().a].indexOf(ctx().b)) %>"],
])("comparing with %s costs what there is to compare", (_name, text) => {
  const [a, b] = [0, 1].map(() => Array.from({ length: long / 10 }, (_, id) => [id]));
  expect(() => evaluate(text, { variables: { a, b } })).toThrow(/more than 1000000 steps/);
});

test.each([
  ["one after the other", "{{ ctx().text | regex_replace('a+b|a', 'x') }}"],
  ["one after the other in YAQL", "<% regex('a+b|a').replace(ctx().text, 'x') %>"],
  ["again and again", "{% for i in range(1000) %}{{ ctx().text | regex_search('(a+)+b') }}{% endfor %}"],
])("matches of an expression cost what they take: %s", (_name, text) => {
  expect(() => evaluate(text, { variables: { text: "a".repeat(long) } })).toThrow(/more than 1000000 steps/);
});

test("data that a template formats by costs what it is long", () => {
  expect(() => renderJinja("{{ v % 1 }}", { variables: { v: "%(".repeat(long) } })).toThrow(ExpressionError);
});
