export { allows, makeApiKey, scopeFault } from "./api-keys.ts";
export { apiConfig, ApiFile, type ApiConfig, type HookConfig } from "./config.ts";
export { start, type Api } from "./start.ts";
