export { compose, type Composed, type Composing, type Limit } from "./compose.ts";
export { writeDiscord } from "./discord.ts";
export { writeMatrix, type MatrixWritten } from "./matrix.ts";
export { parse } from "./parse.ts";
export { writeSlack } from "./slack.ts";
export { split } from "./split.ts";
export type { Mention, Write, Written } from "./written.ts";
