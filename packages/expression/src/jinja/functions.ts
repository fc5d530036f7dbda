import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { jsonDump, jsonEscape, jsonParse } from "../functions/json.ts";
import { jsonpathQuery } from "../functions/jsonpath.ts";
import { basename, dirname, humanTime, regexMatch, regexReplace, regexSearch, regexSubstring, useNone } from "../functions/text.ts";
import { versionBump, versionCompare, versionMatch, versionStripPatch } from "../functions/version.ts";
import { yamlDump } from "../functions/yaml-dump.ts";
import { yamlLoad } from "../functions/yaml-load.ts";
import { float, isInt } from "../number.ts";
import { truth, typeName } from "../value/equal.ts";
import { Dict, entriesOf, isMapping, isSequence, Lookup, Tuple } from "../value/kinds.ts";
import { str } from "../value/text.ts";
import { orquesta } from "../yaql/library/orquesta.ts";
import { type Host, library } from "../yaql/signature.ts";
import { Scope } from "../yaql/scope.ts";
import type { HostFunction } from "./outside.ts";
import { Arguments } from "./objects.ts";

type Values = readonly unknown[];

/** `name!` has to be given. */
const data: Readonly<Record<string, readonly [parameters: readonly string[], run: (values: Values, budget: Budget) => unknown]>> = {
  from_json_string: [["value!"], ([value]) => within64Bits(jsonParse(str(value)))],
  from_yaml_string: [["value!"], ([value], budget) => yamlLoad(str(value), budget)],
  to_json_string: [
    ["value!", "indent", "sort_keys", "separators"],
    ([value, indent, sortKeys = false, separators], budget) => {
      const [item, key] = isSequence(separators) ? separators : [",", ": "];
      const blanks = typeof indent === "number" || typeof indent === "string" ? indent : null;
      return jsonDump(value, { indent: blanks, sortKeys: truth(sortKeys), separators: [text(item), text(key)] }, budget);
    },
  ],
  to_yaml_string: [
    ["value!", "indent", "allow_unicode"],
    ([value, indent, unicode = true], budget) =>
      yamlDump(value, { indent: typeof indent === "number" ? indent : undefined, unicode: truth(unicode) }, budget),
  ],
  json_escape: [["value!"], ([value], budget) => jsonEscape(value, budget)],
  jsonpath_query: [["value!", "query!"], ([value, query], budget) => jsonpathQuery(value, text(query), budget)],
  use_none: [["value!"], ([value]) => useNone(value)],
  basename: [["path!"], ([path]) => basename(text(path))],
  dirname: [["path!"], ([path]) => dirname(text(path))],
  regex_match: [
    ["value!", "pattern!", "ignorecase"],
    ([value, pattern, ignoreCase = false], budget) => regexMatch(value, { pattern: text(pattern), ignoreCase: truth(ignoreCase) }, budget),
  ],
  regex_search: [
    ["value!", "pattern!", "ignorecase"],
    ([value, pattern, ignoreCase = false], budget) => regexSearch(value, { pattern: text(pattern), ignoreCase: truth(ignoreCase) }, budget),
  ],
  regex_replace: [
    ["value!", "pattern!", "replacement!", "ignorecase"],
    ([value, pattern, by, ignoreCase = false], budget) =>
      regexReplace(value, { pattern: text(pattern), by: text(by), ignoreCase: truth(ignoreCase) }, budget),
  ],
  regex_substring: [
    ["value!", "pattern!", "result_index", "ignorecase"],
    ([value, pattern, place = 0, ignoreCase = false], budget) =>
      regexSubstring(value, { pattern: text(pattern), place: Number(place), ignoreCase: truth(ignoreCase) }, budget),
  ],
  to_human_time_from_seconds: [["seconds!"], ([seconds]) => humanTime(seconds)],
  version_compare: [["value!", "pattern!"], ([value, other]) => versionCompare(value, other)],
  version_more_than: [["value!", "pattern!"], ([value, other]) => versionCompare(value, other) > 0],
  version_less_than: [["value!", "pattern!"], ([value, other]) => versionCompare(value, other) < 0],
  version_equal: [["value!", "pattern!"], ([value, other]) => versionCompare(value, other) === 0],
  version_match: [["value!", "pattern!"], ([value, pattern]) => versionMatch(value, pattern)],
  version_bump_major: [["value!"], ([value]) => versionBump(value, "major")],
  version_bump_minor: [["value!"], ([value]) => versionBump(value, "minor")],
  version_bump_patch: [["value!"], ([value]) => versionBump(value, "patch")],
  version_strip_patch: [["value!"], ([value]) => versionStripPatch(value)],
};

