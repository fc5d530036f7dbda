import { followConfigs, openKv, type Bus } from "@bellhop/bus";
import { kvPurpose, problem, ruleUser, type PackVersion } from "@bellhop/contracts";
import {
  configOf,
  datastoreOf,
  datastorePlaces,
  fillConfig,
  layersOf,
  mapSecrets,
  settingsOf,
  unknownInstance,
  type ConfigLayer,
} from "@bellhop/core";
import { maySee, type GivenConfig, type Keyring } from "@bellhop/service";
import { openInput, secretTexts } from "./secrets.ts";

/** What an action is given of its pack's configuration. */
export interface OpenedConfig {
  values: Record<string, unknown>;
  /** What must not be seen in anything that leaves the runner. */
  secrets: readonly string[];
}

/** Packs' configurations as they are now: what was set is followed, so that a new value counts from the next attempt on. */
export interface PackConfigs {
  /** @param at.user as whose values of the datastore are seen; absent: the user of rules
   *  @throws Problem pack_config_missing, pack_config_invalid, pack_config_instance_unknown, pack_config_template, pack_config_unread */
  valuesFor(at: {
    version: Pick<PackVersion, "name" | "digest" | "config">;
    action: string;
    instance?: string;
    user?: string;
  }): Promise<OpenedConfig>;
  /** Calls when what was set for a pack's unnamed configuration changes. */
  onChange(listener: (pack: string) => void): { stop(): void };
  stop(): void;
}

/** @param at.systemValues whether defaults of packs' schemas may take values of the installation, or which packs' may
 *  @param at.patienceMs how long an attempt waits for what was set to be read for the first time */
export function openPackConfigs(at: {
  bus: Pick<Bus, "bucket">;
  given: GivenConfig;
  keyring: Keyring;
  systemValues: boolean | readonly string[];
  patienceMs: number;
}): PackConfigs {
  const { bus, keyring, patienceMs, systemValues } = at;
  const kv = openKv(bus);
  /** Those that take nothing from the datastore. */
  const known = new Map<string, OpenedConfig>();
  const configs = followConfigs(bus);
  configs.onChange(() => known.clear());
  let isRead = false;
  const read = configs.ready.then(() => {
    isRead = true;
    return "read" as const;
  });

  /** As they stand, templates and sealed secrets among them. */
  function given({ version, action, instance }: Wanted): Record<string, unknown> {
    const { name: pack, config: schema = {} } = version;
    const of = { pack, ...(instance === undefined ? {} : { instance }) };
    const set = configs.of(pack).map((one): ConfigLayer => ({ ...one, from: "stored" }));
    const layers = layersOf(at.given, { pack, schema, set });
    const unknown = instance === undefined ? undefined : unknownInstance({ pack, instance }, schema, layers);
    if (unknown !== undefined) throw unknown;
    const config = configOf(settingsOf({ schema, layers, ...of }), of, action);
    if (config.kind === "refused") throw config.problem;
    return config.values;
  }

  /** Read anew for each attempt. */
  async function filled(values: Record<string, unknown>, wanted: Wanted): Promise<OpenedConfig | undefined> {
    const { version, instance, user = ruleUser } = wanted;
    const { name: pack, config: schema = {} } = version;
    const places = datastorePlaces(values, { user, pack });
    if (places === undefined) return undefined;
    const found = (await Promise.all(places.map(async (place) => await kv.get(place)))).filter((one) => one !== undefined);
    const opening = datastoreOf(found, (sealed) => keyring.open(sealed, kvPurpose));
    const datastore = { ...opening, maySee: (one: string) => maySee(systemValues, one) };
    const config = fillConfig({ values, schema, of: { pack, ...(instance === undefined ? {} : { instance }) }, user, datastore });
    if (config.kind === "refused") throw config.problem;
    return opened(config.values, { version, secrets: config.secrets });
  }

  function opened(given: Record<string, unknown>, at: Pick<Wanted, "version"> & { secrets: readonly unknown[] }): OpenedConfig {
    const { name: pack, config: schema = {} } = at.version;
    const { input: values, secrets } = open(given, pack);
    // Those as well that this machine's environment and files have in the open.
    const shown: unknown[] = [...at.secrets];
    mapSecrets(values, schema, (secret) => shown.push(secret));
    return { values, secrets: secretTexts([...secrets, ...shown]) };
  }

  /** What nobody needs stays closed: another instance's, and what another place has a value for. */
  function open(values: Readonly<Record<string, unknown>>, pack: string) {
    try {
      return openInput(values, keyring);
    } catch (cause) {
      const why = `its secrets can't be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
      const next = "Every runner and whoever sets values need the same key file: give them one, and set the secrets again.";
      throw problem("pack_config_unread", { pack, why, next }, { cause });
    }
  }

  return {
    async valuesFor(wanted) {
      const { version, instance } = wanted;
      if (version.config === undefined) return nothing;
      if (!isRead && (await Promise.race([read, after(patienceMs)])) === "late") {
        const why = `NATS did not show what was set within ${patienceMs / 1000} s`;
        const next = "Does it have the bucket `config`, and may runners read it? `bellhop nats plan` says.";
        throw problem("pack_config_unread", { pack: version.name, why, next });
      }
      const key = `${version.digest}/${instance ?? ""}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const values = given(wanted);
      const fresh = await filled(values, wanted);
      if (fresh !== undefined) return fresh;
      const kept = opened(values, { version, secrets: [] });
      known.set(key, kept);
      return kept;
    },
    onChange: (listener) =>
      configs.onChange((pack, instance) => {
        if (instance === undefined) listener(pack);
      }),
    stop: () => configs.stop(),
  };
}

type Wanted = Parameters<PackConfigs["valuesFor"]>[0];

const nothing: OpenedConfig = { values: {}, secrets: [] };

function after(ms: number): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("late"), ms).unref();
  });
}
