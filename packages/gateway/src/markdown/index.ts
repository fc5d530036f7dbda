export { compose, type Limit } from "./compose.ts";
export { writeDiscord } from "./discord.ts";
export { writeMatrix } from "./matrix.ts";
export { parse } from "./parse.ts";
export type { SlackBlock } from "./slack-blocks.ts";
export { writeSlack } from "./slack.ts";
export { split } from "./split.ts";
export type { Mention, Write, Written } from "./written.ts";
