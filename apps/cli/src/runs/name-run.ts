import { problem, shardOfRun } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { withHistory } from "./open-history.ts";

/** A run that somebody named by its id, or by the end of one. One that history does not know may have begun this moment: then the id must be whole.
 *  @throws Problem run_unremembered, run_ambiguous */
export async function nameRun(id: string, env: Env): Promise<{ run: string; shard: number; action: string }> {
  const found = await withHistory(env, (history) => history.show(id));
  const run = found?.id ?? id.toUpperCase();
  const shard = shardOfRun(run);
  if (shard === undefined) throw problem("run_unremembered", { run: id });
  return { run, shard, action: found?.action ?? "an action" };
}
