export { slackConfig, type SlackConfig, type SlackSettings } from "./config.ts";
export { capabilities, openSlack } from "./connection.ts";
export { start } from "./start.ts";
