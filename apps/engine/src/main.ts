import { runMain } from "@bellhop/service";
import { engineConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(() => start(engineConfig(process.env)));
