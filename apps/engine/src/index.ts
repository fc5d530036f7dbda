export { engineConfig, EngineFile, type EngineConfig } from "./config.ts";
export { HistoryFile } from "./history/history-settings.ts";
export { readLog } from "./runs/log/read-run.ts";
export { settleRestored, type Settled } from "./upkeep/settle-restored.ts";
export { start } from "./start.ts";
export { orphanedObjects } from "./upkeep/sweep-objects.ts";
