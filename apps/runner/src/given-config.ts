import { configVariable, type ConfigLayer, type ConfigSchema } from "@bellhop/core";
import { loadConfig, packConfigFile, revealed, type Env } from "@bellhop/service";
import { z } from "zod";

/** What this machine says of packs' configurations, in its environment and its files. */
export interface GivenConfig {
  /** The layers of a pack. @param instances those that are known from elsewhere: a variable has their names in capitals. @throws Problem config_invalid */
  layersOf(pack: string, schema: ConfigSchema, instances: readonly string[]): ConfigLayer[];
}

const Values = z.record(z.string(), z.unknown());

/** What bellhop.yaml says of packs' configurations. */
export const PackConfigFile = z.object({
  packConfig: z
    .record(
      z.string(),
      z.looseObject({ instances: z.record(z.string(), Values).optional().describe("Named instances, each on top of these.") }),
    )
    .default({})
    .describe("What packs are configured with, by the pack's name."),
});

/** Reads `packConfig:` of bellhop.yaml now, and `configs/<pack>.yaml` beside it when the pack is first asked for.
 *  @throws Problem config_invalid */
export function givenConfig(env: Env, file: Record<string, unknown>): GivenConfig {
  const { packConfig } = loadConfig({ schema: PackConfigFile, values: { packConfig: revealed(file.packConfig) }, where: "bellhop.yaml" });
  const configs = new Map<string, Record<string, unknown>>();
  const configOf = (pack: string) => {
    const known = configs.get(pack) ?? Values.parse(revealed(packConfigFile(env, pack)));
    configs.set(pack, known);
    return known;
  };
  return {
    layersOf(pack, schema, elsewhere) {
      const { instances = {}, ...values } = packConfig[pack] ?? {};
      const inFiles: ConfigLayer[] = [
        { from: "bellhop.yaml", values },
        ...Object.entries(instances).map(([instance, own]) => ({ from: "bellhop.yaml" as const, instance, values: own })),
        { from: "configs folder", values: configOf(pack) },
      ];
      return [...environmentLayers({ env, pack, schema, instances: [...elsewhere, ...Object.keys(instances)] }), ...inFiles];
    },
  };
}

function environmentLayers(at: { env: Env; pack: string; schema: ConfigSchema; instances: readonly string[] }): ConfigLayer[] {
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
function instancesIn(at: { env: Env; pack: string; schema: ConfigSchema; instances: readonly string[] }): string[] {
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
