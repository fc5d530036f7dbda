export { checkTypes } from "./check-types.ts";
export { followVersions } from "./follow-versions.ts";
export { followSwitches } from "./follow-switches.ts";
export { loadPack, type FaultyPack, type InstalledModules, type LoadedPack, type LoadOptions } from "./load-pack.ts";
export { manifestFile, readManifest, type Manifest } from "./manifest.ts";
export { thisPlatform } from "./platform.ts";
export { describeProblem, type PackProblem } from "./problem.ts";
export { builtInTriggers } from "./rule-checks.ts";
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
  type Choose,
  type PackStore,
} from "./store.ts";
export { watchPacks } from "./watch-packs.ts";
