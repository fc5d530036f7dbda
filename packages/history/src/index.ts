export { copyHistory } from "./copy.ts";

export { historyExists, openHistory, type History, type HistoryPlace, type Position } from "./history.ts";
export type { PastRun, PastRunInFull, RunFilter, Step } from "./past-run.ts";
export { stepOf } from "./read.ts";
export type { HistoryEntry } from "./write.ts";
