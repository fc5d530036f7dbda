import { z } from "zod";
import { loadConfig, packConfigFile, type Env } from "./config.ts";
import { revealed } from "./secret.ts";

/** What this machine says of packs' configurations, in its environment and its files. */
export interface GivenConfig {
  env: Env;
  /** Of a pack: `packConfig:` of bellhop.yaml, its instances apart, and `configs/<pack>.yaml`. @throws Problem config_invalid */
  of(pack: string): { values: Values; instances: Readonly<Record<string, Values>>; inFolder: Values };
}

type Values = Readonly<Record<string, unknown>>;

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
  const configs = new Map<string, Values>();
  return {
    env,
    of(pack) {
      const inFolder = configs.get(pack) ?? Values.parse(revealed(packConfigFile(env, pack)));
      configs.set(pack, inFolder);
      const { instances = {}, ...values } = packConfig[pack] ?? {};
      return { values, instances, inFolder };
    },
  };
}

/** That of a machine that says nothing. */
export const nothingGiven: GivenConfig = { env: {}, of: () => ({ values: {}, instances: {}, inFolder: {} }) };

/** What engines and runners read of bellhop.yaml alike. */
export const DatastoreFile = z.object({
  datastore: z
    .object({
      systemValues: z
        .union([z.boolean(), z.array(z.string().min(1))])
        .default(true)
        .describe(
          "Whether packs may have the values of the whole installation (st2kv.system), or the packs that may: their actions, sensors, rules, workflows and templates. Every engine and runner should have the same.",
        ),
    })
    .prefault({}),
});

/** Whether packs may have the values of the whole installation, or which may. It stood in `runner:` before. @throws Problem config_invalid */
export function systemValuesOf({ datastore, runner }: Record<string, unknown>): boolean | readonly string[] {
  const before =
    typeof runner === "object" && runner !== null && "systemValues" in runner ? { systemValues: runner.systemValues } : undefined;
  return loadConfig({ schema: DatastoreFile, values: { datastore: datastore ?? before }, where: "bellhop.yaml" }).datastore.systemValues;
}

/** Whether a pack is one of those that may. */
export function maySee(systemValues: boolean | readonly string[], pack: string): boolean {
  return typeof systemValues === "boolean" ? systemValues : systemValues.includes(pack);
}
