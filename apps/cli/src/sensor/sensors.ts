import type { Bus } from "@bellhop/bus";
import { buckets, sensorHolding, token, type SensorDefinition, type SensorStatus, type SensorSwitch } from "@bellhop/contracts";
import { activePacks } from "../event/packs.ts";
import { notThere } from "../not-there.ts";
import { clock } from "../times.ts";

/** A sensor of an active pack, as it is switched, with what is known of each instance. */
export interface KnownSensor {
  readonly definition: SensorDefinition;
  readonly enabled: boolean;
  readonly partitions: number;
  readonly switched?: SensorSwitch;
  readonly instances: readonly KnownInstance[];
}

export interface KnownInstance {
  readonly index: number;
  /** The runner that has it now. */
  readonly runner?: string;
  readonly status?: SensorStatus;
}

/** All of them, or those of that name. */
export async function knownSensors(bus: Bus, only?: string): Promise<KnownSensor[]> {
  const [packs, switches, statuses, holdings, members] = await Promise.all([
    activePacks(bus),
    bus.bucket(buckets.sensor).entries(">"),
    bus.bucket(buckets.sensorStatus).entries(only === undefined ? ">" : `${token(only)}.*`),
    bus.bucket(buckets.holding).entries("sensor.>"),
    bus.bucket(buckets.member).entries("member.>"),
  ]);
  const isMember = (id: string, epoch: string) => members.some(({ value }) => value.id === id && value.epoch === epoch);
  const holderOf = (what: string) => {
    const held = holdings.find(({ value }) => value.what === what)?.value;
    return held !== undefined && isMember(held.member, held.epoch) ? held.member.replace(/\.sensors$/, "") : undefined;
  };
  const definitions = packs.flatMap((pack) => pack.sensors ?? []).filter(({ ref }) => only === undefined || ref === only);
  return definitions
    .toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
    .map((definition) => {
      const { ref } = definition;
      const switched = switches.find(({ value }) => value.sensor === ref)?.value;
      const partitions = switched?.partitions ?? definition.partitions ?? 1;
      const instances = Array.from({ length: partitions }, (_, index): KnownInstance => {
        const runner = holderOf(sensorHolding({ sensor: ref, index }));
        const status = statuses.find(({ value }) => value.sensor === ref && value.partition.index === index)?.value;
        return { index, ...(runner === undefined ? {} : { runner }), ...(status === undefined ? {} : { status }) };
      });
      const enabled = switched?.enabled ?? definition.enabled;
      return { definition, enabled, partitions, instances, ...(switched === undefined ? {} : { switched }) };
    });
}

/** @throws NotThere there is none of that name */
export async function knownSensor(bus: Bus, ref: string): Promise<KnownSensor> {
  const [found] = await knownSensors(bus, ref);
  if (found !== undefined) return found;
  const known = (await activePacks(bus)).flatMap((pack) => (pack.sensors ?? []).map((one) => one.ref));
  throw notThere({ kind: "sensor", name: ref, known, listedBy: "sensor list" });
}

/** How an instance fares, in few words. */
export function stateOf({ enabled }: Pick<KnownSensor, "enabled">, { runner, status }: KnownInstance): string {
  if (!enabled) return "off";
  if (runner === undefined) return "no runner";
  switch (status?.state) {
    case undefined:
    case "stopped":
      return "starting";
    case "running":
      return "running";
    case "waiting":
      return `failed, again ${status.until === undefined ? "soon" : `at ${clock(status.until)}`}`;
    case "ended":
      return "ended";
    case "refused":
      return "can't be run";
  }
}
