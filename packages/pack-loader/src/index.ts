export { defaultKinds, loadPack, type FaultyPack, type LoadedPack, type LoadOptions } from "./load-pack.ts";
export { describeProblem, type PackProblem } from "./problem.ts";
export { activatePack, deactivatePack, fetchFiles, fetchVersion, type PackStore } from "./store.ts";
export { watchPacks, type WatchOptions } from "./watch-packs.ts";
