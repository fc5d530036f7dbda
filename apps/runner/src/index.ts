export { runnerConfig, RunnerFile, type RunnerConfig } from "./config.ts";
export { start } from "./start.ts";
