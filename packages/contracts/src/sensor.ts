import { z } from "zod";
import { token } from "./token.ts";

/** Instances of one sensor. */
export const mostPartitions = 1024;

/** Seconds between two looks, or for one: about as far as timers count. */
export const longestInterval = 2_000_000;

/** What somebody said of a sensor, whatever its file says. It holds over new versions of its pack. */
export const SensorSwitch = z.object({
  v: z.literal(1),
  /** `pack.name` */
  sensor: z.string(),
  enabled: z.boolean().optional(),
  /** Instances instead of those that the definition wants. */
  partitions: z.int().min(1).max(mostPartitions).optional(),
  /** New each time that it is to begin anew: what was started under another one ends. */
  restart: z.string().optional(),
  by: z.string(),
  at: z.iso.datetime(),
});
export type SensorSwitch = z.infer<typeof SensorSwitch>;

/** Which part of its work an instance of a sensor has. */
export const Partition = z.object({ index: z.int().min(0), count: z.int().min(1) });
export type Partition = z.infer<typeof Partition>;

/** How an instance of a sensor fares. Its runner writes it, and the next one reads how far it was. */
export const SensorStatus = z.object({
  v: z.literal(1),
  /** `pack.name` */
  sensor: z.string(),
  partition: Partition,
  digest: z.string(),
  runner: z.string(),
  /** `running`: its process is there, or its next look is due. `waiting`: it failed, and begins anew at `until`. `ended`: it ended by itself without a
   *  fault, and stays so until its pack has a new version or somebody restarts it. `refused`: it can't be run here. `stopped`: it is not wanted. */
  state: z.enum(["running", "waiting", "ended", "refused", "stopped"]),
  since: z.iso.datetime(),
  until: z.iso.datetime().optional(),
  /** How often it failed in a row, and how often it began anew in all. */
  failures: z.int().min(0),
  restarts: z.int().min(0),
  /** What {@link SensorSwitch.restart} said when it began. */
  restart: z.string().optional(),
  /** Events that it fired in this version. */
  events: z.int().min(0),
  event: z.object({ trigger: z.string(), event: z.string(), at: z.iso.datetime() }).optional(),
  error: z.object({ why: z.string(), at: z.iso.datetime() }).optional(),
  /** The last of what it said, the oldest line first. */
  log: z.array(z.object({ at: z.iso.datetime(), level: z.enum(["debug", "info", "warn", "error"]), text: z.string() })),
});
export type SensorStatus = z.infer<typeof SensorStatus>;

/** What the runner of an instance holds. */
export function sensorHolding({ sensor, index }: { sensor: string; index: number }): string {
  return `sensor.${sensorKey({ sensor, index })}`;
}

/** Where an instance's status lies. */
export function sensorKey({ sensor, index }: { sensor: string; index: number }): string {
  return `${token(sensor)}.${index}`;
}
