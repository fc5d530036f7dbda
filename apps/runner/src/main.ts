import { runMain } from "@bellhop/service";
import { runnerConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(() => start(runnerConfig(process.env)));
