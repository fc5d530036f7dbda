import { connectBus, type Bus } from "@bellhop/bus";
import { startNats, type TestNats } from "@bellhop/bus/testing";
import { scaled } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";

export interface TestBus {
  nats: TestNats;
  bus: Bus;
  end(): Promise<void>;
}

/** A server of its own with all streams and buckets, and the operator's bus on it.
 *  @param factor of all durations */
export async function startBus(factor = 0.1): Promise<TestBus> {
  const nats = await startNats();
  const bus = await connectBus({ url: nats.url, name: "test", role: "operator", durations: scaled(factor), log: silentLog });
  await bus.setUp();
  const end = async () => {
    await bus.drain();
    await nats.stop();
  };
  return { nats, bus, end };
}
