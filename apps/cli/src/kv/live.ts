import { openKv, type Bus } from "@bellhop/bus";
import { kvKey, KvScope, type KvPlace } from "@bellhop/contracts";
import type { Datastore } from "@bellhop/core";

/** The datastore as it is now, for what is only looked at: what is found is printed, so secrets stay closed. */
export async function datastoreNow(bus: Bus): Promise<Datastore> {
  const kv = openKv(bus);
  const all = (await Promise.all(KvScope.options.map((scope) => kv.list({ scope })))).flat();
  const values = new Map(all.map((record) => [kvKey(record), record]));
  const isWithin = (place: KvPlace, other: KvPlace) =>
    other.scope === place.scope && other.owner === place.owner && other.name.startsWith(`${place.name}.`);
  return {
    find: (place) => values.get(kvKey(place)),
    leadsOn: (place) => all.some((other) => isWithin(place, other)),
    open() {
      throw new Error("secrets are not opened where what they say is shown");
    },
  };
}
