export { capabilities } from "./capabilities.ts";
export { discordConfig, type DiscordConfig, type DiscordSettings } from "./config.ts";
export { openDiscord } from "./connection.ts";
export { start } from "./start.ts";
