export { engineConfig, type EngineConfig } from "./config.ts";
export { settleRestored, type Settled } from "./settle-restored.ts";
export { start } from "./start.ts";
export { orphanedObjects } from "./sweep-objects.ts";
