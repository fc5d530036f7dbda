import type { Bus } from "@bellhop/bus";
import { buckets, instanceOfKey, type Sealed } from "@bellhop/contracts";
import { configContext, layersOf, type ConfigLayer, type ConfigSchema, type Datastore } from "@bellhop/core";
import { commonConfig, givenConfig, type Env } from "@bellhop/service";

/** What packs can be configured with, by their names. */
export type ConfigSchemas = ReadonlyMap<string, ConfigSchema>;

/** A datastore with which rules see `config_context` too, as this machine gives it. What is found is printed, so secrets stay closed.
 *  @param at.set what was set of a pack's configuration; nothing where nothing runs that could say it */
export function withConfigs(
  datastore: Datastore,
  at: { env: Env; schemas: ConfigSchemas; set?: (pack: string) => readonly ConfigLayer[] },
): Datastore {
  const { env, schemas, set = () => [] } = at;
  const given = givenConfig(env, commonConfig(env, "cli").file);
  return {
    ...datastore,
    configOf({ user, ...of }) {
      const schema = schemas.get(of.pack);
      if (schema === undefined) return undefined;
      const layers = layersOf(given, { pack: of.pack, schema, set: set(of.pack) });
      return configContext({ schema, layers, of, user, datastore, seal: () => closed });
    },
    openConfig() {
      throw new Error("secrets are not opened where what they say is shown");
    },
  };
}

/** What was set of packs' configurations where they run, secrets sealed. */
export async function configsSet(bus: Bus): Promise<(pack: string) => ConfigLayer[]> {
  const entries = await bus.bucket(buckets.config).entries(">");
  return (pack) =>
    entries.flatMap(({ key, value: { values } }) => {
      const belongs = instanceOfKey(pack, key);
      return belongs === undefined ? [] : [{ ...belongs, from: "stored" as const, values }];
    });
}

const closed: Sealed = { $sealed: { kid: "closed", iv: "", data: "", tag: "" } };
