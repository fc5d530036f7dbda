import { kvKey, type KvPlace, type KvRecord, type Parameter, type Sealed } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { datastoreOf, datastorePlaces, fillConfig } from "./from-datastore.ts";

const sealed = (data: string): Sealed => ({ $sealed: { kid: "k", iv: "", data, tag: "" } });
const schema: Record<string, Parameter> = {
  url: { type: "string", format: "uri" },
  token: { type: "string", secret: true },
  tries: { type: "integer", minimum: 1 },
  limits: { type: "object" },
  smtp: { type: "object", properties: { host: { type: "string" }, port: { type: "integer" }, password: { type: "string", secret: true } } },
  hosts: { type: "array", items: { type: "string" } },
  login: { type: "object", secret: true },
};
const user = "slack:T1/U2";
const kept: readonly (KvPlace & Pick<KvRecord, "value" | "secret">)[] = [
  { scope: "system", name: "url", value: "https://a.test" },
  { scope: "system", name: "db.host", value: "db1" },
  { scope: "system", name: "limits", value: { cpu: 3, tags: ["a", "it's"] } },
  { scope: "system", name: "many", value: "9" },
  { scope: "system", name: "token", value: sealed("t0ken"), secret: true },
  { scope: "system", name: "foreign", value: sealed("no"), secret: true },
  { scope: "system", name: "loop", value: "{{ st2kv.system.url }}" },
  { scope: "system", name: "stolen", value: JSON.stringify(sealed("x")) },
  { scope: "user", owner: user, name: "nick", value: "ana" },
  { scope: "user", owner: "slack:T1/U9", name: "nick", value: "bob" },
  { scope: "pack", owner: "acme", name: "last", value: "v3" },
];
function open({ $sealed: { data } }: Sealed): string {
  if (data === "no") throw new Error("sealed under key 1, which is not here");
  return data;
}

/** With no more of the datastore than it says it looks at. */
function filled(values: Record<string, unknown>, instance?: string) {
  const places = new Set(datastorePlaces(values, { user, pack: "acme" })?.map(kvKey));
  const datastore = datastoreOf(
    kept.filter((one) => places.has(kvKey(one))),
    open,
  );
  const of = { pack: "acme", ...(instance === undefined ? {} : { instance }) };
  const config = fillConfig({ values, schema, of, user, datastore });
  return config.kind === "ok" ? config : `${config.problem.message} ${config.problem.hint}`;
}

test.each<[Record<string, unknown>, Record<string, unknown>, unknown[]]>([
  [{ url: "{{ st2kv.system.url }}/x" }, { url: "https://a.test/x" }, []],
  [{ url: "https://{{ st2kv.system.db.host }}" }, { url: "https://db1" }, []],
  [{ url: "http://{{st2kv.system['db.host']}}" }, { url: "http://db1" }, []],
  [{ url: "x:{{ st2kv.user.nick }}/{{ st2kv.pack.last }}" }, { url: "x:ana/v3" }, []],
  [{ tries: "{{ st2kv.system.many }}" }, { tries: 9 }, []],
  [{ tries: "{{ st2kv.system.none | default(4) }}" }, { tries: 4 }, []],
  [{ tries: "{% if st2kv.system.none is defined %}8{% else %}2{% endif %}" }, { tries: 2 }, []],
  [{ tries: "{{ st2kv.system.limits.cpu }}" }, { tries: 3 }, []],
  [{ limits: "{{ st2kv.system.limits }}" }, { limits: { cpu: 3, tags: ["a", "it's"] } }, []],
  [{ hosts: ["{{ st2kv.system.db.host }}", "b"] }, { hosts: ["db1", "b"] }, []],
  [{ hosts: "{{ st2kv.system.db.host }},b" }, { hosts: ["db1", "b"] }, []],
  [{ token: "{{ st2kv.system.token }}" }, { token: "t0ken" }, ["t0ken", "t0ken"]],
  [{ token: "{{ st2kv.system.token | decrypt_kv }}" }, { token: "t0ken" }, ["t0ken", "t0ken", "t0ken"]],
  [{ token: "Bearer {{ st2kv.system.token }}" }, { token: "Bearer t0ken" }, ["t0ken", "Bearer t0ken"]],
  [{ token: "{{ st2kv.system.db.host }}" }, { token: "db1" }, []],
  [{ url: "x:{{ st2kv.system.token | decrypt_kv }}" }, { url: "x:t0ken" }, ["t0ken", "x:t0ken"]],
  [
    { smtp: { host: "{{ st2kv.system.db.host }}", password: "{{ st2kv.system.token }}" } },
    { smtp: { host: "db1", password: "t0ken" } },
    ["t0ken", "t0ken"],
  ],
  [{ login: { pin: "{{ st2kv.system.token }}" } }, { login: { pin: "t0ken" } }, ["t0ken", "t0ken"]],
  [{ url: "{{ message }}", token: sealed("own") }, { url: "{{ message }}", token: sealed("own") }, []],
])("%j is filled in from the datastore", (values, expected, secrets) => {
  expect(filled(values)).toEqual({ kind: "ok", values: expected, secrets });
});

test.each<[Record<string, unknown>, string]>([
  [
    { url: "{{ st2kv.system.none.at.all }}" },
    "url in the configuration of acme can't be taken from the datastore: there is no st2kv.system.none.at.all. Set it with: `bellhop kv set none.at.all VALUE`.",
  ],
  [
    { smtp: { password: "{{ st2kv.user.pin }}" } },
    "smtp.password in the configuration of acme can't be taken from the datastore: there is no st2kv.user.pin. Set it with: `bellhop kv set pin --secret --user slack:T1/U2`.",
  ],
  [{ tries: "{{ st2kv.system.url }}" }, 'it can\'t be "https://a.test". It takes a whole number.'],
  [{ tries: "{{ st2kv.system.limits.cpu - 3 }}" }, 'it can\'t be "0". It takes 1 or more.'],
  [{ tries: "{{ st2kv.system.token | decrypt_kv }}" }, "it can't be what stands there. It takes a whole number."],
  [{ tries: "{{ st2kv.system.token | decrypt_kv | abs }}" }, "its template fails. Mend the template"],
  [{ token: "{{ st2kv.system.foreign }}" }, "a secret of the datastore can't be opened: sealed under key 1, which is not here"],
  [{ url: "{{ st2kv.sytem.url }}" }, "sytem"],
  [{ url: "{{ st2kv.system.loop }}" }, "It takes a value that is no template."],
  [{ limits: "{{ st2kv.system.stolen }}" }, "It takes a value without `$sealed`."],
])("%j is refused: %s", (values, expected) => {
  expect(filled(values)).toContain(expected);
});

test("an instance is named in what is wrong with it, and what is no template looks at nothing", () => {
  expect(filled({ url: "{{ st2kv.system.none }}" }, "work")).toContain("url in the configuration of acme (instance work) can't be");
  expect(datastorePlaces({ url: "st2kv.system.url", limits: { a: "{{ b }}" } }, { user, pack: "acme" })).toBeUndefined();
});
