import { float } from "@bellhop/expression";
import { expect, test } from "vitest";
import { inlineParameters } from "./inline.ts";

test.each<[text: string, parameters: Record<string, unknown>]>([
  ["core.noop", {}],
  ["core.echo message=hello", {}],
  [`core.http url="https://x/?a=b" method='GET'`, { url: "https://x/?a=b", method: "GET" }],
  ["a=1 b=-2 c=1.5 d=TRUE e=False f=null g=2.0", { a: 1, b: -2, c: 1.5, d: true, e: false, f: null, g: float(2) }],
  ["ports=[80, 443]", { ports: [80, 443] }],
  [`tags=["a", "b"]`, { tags: '["a", "b"]' }],
  [`body='{"a": 1}'`, { body: { a: 1 } }],
  [`body="{'a': 1}"`, { body: "{'a': 1}" }],
  [`quoted="12"`, { quoted: "12" }],
  [`empty=""`, { empty: "" }],
  ["m=<% ctx(a) + ' b=2' %> n={{ ctx().n }}", { m: "<% ctx(a) + ' b=2' %>", n: "{{ ctx().n }}" }],
  ["a=1,b=2; c=3", { a: 1, b: 2, c: 3 }],
])("%s", (text, parameters) => {
  expect(Object.fromEntries(inlineParameters(text).map(({ name, value }) => [name, value]))).toEqual(parameters);
});

test("a text made to take long does not", () => {
  expect(inlineParameters("a=[".repeat(5000))).toEqual([]);
});
