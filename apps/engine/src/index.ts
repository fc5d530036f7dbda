export { engineConfig, EngineFile, type EngineConfig } from "./config.ts";
export { HistoryFile } from "./history-settings.ts";
export { readLog } from "./log/read-run.ts";
export { settleRestored, type Settled } from "./settle-restored.ts";
export { start } from "./start.ts";
export { orphanedObjects } from "./sweep-objects.ts";