const dataFunctions: ReadonlyMap<string, HostFunction> = new Map(
  Object.entries(data).map(([name, [parameters, run]]): [string, HostFunction] => [
    name,
    (args, named, budget) => run(new Arguments(args, named).bind(name, ...parameters), budget),
  ]),
);

/** What StackStorm adds to Jinja's filters in rules, parameters and aliases. `decrypt_kv` opens what the value itself has a key for. */
export const stackstormFilters: ReadonlyMap<string, HostFunction> = new Map<string, HostFunction>([
  ...dataFunctions,
  ["to_complex", ([value], _named, budget) => jsonDump(value, {}, budget)],
  [
    "decrypt_kv",
    ([value]) => {
      if (value instanceof Lookup && value.open !== undefined) return value.open();
      if (value instanceof Lookup && value.missing) throw new Fault("ValueError", "there is no such value to decrypt");
      throw new Fault(
        "CryptoKeyNotSetupException",
        "decrypt_kv has no key here: it takes a secret of the datastore, as in st2kv.system.name | decrypt_kv",
      );
    },
  ],
]);

/** What a workflow's expressions can call, and use as filters: the functions of orquesta and of StackStorm. */
export function workflowFunctions(host: Host): ReadonlyMap<string, HostFunction> {
  const brought = Object.entries(host.functions).map(([name, own]): [string, HostFunction] => [
    name,
    (args, named) => own(args, Object.fromEntries(named)),
  ]);
  return new Map([...stateless, ...contextual(host), ...brought]);
}

const stateless: ReadonlyMap<string, HostFunction> = new Map<string, HostFunction>([
  ...dataFunctions,
  ...(
    [
      ["json_parse", "from_json_string"],
      ["json_dump", "to_json_string"],
      ["yaml_parse", "from_yaml_string"],
      ["yaml_dump", "to_yaml_string"],
    ] as const
  ).flatMap(([name, like]): [string, HostFunction][] => {
    const known = dataFunctions.get(like);
    return known === undefined ? [] : [[name, known]];
  }),
  [
    "json",
    ([value]) => {
      if (typeof value !== "string") throw new Fault("TypeError", "Given object is not typeof string.");
      return jsonParse(value);
    },
  ],
  [
    "zip",
    (args, named, budget) => {
      const lists = args.map((arg) => listOf(arg));
      if (lists.length < 2) return lists[0] ?? [];
      const length = Math.max(...lists.map((list) => list.length));
      budget.size(length * lists.length);
      const pad = named.get("pad") ?? null;
      return Array.from({ length }, (_, place) => tuple(lists.map((list) => (place < list.length ? list[place] : pad))));
    },
  ],
]);

const own = library([orquesta]).functions;

/** `ctx`, `item`, `result` and what else looks at the task that is over. */
function contextual(host: Host): [string, HostFunction][] {
  return Array.from(own, ([name, [form]]): [string, HostFunction] => [
    name,
    (args, named, budget) => {
      if (form === undefined) throw new Error(`${name} has no form`);
      const parameters = form.parameters.map((parameter) => (parameter.required ? `${parameter.name}!` : parameter.name));
      const values = new Arguments(args, named).bind(name, ...parameters);
      const given = values.map((value, index) => (value === undefined ? form.parameters[index]?.default : value));
      const call = {
        budget,
        host,
        named: {},
        scope: new Scope(),
        receiver: undefined,
        operate: refused,
        callByName: refused,
        within: refused,
      };
      return form.run(call, ...given);
    },
  ]).filter(([name]) => name !== "zip");
}

function refused(): never {
  throw new Error("what looks at the context calls nothing");
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Fault("TypeError", `expected a text, not ${typeName(value)}`);
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === null) return [];
  if (isSequence(value)) return value;
  if (typeof value === "string") return Array.from(value);
  if (isMapping(value)) return Array.from(entriesOf(value), ([key]) => key);
  throw new Fault("TypeError", `'${typeName(value)}' object is not iterable`);
}

function tuple(items: readonly unknown[]): Tuple {
  const made = new Tuple();
  for (const item of items) made.push(item);
  return made;
}

/** The parser that StackStorm uses makes floats of longer ints. */
function within64Bits(value: unknown): unknown {
  if (typeof value === "bigint") return value >= -(2n ** 63n) && value < 2n ** 64n ? value : float(Number(value));
  if (isInt(value) || typeof value !== "object" || value === null) return value;
  if (isSequence(value)) return value.map(within64Bits);
  if (!isMapping(value)) return value;
  return new Dict(Array.from(entriesOf(value), ([key, inner]) => [key, within64Bits(inner)] as const));
}
