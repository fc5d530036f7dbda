import type { Bus } from "@bellhop/bus";
import { buckets, instanceOfKey, problem, type PackConfig, type PackVersion } from "@bellhop/contracts";
import { configOf, instancesOf, mapSecrets, settingsOf, unknownInstance, type ConfigLayer } from "@bellhop/core";
import type { Keyring } from "@bellhop/service";
import type { GivenConfig } from "./given-config.ts";
import { openInput, secretTexts } from "./secrets.ts";

/** What an action is given of its pack's configuration. */
export interface OpenedConfig {
  values: Record<string, unknown>;
  /** What must not be seen in anything that leaves the runner. */
  secrets: readonly string[];
}

/** Packs' configurations as they are now: what was set is followed, so that a new value counts from the next attempt on. */
export interface PackConfigs {
  /** @throws Problem pack_config_missing, pack_config_invalid, pack_config_instance_unknown, pack_config_unread */
  valuesFor(at: { version: Pick<PackVersion, "name" | "digest" | "config">; action: string; instance?: string }): Promise<OpenedConfig>;
  stop(): void;
}

/** @param at.patienceMs how long an attempt waits for what was set to be read for the first time */
export function openPackConfigs(at: { bus: Pick<Bus, "bucket">; given: GivenConfig; keyring: Keyring; patienceMs: number }): PackConfigs {
  const { bus, given, keyring, patienceMs } = at;
  const stored = new Map<string, PackConfig>();
  const known = new Map<string, OpenedConfig>();
  const read = Promise.withResolvers<"read">();
  let isRead = false;
  const watch = bus.bucket(buckets.config).watch(
    ">",
    ({ key, value }) => {
      known.clear();
      if (value === undefined) stored.delete(key);
      else stored.set(key, value);
    },
    {
      onReady: () => {
        isRead = true;
        read.resolve("read");
      },
    },
  );

  function opened({ version, action, instance }: Parameters<PackConfigs["valuesFor"]>[0]): OpenedConfig {
    const { name: pack, config: schema = {} } = version;
    const of = { pack, ...(instance === undefined ? {} : { instance }) };
    const set = [...stored].flatMap(([key, { values }]): ConfigLayer[] => {
      const belongs = instanceOfKey(pack, key);
      return belongs === undefined ? [] : [{ ...belongs, from: "stored", values }];
    });
    const layers = [...given.layersOf(pack, schema, instancesOf(set)), ...set];
    const unknown = instance === undefined ? undefined : unknownInstance({ pack, instance }, schema, layers);
    if (unknown !== undefined) throw unknown;
    const config = configOf(settingsOf({ schema, layers, ...of }), of, action);
    if (config.kind === "refused") throw config.problem;
    const { input: values, secrets } = open(config.values, pack);
    // Those as well that this machine's environment and files have in the open.
    const shown: unknown[] = [];
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
      if (!isRead && (await Promise.race([read.promise, after(patienceMs)])) === "late") {
        const why = `NATS did not show what was set within ${patienceMs / 1000} s`;
        const next = "Does it have the bucket `config`, and may runners read it? `bellhop nats plan` says.";
        throw problem("pack_config_unread", { pack: version.name, why, next });
      }
      const key = `${version.digest}/${instance ?? ""}`;
      const found = known.get(key) ?? opened(wanted);
      known.set(key, found);
      return found;
    },
    stop: () => watch.stop(),
  };
}

const nothing: OpenedConfig = { values: {}, secrets: [] };

function after(ms: number): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("late"), ms).unref();
  });
}
