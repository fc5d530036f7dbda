import { commonConfig, loadConfig, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";

export interface EngineConfig extends CommonConfig {
  /** Identities that own the installation: `slack:T1/U2`, `matrix:@ana:example.org`. */
  owners: string[];
  /** Messages and results worked on at once, per shard and stream. */
  concurrency: number;
}

const EngineFile = z.object({
  owners: z.array(z.string().regex(/^[a-z]+:.+$/, "expected platform:[space/]id, e.g. slack:T1/U2")).default([]),
  engine: z.object({ concurrency: z.int().min(1).default(64) }).prefault({}),
});

export function engineConfig(env: Env): EngineConfig {
  const common = commonConfig(env, "engine");
  const { owners, engine } = loadConfig({ schema: EngineFile, values: common.file, where: "bellhop.yaml" });
  return { ...common, owners, concurrency: engine.concurrency };
}
