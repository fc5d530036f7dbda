export { capabilities } from "./capabilities.ts";
export { matrixConfig, type MatrixConfig, type MatrixSettings } from "./config.ts";
export { openMatrix } from "./connection.ts";
export { start } from "./start.ts";
