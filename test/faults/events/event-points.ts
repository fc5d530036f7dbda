import type { CrashPoint } from "@bellhop/service";

/** Where a process can die between what happens and the runs that follow from it, and where those wait. Those of the steps of a run are everybody's; these are an event's alone. */
export const eventPoints: readonly CrashPoint[] = ["api.received", "api.stored", "engine.ticked", "engine.passed", "engine.telling"];
