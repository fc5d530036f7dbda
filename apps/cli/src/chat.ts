import { problem } from "@bellhop/contracts";
import { commonConfig, type Env } from "@bellhop/service";
import type { ExitCode } from "./report.ts";
import { join } from "./start.ts";
import { stopSignal } from "./stop-signal.ts";
import { runningIn } from "./up-lock.ts";

/** `bellhop chat`: a prompt on what runs in this folder, or at NATS_URL. */
export async function chat(env: Env, { json }: { json: boolean }): Promise<ExitCode> {
  const { folder } = commonConfig(env, "cli");
  const holder = await runningIn(folder);
  if (holder === undefined && env.NATS_URL === undefined) throw problem("not_running", { folder });
  const left = await join({ env, folder, holder, stop: stopSignal(), json });
  if (left.kind === "not-joined") throw problem("not_running", { folder });
  return left.code;
}
