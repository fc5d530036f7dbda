import { connectBus, type Bus } from "@bellhop/bus";
import { Problem, problem, type StreamLayout } from "@bellhop/contracts";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { runningIn } from "../up-lock.ts";

/** Connects as whoever administers NATS, for as long as `work` takes. @throws Problem not_running, nats_no_operator */
export async function asOperator<T>(env: Env, name: string, work: (bus: Bus, layout: StreamLayout) => Promise<T>): Promise<T> {
  const { folder, nats, durations, layout = {} } = commonConfig(env, "operator");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });
  const bus = await connectBus({ ...nats, name, role: "operator", durations, log: silentLog });
  try {
    return await work(bus, layout);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "nats_denied")
      throw problem("nats_no_operator", { why: thrown.message }, { cause: thrown });
    throw thrown;
  } finally {
    await bus.drain();
  }
}
