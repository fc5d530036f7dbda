import { Fault } from "../../error.ts";
import { jsonDump, jsonEscape, jsonParse } from "../../functions/json.ts";
import { jsonpathQuery } from "../../functions/jsonpath.ts";
import { basename, dirname, humanTime, regexMatch, regexReplace, regexSearch, regexSubstring, useNone } from "../../functions/text.ts";
import { yamlDump } from "../../functions/yaml-dump.ts";
import { yamlLoad } from "../../functions/yaml-load.ts";
import { versionBump, versionCompare, versionMatch, versionStripPatch } from "../../functions/version.ts";
import { truth } from "../../value/equal.ts";
import { Dict, getKey, hasKey, isMapping, isSequence, List, sizeOf } from "../../value/kinds.ts";
import { released } from "../output.ts";
import type { Call, HostFunction, Table } from "../signature.ts";

/* The functions that StackStorm adds, under its names. */

const dump = ({ budget }: Call, value: unknown, indent: unknown, sortKeys: unknown, separators: unknown): string => {
  const [item, key] = isSequence(separators) ? separators : [];
  const own = typeof item === "string" && typeof key === "string" ? ([item, key] as const) : ([",", ": "] as const);
  const blanks = typeof indent === "number" || typeof indent === "string" ? indent : null;
  return jsonDump(released(value, budget), { indent: blanks, sortKeys: truth(sortKeys), separators: own }, budget);
};
const parse = (_call: Call, value: unknown) => fromOutside(jsonParse(wanted(value)));
const dumpYaml = ({ budget }: Call, value: unknown, indent: unknown, unicode: unknown): string =>
  yamlDump(released(value, budget), { indent: typeof indent === "number" ? indent : undefined, unicode: truth(unicode) }, budget);
const loadYaml = ({ budget }: Call, value: unknown) => fromOutside(yamlLoad(wanted(value), budget));

