import { runMain } from "@bellhop/service";
import { slackConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(async () => start(slackConfig(process.env)));
