// For the tests of this package: a server of their own, and buses on it that end with it.
import { durations, scaled, type ActionFinished, type Durations } from "@bellhop/contracts";
import { startNats, type TestNats } from "./server/testing.ts";
import { connectBus } from "./connect.ts";
import type { Bus, BusLog, BusOptions } from "./bus.ts";

export { until } from "./until.ts";

export interface Scene {
  nats: TestNats;
  durations: Durations;
  /** Everything that was logged, as `level words`. */
  logged: string[];
  connect(options?: Partial<BusOptions>): Promise<Bus>;
  end(): Promise<void>;
}

export async function startScene(options: { factor?: number; durations?: Partial<Durations> } = {}): Promise<Scene> {
  const nats = await startNats();
  const logged: string[] = [];
  const note = (level: string) => (_: unknown, words: string) => void logged.push(`${level} ${words}`);
  const log: BusLog = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error"), child: () => log };
  const table = options.factor === undefined ? { ...durations } : scaled(options.factor, options.durations);
  const buses: Bus[] = [];
  async function connect(given: Partial<BusOptions> = {}): Promise<Bus> {
    const bus = await connectBus({ url: nats.url, name: "test", durations: table, log, ...given });
    buses.push(bus);
    return bus;
  }
  const first = await connect({ role: "operator" });
  await first.setUp();
  return {
    nats,
    durations: table,
    logged,
    connect,
    async end() {
      await Promise.all(buses.map((bus) => bus.drain()));
      await nats.stop();
    },
  };
}

export function finished(attempt: number, fields: Partial<ActionFinished> = {}): ActionFinished {
  return { v: 1, run: "run", task: "main", attempt, runner: "r1", outcome: { status: "succeeded" }, ...fields };
}
