import { describe, expect, it } from "vitest";
import { parseTemplate, renderTemplate, templateFault } from "./template.ts";

const render = (text: string, names: Record<string, unknown>) => {
  const parsed = parseTemplate(text);
  return parsed.kind === "ok" ? renderTemplate(parsed.template, names) : parsed.fault;
};

describe("a template", () => {
  it.each([
    ["plain", {}, "plain"],
    ["{{a}}-{{ a }}", { a: "x" }, "x-x"],
    ["{{ a.b[0].c }}", { a: { b: [{ c: 1 }] } }, "1"],
    ["{{ a['x y'] }}", { a: { "x y": true } }, "true"],
    ["{{ a.0 }}", { a: ["first"] }, "first"],
    ["{{ a }}", { a: { b: null } }, '{"b":null}'],
    ["[{{ gone.far }}]", {}, "[]"],
    ["[{{ constructor }}{{ a.length }}]", { a: "text" }, "[]"],
    ["{{ имя }}", { имя: "Иван" }, "Иван"],
    ["${#x} { a }", {}, "${#x} { a }"],
  ])("%j is filled", (text, names, expected) => {
    expect(render(text, names)).toBe(expected);
  });

  it.each([
    ["a {{ b | upper }}", "{{ b | upper }}", 2],
    ["{{ f() }}", "{{ f() }}", 0],
    ["x {% if a %}", "{% if a %}", 2],
    ["{# note #}", "{# note #}", 0],
    ["{{ a", "{{ a", 0],
    ["{{ }}", "{{ }}", 0],
  ])("%j names the expression it does not know", (text, expression, offset) => {
    expect(templateFault(text)).toEqual({ expression, offset });
  });
});
