import type { KvPlace, Sealed } from "@bellhop/contracts";
import { evaluate, renderJinja, stackstormFilters } from "@bellhop/expression";
import { expect, test } from "vitest";
import { kvNames, kvUser, type Datastore } from "./names.ts";

const sealed = (text: string): Sealed => ({ $sealed: { kid: "k", iv: "", data: text, tag: "" } });
const values: Readonly<Record<string, unknown>> = {
  "system//region": "eu",
  "system//db.host": "db1",
  "system//db": "the database",
  "system//limits": { cpu: 3 },
  "system//token": sealed("t0ken"),
  "user/slack:T1/U2/nick": "ana",
  "pack/deploy/last": "v3",
};
const keyOf = ({ scope, owner = "", name }: KvPlace) => `${scope}/${owner}/${name}`;
const datastore: Datastore = {
  find(place) {
    const value = values[keyOf(place)];
    return value === undefined ? undefined : { value, ...(place.name === "token" ? { secret: true } : {}) };
  },
  leadsOn: (place) => Object.keys(values).some((key) => key.startsWith(`${keyOf(place)}.`)),
  open: ({ $sealed }) => $sealed.data,
};
const names = () => kvNames(datastore, { user: "slack:T1/U2", pack: "deploy" });

test.each([
  ["{{ st2kv.system.region }}", "eu"],
  ["{{ st2kv.system['db.host'] }}", "db1"],
  ["{{ st2kv.system.db.host }}, {{ st2kv.system.db }}", "db1, the database"],
  ["[{{ st2kv.system.none }}{{ st2kv.system.db.none }}{{ st2kv.user.none.at.all }}]", "[]"],
  ["{{ st2kv.system.none | default('x') }}", "x"],
  ["{{ st2kv.system.limits.cpu + 1 }}", "4"],
  ["{% if st2kv.system.region == 'eu' %}yes{% endif %}", "yes"],
  ["{{ st2kv.user.nick }} {{ st2kv.pack.last }}", "ana v3"],
  ["{{ st2kv.system.token | decrypt_kv }}", "t0ken"],
])("a template sees %s as %s", (template, expected) => {
  const { st2kv } = names();
  expect(renderJinja(template, { variables: { st2kv }, filters: stackstormFilters })).toBe(expected);
});

test("a secret is shown closed, and that it was opened is told once", () => {
  const seen = names();
  const { st2kv } = seen;
  const render = (text: string) => renderJinja(text, { variables: { st2kv }, filters: stackstormFilters });
  expect(JSON.parse(render("{{ st2kv.system.token }}"))).toEqual(sealed("t0ken"));
  expect(seen.opened()).toBe(false);
  expect(render("Bearer {{ st2kv.system.token | decrypt_kv }}")).toBe("Bearer t0ken");
  expect([seen.opened(), seen.opened()]).toEqual([true, false]);
});

test.each([
  ["<% st2kv('system.region') %>", "eu"],
  ["{{ st2kv('system.region') }}", "eu"],
  ["<% st2kv('nick') %>", "ana"],
  ["<% st2kv('pack.last') %>", "v3"],
  ["<% st2kv('system.limits').cpu %>", 3],
  ["<% st2kv('system.none', default => 'x') %>", "x"],
  ["{{ st2kv('system.none', default='x') }}", "x"],
  ["<% st2kv('system.token', decrypt => true) %>", "t0ken"],
  ["{{ st2kv('system.token', decrypt=true) }}", "t0ken"],
])("an expression sees %s as %j", (text, expected) => {
  expect(evaluate(text, { functions: { st2kv: names().lookUp } })).toEqual(expected);
});

test("an expression that asks for what is not there, with nothing in its place, fails and names it", () => {
  expect(() => evaluate("<% st2kv('system.none') %>", { functions: { st2kv: names().lookUp } })).toThrow('"system.none" does not exist');
});

test("a person sees their own values, and all rules see those of one user", () => {
  expect(kvUser({ platform: "slack", space: "T1", id: "U2", kind: "human" })).toBe("slack:T1/U2");
  expect(kvUser({ platform: "rule", id: "pack.rule", kind: "bot" })).toBe("rule");
});
