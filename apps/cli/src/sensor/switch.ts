import { randomUUID } from "node:crypto";
import type { Bus } from "@bellhop/bus";
import { buckets, mostPartitions, token, type SensorSwitch } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { UsageError, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { knownSensor } from "./sensors.ts";

/** `bellhop sensor enable|disable`: holds over new versions of the pack, until it is switched again. @throws UsageError */
export async function sensorSwitch(
  sensor: string,
  { enabled, partitions, json }: { enabled: boolean; partitions?: number; json: boolean },
  env: Env,
): Promise<ExitCode> {
  if (partitions !== undefined && partitions > mostPartitions) throw new UsageError(`A sensor has ${mostPartitions} instances at most.`);
  return withBus<ExitCode>(env, "bellhop sensor switch", async (bus) => {
    await change(bus, sensor, { enabled, ...(partitions === undefined ? {} : { partitions }) });
    process.stdout.write(json ? `${JSON.stringify({ sensor, enabled, partitions })}\n` : `${sensor} is ${enabled ? "on" : "off"}.\n`);
    return 0;
  });
}

/** `bellhop sensor restart`. @throws UsageError */
export async function sensorRestart(sensor: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop sensor restart", async (bus) => {
    const restart = randomUUID();
    await change(bus, sensor, { restart });
    process.stdout.write(json ? `${JSON.stringify({ sensor, restart })}\n` : `${sensor} begins anew.\n`);
    return 0;
  });
}

/** What was said before of something else stays. */
async function change(bus: Bus, sensor: string, what: Partial<Pick<SensorSwitch, "enabled" | "partitions" | "restart">>): Promise<void> {
  await knownSensor(bus, sensor);
  const bucket = bus.bucket(buckets.sensor);
  for (;;) {
    const before = await bucket.get(token(sensor));
    const next: SensorSwitch = { ...before?.value, v: 1, sensor, ...what, by: personHere().id, at: new Date().toISOString() };
    const stored =
      before === undefined ? await bucket.create(token(sensor), next) : await bucket.update(token(sensor), next, before.revision);
    if (stored !== undefined) return;
  }
}
