import { problem, type Outcome, type Posting } from "@bellhop/contracts";
import { placesOf, postedOutput } from "@bellhop/core";

/** What the engine says by itself under a name, as a chat for tests has it: nothing stands in it yet, and no other run is known. */
export function postedHere(posting: Posting & { key: string }): { outcome: Pick<Outcome, "status" | "problem">; output?: unknown } {
  if (posting.says.kind !== "text") {
    return { outcome: { status: "failed", problem: problem("run_unknown", { run: posting.says.run }).data } };
  }
  return { outcome: { status: "succeeded" }, output: postedOutput(posting.key, placesOf({ posting })) };
}
