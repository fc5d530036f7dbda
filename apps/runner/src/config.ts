import { commonConfig, loadConfig, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";
import { givenConfig, type GivenConfig } from "./given-config.ts";

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
        .describe("Whether a command whose output does not fit its output_schema has failed. Secrets in it are masked either way."),
    })
    .prefault({}),
});

/** `runner:` of bellhop.yaml; BELLHOP_RUNNER_ID, BELLHOP_POOLS (with commas), BELLHOP_CONCURRENCY and BELLHOP_ACTION_MEMORY_MB win over it. What packs are configured with: see {@link givenConfig}.
 *  @throws Problem config_invalid */
export function runnerConfig(env: Env): RunnerConfig {
  const common = commonConfig(env, "runner");
  const fromEnv = {
    id: env.BELLHOP_RUNNER_ID,
    pools: env.BELLHOP_POOLS?.split(",").map((pool) => pool.trim()),
    concurrency: env.BELLHOP_CONCURRENCY,
    memoryMb: env.BELLHOP_ACTION_MEMORY_MB,
  };
  const given = Object.fromEntries(Object.entries(fromEnv).filter(([, value]) => value !== undefined));
  const file = common.file.runner;
  const runner = { ...(typeof file === "object" && file !== null ? file : {}), ...given };
  const values = loadConfig({ schema: RunnerFile, values: { runner }, where: "bellhop.yaml or the environment" });
  return { ...common, ...values.runner, given: givenConfig(env, common.file) };
}
