export { runnerConfig, RunnerFile, type RunnerConfig } from "./config.ts";
export { givenConfig, PackConfigFile, type GivenConfig } from "./given-config.ts";
export { start } from "./start.ts";
