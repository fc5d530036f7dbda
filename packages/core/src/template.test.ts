import { describe, expect, it } from "vitest";
import { fillTemplate, readTemplate, templateFault } from "./template.ts";

describe("a template", () => {
  it.each([
    ["plain", {}, "plain"],
    ["{{a}}-{{ a }}", { a: "x" }, "x-x"],
    ["{{ a.b[0].c }}", { a: { b: [{ c: 1 }] } }, "1"],
    ["{{ a['x y'] }}", { a: { "x y": true } }, "True"],
    ["{{ a.0 | upper }}", { a: ["first"] }, "FIRST"],
    ["{{ a }}", { a: { b: null } }, "{'b': None}"],
    ["[{{ gone.far }}{{ gone['far'][0] }}]", {}, "[]"],
    ["[{{ constructor }}{{ a.length }}]", { a: "text" }, "[]"],
    ["{{ имя }}", { имя: "Иван" }, "Иван"],
    ["{% for x in a %}{{ x }};{% endfor %}{# note #}", { a: [1, 2] }, "1;2;"],
  ])("%j is filled", (text, names, expected) => {
    expect(fillTemplate(text, names, "empty")).toEqual({ kind: "ok", text: expected });
  });

  it.each([
    ["a {{ b }} {{ c.d }}", { b: 1 }, "{{ c.d }}", 10, "'c' is undefined"],
    ["{{ a.b.c }}", { a: {} }, "{{ a.b.c }}", 0, "'dict object' has no attribute 'b'"],
    ["{{ 1 / a }}", { a: 0 }, "{{ 1 / a }}", 0, "division by zero"],
    ["{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", {}, undefined, undefined, /more than \d+ steps/],
  ])("%j names what it asks for in vain", (text, names, expression, offset, message) => {
    const filled = fillTemplate(text, names, "refused");
    if (filled.kind === "ok") throw new Error(filled.text);
    expect(filled.fault.message).toMatch(message);
    if (expression !== undefined) expect(filled.fault).toMatchObject({ expression, offset });
  });

  it.each([
    ["{{ a b }}", "{{ a b }}", 0],
    ["x {% if a %}", "{% if a %}", 2],
    ["x {{ a | uper }}", "{{ a | uper }}", 2],
    ["{{ a is strange }}", "{{ a is strange }}", 0],
    ["{{ a", "{{ a", 0],
    ["{{ }}", "{{ }}", 0],
  ])("%j names the expression that is wrong", (text, expression, offset) => {
    expect(templateFault(text)).toMatchObject({ expression, offset });
  });

  it("ends before anybody else waits long", () => {
    const long = "{% for a in range(1000) %}{% for b in range(500) %}{% endfor %}{% endfor %}";
    expect(fillTemplate(long, {}, "empty")).toMatchObject({ kind: "fault", fault: { message: "It takes more than 200000 steps." } });
    expect(fillTemplate("{{ 'x' * 3000000 }}", {}, "empty")).toMatchObject({ kind: "fault" });
  });

  it("says what it asks for", () => {
    const read = readTemplate(
      "{% set x = a.b %}{{ x.c }} {{ d | default(e) }}{% for i in f[0].g %}{{ i['h'] }}{{ loop.index }}{% endfor %}",
    );
    if (read.kind === "fault") throw new Error(read.fault.message);
    expect(read.reads.map(({ path, guarded }) => [...path, ...(guarded ? ["?"] : [])].join("."))).toEqual([
      "a.b",
      "a.b.c",
      "d.?",
      "e",
      "f.0.g",
      "f.0.g..h",
    ]);
  });
});
