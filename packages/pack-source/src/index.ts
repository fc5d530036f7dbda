export { buildPack, type BuildOptions, type BuiltPack, type PackModules } from "./build.ts";
