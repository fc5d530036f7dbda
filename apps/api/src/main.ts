import { runMain } from "@bellhop/service";
import { apiConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(() => start(apiConfig(process.env)));
