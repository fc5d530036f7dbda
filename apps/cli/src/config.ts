import { existsSync } from "node:fs";
import { credentialFile, type Role } from "@bellhop/bus/server";
import { commonConfig, type CommonConfig, type Env } from "@bellhop/service";

/** The common configuration with the credentials that `up` made for the role, where they are wanted and nothing else was named. */
export function configFor(env: Env, role: Role): CommonConfig {
  const config = commonConfig(env, role);
  if (config.nats.credentials !== undefined || env.NATS_URL !== undefined) return config;
  const credentials = credentialFile(config.folder, role);
  return existsSync(credentials) ? { ...config, nats: { ...config.nats, credentials } } : config;
}
