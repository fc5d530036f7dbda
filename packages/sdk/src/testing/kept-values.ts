import { isSealed, type KvPlace, type PackVersion, type Sealed } from "@bellhop/contracts";
import { configContext, type ConfigLayer, type Datastore } from "@bellhop/core";

/** What the pack of a chat keeps, and how it is configured, as its templates and expressions see it. What is sealed there is plain to whoever looks into it. */
export function keptValues(of: {
  version: PackVersion;
  kv: ReadonlyMap<string, unknown>;
  config: readonly ConfigLayer[];
}): Datastore & { seal(value: unknown): Sealed } {
  const { kv, config, version } = of;
  const nameOf = ({ scope, name }: Pick<KvPlace, "scope" | "name">) => (scope === "system" ? `system.${name}` : name);
  const datastore: Datastore = {
    find(place) {
      const name = nameOf(place);
      return place.scope === "user" || !kv.has(name) ? undefined : { value: kv.get(name) };
    },
    leadsOn: (place) => place.scope !== "user" && [...kv.keys()].some((name) => name.startsWith(`${nameOf(place)}.`)),
    open: opened,
  };
  return {
    ...datastore,
    configOf: ({ user, ...one }) =>
      version.config === undefined
        ? undefined
        : configContext({ schema: version.config, layers: config, of: one, user, datastore, seal: closed }),
    openConfig: opened,
    seal: closed,
  };
}

export function closed(value: unknown): Sealed {
  return { $sealed: { kid: "test", iv: "", data: JSON.stringify(value ?? null), tag: "" } };
}

/** A copy of a value with everything in it open. */
export function openedAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(openedAll);
  if (typeof value !== "object" || value === null) return value;
  if (isSealed(value)) return opened(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, openedAll(inner)]));
}

function opened({ $sealed }: Sealed): unknown {
  return JSON.parse($sealed.data);
}
