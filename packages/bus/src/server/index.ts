export { findNatsServer, type FindOptions, type FoundServer } from "./find.ts";
export { startNatsServer, type NatsServer, type ServerExit, type StartOptions } from "./start.ts";
export { assertServerVersion, oldestServer } from "./version.ts";
