import { commonConfig, givenConfig, loadConfig, systemValuesOf, type CommonConfig, type Env, type GivenConfig } from "@bellhop/service";
import { z } from "zod";

export interface RunnerConfig extends CommonConfig {
  /** A stable name. Absent: the first free one of its folder, or a new one. */
  id?: string;
  /** Pools it takes work from. */
  pools: string[];
  /** Attempts carried out at once, per pool. */
  concurrency: number;
  /** Memory that one TypeScript action may use, in MB. */
  memoryMb: number;
  /** Whether what a command prints has to fit its `output_schema`. */
  checkOutput?: boolean;
  /** Whether it takes its share of the sensors of its pools; absent: no. */
  sensors?: boolean;
  /** Whether a sensor's event is dropped whose payload does not fit its trigger's schema; absent: yes. */
  checkTriggers?: boolean;
  /** By pack, which triggers of other packs its sensors may fire: refs, and beginnings of them that end in `*`. Absent: none. */
  foreignTriggers?: Readonly<Record<string, readonly string[]>>;
  /** Whether packs may have the values of the whole installation, or which may; absent: all. */
  systemValues?: boolean | readonly string[];
  /** What this machine says of packs' configurations; absent: nothing. */
  given?: GivenConfig;
}

/** What a runner reads of bellhop.yaml. */
export const RunnerFile = z.object({
  runner: z
    .object({
      id: z.string().min(1).optional().describe("A stable name. Absent: the first free one of its folder."),
      pools: z.array(z.string().min(1)).min(1).default(["default"]).describe("Pools it takes work from."),
      concurrency: z.coerce.number<number>().int().min(1).default(8).describe("Attempts carried out at once, per pool."),
      memoryMb: z.coerce.number<number>().int().min(32).default(256).describe("Memory that one TypeScript action may use, in MB."),
      checkOutput: z
        .boolean()
        .default(false)
        .describe("Whether a command whose output does not fit its output_schema has failed. Secrets in it are sealed either way."),
      sensors: z
        .union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")])
        .default(true)
        .describe("Whether it takes its share of the sensors of its pools."),
      checkTriggers: z
        .boolean()
        .default(true)
        .describe("Whether an event of a sensor is dropped whose payload does not fit the schema of its trigger. It is logged either way."),
      foreignTriggers: z
        .record(z.string(), z.array(z.string().regex(/^[\w-]+\.(.+|\*)$/, "pack.trigger, or pack.*")))
        .default({})
        .describe("Triggers of other packs that a pack's sensors may fire, by pack: [alerts.fired, stock.*]. Its own they always may."),
    })
    .prefault({}),
});

/** `runner:` of bellhop.yaml; BELLHOP_RUNNER_ID, BELLHOP_POOLS (with commas), BELLHOP_CONCURRENCY, BELLHOP_ACTION_MEMORY_MB and BELLHOP_SENSORS win over it. What packs are configured with: see {@link givenConfig}.
 *  @throws Problem config_invalid */
export function runnerConfig(env: Env): RunnerConfig {
  const common = commonConfig(env, "runner");
  const fromEnv = {
    id: env.BELLHOP_RUNNER_ID,
    pools: env.BELLHOP_POOLS?.split(",").map((pool) => pool.trim()),
    concurrency: env.BELLHOP_CONCURRENCY,
    memoryMb: env.BELLHOP_ACTION_MEMORY_MB,
    sensors: env.BELLHOP_SENSORS,
  };
  const given = Object.fromEntries(Object.entries(fromEnv).filter(([, value]) => value !== undefined));
  const file = common.file.runner;
  const runner = { ...(typeof file === "object" && file !== null ? file : {}), ...given };
  const values = loadConfig({ schema: RunnerFile, values: { runner }, where: "bellhop.yaml or the environment" });
  return { ...common, ...values.runner, systemValues: systemValuesOf(common.file), given: givenConfig(env, common.file) };
}
