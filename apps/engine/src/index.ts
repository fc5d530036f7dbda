export { engineConfig, type EngineConfig } from "./config.ts";
export { start } from "./start.ts";
