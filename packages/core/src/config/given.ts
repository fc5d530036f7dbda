import type { ConfigSchema } from "./check.ts";
import { instancesOf, type ConfigLayer } from "./settings.ts";
import { configVariable } from "./words.ts";

type Values = Readonly<Record<string, unknown>>;

/** What a machine says of packs' configurations: its variables, `packConfig:` of its bellhop.yaml, the file of the pack in its folder `configs`. */
export interface Given {
  readonly env: Readonly<Record<string, string | undefined>>;
  of(pack: string): { readonly values: Values; readonly instances: Readonly<Record<string, Values>>; readonly inFolder: Values };
}

/** All that is said of a pack's configuration, there and by what was `set` for everybody. */
export function layersOf(given: Given, at: { pack: string; schema: ConfigSchema; set: readonly ConfigLayer[] }): ConfigLayer[] {
  const { pack, schema, set } = at;
  const { values, instances, inFolder } = given.of(pack);
  const inFiles: ConfigLayer[] = [
    { from: "bellhop.yaml", values },
    ...Object.entries(instances).map(([instance, own]) => ({ from: "bellhop.yaml" as const, instance, values: own })),
    { from: "configs folder", values: inFolder },
  ];
  // A variable has the name of an instance in capitals.
  const known = [...instancesOf(set), ...Object.keys(instances)];
  return [...environmentLayers({ env: given.env, pack, schema, instances: known }), ...inFiles, ...set];
}

function environmentLayers(at: { env: Given["env"]; pack: string; schema: ConfigSchema; instances: readonly string[] }): ConfigLayer[] {
  const { env, pack, schema } = at;
  const named = new Set([...at.instances, ...instancesIn(at)]);
  return [undefined, ...named].flatMap((instance): ConfigLayer[] => {
    const of = { pack, ...(instance === undefined ? {} : { instance }) };
    const given = Object.keys(schema).map((name) => [name, env[configVariable({ ...of, name })]] as const);
    const values = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    return Object.keys(values).length === 0 ? [] : [{ from: "environment", ...(instance === undefined ? {} : { instance }), values }];
  });
}

/** Instances that only variables name: theirs are small letters. */
function instancesIn(at: { env: Given["env"]; pack: string; schema: ConfigSchema; instances: readonly string[] }): string[] {
  const { env, pack, schema } = at;
  const names = Object.keys(schema);
  const known = new Set(at.instances.flatMap((instance) => names.map((name) => configVariable({ pack, instance, name }))));
  const before = configVariable({ pack, instance: "", name: "" }).replace(/__$/, "");
  const after = names.map((name) => configVariable({ pack, instance: "", name }).slice(before.length));
  return Object.keys(env).flatMap((variable) => {
    const end = variable.startsWith(before) && !known.has(variable) ? after.find((one) => variable.endsWith(one)) : undefined;
    const instance = end === undefined ? "" : variable.slice(before.length, -end.length);
    return instance === "" ? [] : [instance.toLowerCase()];
  });
}
