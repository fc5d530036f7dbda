import { expect, test } from "vitest";
import { Lookup } from "../value/kinds.ts";
import { renderJinja, stackstormFilters } from "./index.ts";

const found: Lookup = new Lookup({
  type: "KeyValueLookup",
  text: "v",
  find: (name) => (name === "deep" ? "d" : missing),
  open: () => "s3cret",
});
const missing: Lookup = new Lookup({ type: "KeyValueLookup", find: (name) => (name === "found" ? found : missing) });

const render = (text: string) => renderJinja(text, { variables: { kv: missing }, filters: stackstormFilters });

test.each([
  ["shows as its text", "{{ kv.found }}", "v"],
  ["leads on by names and by keys", "{{ kv.found.deep }}{{ kv['found']['deep'] }}", "dd"],
  ["is nothing where there is none, however deep", "[{{ kv.a.b }}]", "[]"],
  ["has something to take its place there", "{{ kv.a | default('x') }}{{ kv.found | default('x') }}", "xv"],
  ["is asked whether it is there", "{% if kv.a %}1{% endif %}{{ kv.a is defined }}{% if kv.found %}2{% endif %}", "False2"],
  ["takes filters for texts", "{{ kv.found | upper }}", "V"],
  ["opens what is closed in it", "{{ kv.found | decrypt_kv }}", "s3cret"],
])("a value that is looked up %s", (_name, template, expected) => {
  expect(render(template)).toBe(expected);
});

test("nothing else is decrypted", () => {
  expect(() => render("{{ kv.a | decrypt_kv }}")).toThrow("no such value");
  expect(() => render("{{ 'v' | decrypt_kv }}")).toThrow("no key here");
});
