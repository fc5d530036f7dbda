export { slackConfig, type SlackConfig, type SlackSettings } from "./config.ts";
export { openSlack } from "./connection.ts";
export { start } from "./start.ts";
