export { mayObtain, type Allowed, type SourceRules } from "./allowed.ts";
export { buildPack, type BuildOptions, type BuiltPack, type PackModules } from "./build.ts";
export { inExchange, readIndex, searchIndex, type ExchangeIndex } from "./exchange.ts";
export { findNewer } from "./newer.ts";
export { npmSettings, searchPackages, type NpmSettings } from "./npm.ts";
export { obtain, type Obtained, type ObtainOptions } from "./obtain.ts";
export { readSpec, sourceName, type Source } from "./spec.ts";