export const stackstorm: Table = {
  "json(s:any?)": (_call: Call, value: unknown) => {
    if (typeof value !== "string") throw new Fault("TypeError", "Given object is not typeof string.");
    return fromOutside(jsonParse(value));
  },
  "from_json_string(value:any?)": parse,
  "json_parse(value:any?)": parse,
  "to_json_string(value:any?, indent:any?=null, sort_keys:any?=false, separators:any?=null)": dump,
  "json_dump(value:any?, indent:any?=null, sort_keys:any?=false, separators:any?=null)": dump,
  "to_yaml_string(value:any?, indent:any?=null, allow_unicode:any?=true)": dumpYaml,
  "yaml_dump(value:any?, indent:any?=null, allow_unicode:any?=true)": dumpYaml,
  "from_yaml_string(value:any?)": loadYaml,
  "yaml_parse(value:any?)": loadYaml,
  "jsonpath_query(value:any?, query:text)": ({ budget }: Call, value: unknown, query: string) =>
    jsonpathQuery(released(value, budget), query, budget),
  "json_escape(value:any?)": ({ budget }: Call, value: unknown) => jsonEscape(released(value, budget), budget),
  "use_none(value:any?)": (_call: Call, value: unknown) => useNone(value),
  "basename(path:any?)": (_call: Call, path: unknown) => basename(wanted(path)),
  "dirname(path:any?)": (_call: Call, path: unknown) => dirname(wanted(path)),
  "regex_match(value:any?, pattern:text, ignorecase:any?=false)": (
    { budget }: Call,
    value: unknown,
    pattern: string,
    ignoreCase: unknown,
  ) => regexMatch(value, { pattern, ignoreCase: truth(ignoreCase) }, budget),
  "regex_search(value:any?, pattern:text, ignorecase:any?=false)": (
    { budget }: Call,
    value: unknown,
    pattern: string,
    ignoreCase: unknown,
  ) => regexSearch(value, { pattern, ignoreCase: truth(ignoreCase) }, budget),
  "regex_replace(value:any?, pattern:text, replacement:text, ignorecase:any?=false)": (
    { budget }: Call,
    value: unknown,
    pattern: string,
    by: string,
    ignoreCase: unknown,
  ) => regexReplace(value, { pattern, by, ignoreCase: truth(ignoreCase) }, budget),
  "regex_substring(value:any?, pattern:text, result_index:int=0, ignorecase:any?=false)": (
    { budget }: Call,
    value: unknown,
    pattern: string,
    place: number,
    ignoreCase: unknown,
  ) => regexSubstring(value, { pattern, place: Number(place), ignoreCase: truth(ignoreCase) }, budget),
  "to_human_time_from_seconds(seconds:any?)": (_call: Call, seconds: unknown) => humanTime(seconds),
  "version_compare(value:any?, pattern:any?)": (_call: Call, value: unknown, other: unknown) => versionCompare(value, other),
  "version_more_than(value:any?, pattern:any?)": (_call: Call, value: unknown, other: unknown) => versionCompare(value, other) > 0,
  "version_less_than(value:any?, pattern:any?)": (_call: Call, value: unknown, other: unknown) => versionCompare(value, other) < 0,
  "version_equal(value:any?, pattern:any?)": (_call: Call, value: unknown, other: unknown) => versionCompare(value, other) === 0,
  "version_match(value:any?, pattern:any?)": (_call: Call, value: unknown, pattern: unknown) => versionMatch(value, pattern),
  "version_bump_major(value:any?)": (_call: Call, value: unknown) => versionBump(value, "major"),
  "version_bump_minor(value:any?)": (_call: Call, value: unknown) => versionBump(value, "minor"),
  "version_bump_patch(value:any?)": (_call: Call, value: unknown) => versionBump(value, "patch"),
  "version_strip_patch(value:any?)": (_call: Call, value: unknown) => versionStripPatch(value),
  "st2kv(key:any?, decrypt:any?=false, default:any?=)": (call: Call, key: unknown, decrypt: unknown, fallback: unknown) =>
    brought(
      call,
      "st2kv",
      "KeyError",
      "Could not get user from context.",
    )([key], fallback === undefined ? { decrypt } : { decrypt, default: fallback }),
  "task(task_name:any?=null, route:any?=null)": (call: Call, name: unknown, route: unknown) =>
    brought(call, "task", "ExpressionEvaluationException", `Unable to find task execution for "${String(name)}".`)([name, route], {}),
};

/** A function that whoever evaluates has to bring. */
function brought({ host }: Call, name: string, type: string, message: string): HostFunction {
  const own = Object.hasOwn(host.functions, name) ? host.functions[name] : undefined;
  if (own === undefined) throw new Fault(type, message);
  return (args, named) => fromOutside(own(args, named));
}

/** What was read is lists to YAQL, not the tuples that its input is. */
function fromOutside(value: unknown): unknown {
  if (isSequence(value)) return List.from(value, fromOutside);
  return isMapping(value) && !(value instanceof Dict) ? new Outside(value) : value;
}

/** Reads no more of a mapping than is asked for. */
class Outside extends Dict {
  readonly #mapping: Readonly<Record<string, unknown>>;

  constructor(mapping: Readonly<Record<string, unknown>>) {
    super();
    this.#mapping = mapping;
  }

  override get(key: unknown): unknown {
    const found = getKey(this.#mapping, key);
    return found === undefined ? undefined : fromOutside(found);
  }

  override has(key: unknown): boolean {
    return hasKey(this.#mapping, key);
  }

  override get size(): number {
    return sizeOf(this.#mapping);
  }

  override entries(): Iterable<[unknown, unknown]> {
    return Object.entries(this.#mapping).map(([key, inner]) => [key, fromOutside(inner)]);
  }
}

function wanted(value: unknown): string {
  if (typeof value !== "string") throw new Fault("TypeError", "a text is wanted");
  return value;
}
