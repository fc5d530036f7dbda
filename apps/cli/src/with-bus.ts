import { connectBus, type Bus } from "@bellhop/bus";
import { problem } from "@bellhop/contracts";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { tellIfMissing } from "./nats/missing.ts";
import { runningIn } from "./up-lock.ts";

/** Connects for as long as `work` takes. @throws Problem not_running */
export async function withBus<T>(env: Env, name: string, work: (bus: Bus) => Promise<T>): Promise<T> {
  const { folder, nats, durations } = commonConfig(env, "cli");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });
  const bus = await connectBus({ ...nats, name, role: "cli", durations, log: silentLog });
  try {
    tellIfMissing(bus);
    return await work(bus);
  } finally {
    await bus.drain();
  }
}
