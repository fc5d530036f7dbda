import type { Bus, BusOptions } from "./bus.ts";

/** Connects, and keeps connected. @throws Problem `nats_unreachable` when there is no server at first */
export async function connectBus(options: BusOptions): Promise<Bus> {
  throw new Error(`not here yet: ${options.name}`);
}
