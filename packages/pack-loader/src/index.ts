export { checkTypes, type TypesOptions } from "./check-types.ts";
export {
  defaultKinds,
  loadPack,
  type FaultyPack,
  type InstalledModules,
  type LoadedPack,
  type MissingModules,
  type LoadOptions,
} from "./load-pack.ts";
export { manifestFile, readManifest, type Manifest } from "./manifest.ts";
export { thisPlatform } from "./platform.ts";
export { describeProblem, type PackProblem } from "./problem.ts";
export {
  activatePack,
  activateVersion,
  activeVersion,
  activeVersions,
  deactivatePack,
  fetchFiles,
  fetchModules,
  fetchVersion,
  forgetVersion,
  installedVersions,
  isStored,
  recordVersion,
  storePack,
  type Activation,
  type Choose,
  type PackStore,
  type StorablePack,
} from "./store.ts";
export { watchPacks, type WatchOptions } from "./watch-packs.ts";
