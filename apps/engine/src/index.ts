export { engineConfig, type EngineConfig } from "./config.ts";
export { historyPlace, historySettings, type HistorySettings } from "./history-settings.ts";
export { start } from "./start.ts";
