import { followConfigs, type Bus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import {
  configContext,
  datastorePlaces,
  instancesOf,
  layersOf,
  withoutValues,
  type ConfigContext,
  type ConfigLayer,
  type ConfigSchema,
  type Datastore,
} from "@bellhop/core";
import type { GivenConfig, Keyring } from "@bellhop/service";

/** What packs can be configured with, and what this machine says of it. */
export interface Configured {
  given: GivenConfig;
  /** Of the version of a pack that is active; undefined where it has no configuration. */
  schemaOf: (pack: string) => ConfigSchema | undefined;
}

/** Packs' configurations as templates of their definitions see them: what was set is followed, so that a new value counts from the next decision on. */
export interface KnownConfigs {
  of(of: { pack: string; instance?: string; user: string }): ConfigContext | undefined;
  /** Resolves when everything is known that was set before the call. */
  caughtUp(): Promise<void>;
  ready: Promise<void>;
  stop(): void;
}

/** @param at.datastore what their values take from there */
export function knownConfigs(at: { bus: Pick<Bus, "bucket">; keyring: Keyring; datastore: Datastore } & Configured): KnownConfigs {
  const { given, keyring, datastore, schemaOf } = at;
  const configs = followConfigs(at.bus);
  /** Those that take nothing from the datastore, by pack and instance, as one schema has them. */
  const known = new Map<string, { schema: ConfigSchema; context: ConfigContext }>();
  configs.onChange(() => known.clear());
  return {
    of(of) {
      const { pack, instance, user } = of;
      const schema = schemaOf(pack);
      if (schema === undefined) return undefined;
      const key = `${pack}/${instance ?? ""}`;
      const before = known.get(key);
      if (before?.schema === schema) return before.context;
      const set = configs.of(pack).map((one): ConfigLayer => ({ ...one, from: "stored" }));
      let layers: ConfigLayer[];
      try {
        layers = layersOf(given, { pack, schema, set });
      } catch (error) {
        // A file that can't be read is the fault of whoever asks for it, not of all that is decided with it.
        return withoutValues(schema, toProblem(error));
      }
      const context = configContext({ schema, layers, of, user, datastore, seal: (value) => keyring.seal(value) });
      const takes = datastorePlaces({ schema, layers: layers.map(({ values }) => values) }, { user, pack }) !== undefined;
      // Anybody can name an instance.
      const isGiven = instance === undefined || instancesOf(layers).includes(instance);
      if (!takes && isGiven) known.set(key, { schema, context });
      return context;
    },
    caughtUp: () => configs.caughtUp(),
    ready: configs.ready,
    stop: () => configs.stop(),
  };
}
