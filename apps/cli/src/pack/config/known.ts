import type { Bus } from "@bellhop/bus";
import { buckets, configKey, instanceOfKey, type PackConfig, type PackVersion } from "@bellhop/contracts";
import { instanceName, layersOf as allLayers, type ConfigLayer, type ConfigSchema } from "@bellhop/core";
import { activeVersion, fetchVersion, installedVersions } from "@bellhop/pack-loader";
import { commonConfig, givenConfig, type Env, type GivenConfig } from "@bellhop/service";
import { UsageError } from "../../report.ts";
import { withBus } from "../../with-bus.ts";
import { noSuchPack } from "../no-such-pack.ts";

/** A pack's configuration, as far as it can be known from here. */
export interface KnownConfig {
  bus: Bus;
  /** `.bellhop` */
  folder: string;
  version: PackVersion;
  schema: ConfigSchema;
  /** Environment and files are those of this machine; a runner elsewhere has its own. */
  layers: ConfigLayer[];
}

/** Looks a pack's configuration up where it runs, and does something with it.
 *  @throws Problem not_running, pack_unknown */
export async function withConfig<Result>(pack: string, env: Env, use: (known: KnownConfig) => Promise<Result>): Promise<Result> {
  const { folder, file } = commonConfig(env, "cli");
  return await withBus(env, "bellhop pack config", async (bus) => {
    const version = await versionOf(bus, pack);
    const schema = version.config ?? {};
    return await use({ bus, folder, version, schema, layers: await layersOf({ bus, pack, schema, given: givenConfig(env, file) }) });
  });
}

/** All that is known from here of a pack's values. */
export async function layersOf(at: { bus: Bus; pack: string; schema: ConfigSchema; given: GivenConfig }): Promise<ConfigLayer[]> {
  const { bus, pack, schema, given } = at;
  const own = configKey({ pack });
  const stored = bus.bucket(buckets.config);
  const entries = (await Promise.all([stored.entries(own), stored.entries(`${own}.*`)])).flat();
  const set = entries.map(({ key, value: { values } }): ConfigLayer => ({ ...instanceOfKey(pack, key), from: "stored", values }));
  return allLayers(given, { pack, schema, set });
}

/** What was set of a configuration, secrets sealed. */
export async function storedValues(bus: Bus, of: { pack: string; instance?: string }): Promise<PackConfig["values"] | undefined> {
  return (await bus.bucket(buckets.config).get(configKey(of)))?.value.values;
}

/** Changes what was set of a configuration, whoever else does so meanwhile. What has no values left is not kept. */
export async function changeStored(
  bus: Bus,
  of: { pack: string; instance?: string },
  change: (values: PackConfig["values"]) => PackConfig["values"],
): Promise<void> {
  const bucket = bus.bucket(buckets.config);
  const key = configKey(of);
  for (;;) {
    const current = await bucket.get(key);
    const values = change(current?.value.values ?? {});
    const wanted: PackConfig = { v: 1, values };
    if (Object.keys(values).length === 0) {
      if (current === undefined || (await bucket.delete(key, current.revision))) return;
      continue;
    }
    const done = current === undefined ? await bucket.create(key, wanted) : await bucket.update(key, wanted, current.revision);
    if (done !== undefined) return;
  }
}

/** @throws UsageError where no instance can be called so */
export function checkInstance(instance: string | undefined): void {
  if (instance !== undefined && !instanceName.test(instance))
    throw new UsageError(`--instance ${instance}: expected a name of letters, digits, _ and -, 48 at most.`);
}

/** The version that answers; where none does, the one that was installed last. */
async function versionOf(bus: Bus, pack: string): Promise<PackVersion> {
  const active = await activeVersion(bus, pack);
  if (active !== undefined) return await fetchVersion(bus, active.digest);
  const [newest] = await installedVersions(bus, pack);
  if (newest !== undefined) return await fetchVersion(bus, newest.digest);
  throw await noSuchPack(bus, pack);
}
