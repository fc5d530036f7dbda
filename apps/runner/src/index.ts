export { runnerConfig, type RunnerConfig } from "./config.ts";
export { start } from "./start.ts";
