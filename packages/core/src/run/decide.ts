import { durations, type Run } from "@bellhop/contracts";
import type { Decision, RunEvent } from "./event.ts";

/** Durations that decisions name, in milliseconds. */
export interface DecideSettings {
  lateResult: number;
}

/** The life of a run: given its state (undefined before it was asked for) and an event, the new state and what is to be done. */
export function decide(_run: Run | undefined, _event: RunEvent, _settings: DecideSettings = durations): Decision {
  throw new Error("to come");
}
