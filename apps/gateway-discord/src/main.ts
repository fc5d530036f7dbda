import { runMain } from "@bellhop/service";
import { discordConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(async () => start(discordConfig(process.env)));
