import { runMain } from "@bellhop/service";
import { matrixConfig } from "./config.ts";
import { start } from "./start.ts";

await runMain(async () => start(matrixConfig(process.env)));
