import { identityOf, isSealed, ruleUser, type KvPlace, type KvRecord, type Person, type Sealed } from "@bellhop/contracts";
import { Fault, Lookup, truth, type HostFunction } from "@bellhop/expression";
import type { ConfigContext } from "../config/context.ts";
import type { ConfigOf } from "../config/settings.ts";
import { openedWhenRead } from "./opening.ts";

/** The datastore, as it is when something is decided, and what of the installation templates may ask for besides. */
export interface Datastore {
  /** Undefined where there is none, or none any more. */
  find(place: KvPlace): Pick<KvRecord, "value" | "secret"> | undefined;
  /** Whether there are names that go on after this one and a dot. */
  leadsOn(place: KvPlace): boolean;
  /** @throws where it can't */
  open(sealed: Sealed): unknown;
  /** Whether a pack's definitions may see the values of the installation; absent: all may. */
  maySee?(pack: string): boolean;
  /** How a pack is configured for whoever asks; absent: nobody knows. Undefined where it has no configuration. */
  configOf?(of: ConfigOf & { readonly user: string }): ConfigContext | undefined;
  /** Reads what is sealed in a configuration. @throws where it can't */
  openConfig?(sealed: Sealed): unknown;
}

/** What templates and expressions see of a datastore. */
export interface KvNames {
  /** `config_context` in templates: how the pack is configured. A secret is opened as it is read. Undefined where that is not known. */
  config(instance?: string): ConfigContext | undefined;
  /** In templates: `st2kv.system.name`, `st2kv.user.name`, `st2kv.pack.name`. */
  readonly st2kv: { readonly system: Lookup; readonly user: Lookup; readonly pack: Lookup };
  /** In expressions of workflows: `st2kv('system.name', decrypt => true, default => …)`. */
  readonly lookUp: HostFunction;
  /** Whether a secret was opened since this was asked last: what came of it is one too. */
  opened(): boolean;
  /** Opens what is sealed elsewhere, so that it is told of. @param of what, for people */
  opener(of: string, read: (sealed: Sealed) => unknown): (sealed: Sealed) => unknown;
}

/** @param whose.user as whose those of the scope `user` are seen, whose.pack as which pack's those of `pack`: the one whose definition it is that asks
 *  @param whose.instance which of the pack's configurations is seen, where no other is named
 *  @param whose.opening whether templates see secrets without `decrypt_kv` too */
export function kvNames(
  datastore: Datastore,
  {
    user,
    pack = "",
    instance,
    opening = false,
  }: { user: string; pack?: string | undefined; instance?: string | undefined; opening?: boolean },
): KvNames {
  let opened = false;
  const opener: KvNames["opener"] = (of, read) => (sealed) => {
    opened = true;
    try {
      return read(sealed);
    } catch (error) {
      throw new Fault("ValueError", `a secret of ${of} can't be opened: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const open = opener("the datastore", (sealed) => datastore.open(sealed));
  const find = (place: KvPlace) => {
    if (place.scope === "system" && datastore.maySee?.(pack) === false) {
      throw new Fault(
        "PermissionError",
        `${pack} may not have the values of the whole installation: datastore.systemValues of bellhop.yaml`,
      );
    }
    return datastore.find(place);
  };
  const scope = (place: Omit<KvPlace, "name">): Lookup =>
    new Lookup({ type: "KeyValueLookup", text: "", find: (name) => valueAt({ ...place, name }) });

  /** Text and JSON are what they are; a secret shows what can't be read; what leads on can be both. */
  const valueAt = (place: KvPlace): unknown => {
    const found = find(place);
    const { value, secret } = found ?? {};
    const leads = datastore.leadsOn(place);
    if (found !== undefined && secret !== true && !leads) return value;
    const within = (name: string) => valueAt({ ...place, name: `${place.name}.${name}` });
    const sealed = secret === true && isSealed(value) ? value : undefined;
    const shown = opening && sealed !== undefined ? open(sealed) : value;
    const text = found === undefined ? undefined : typeof shown === "string" ? shown : JSON.stringify(shown);
    return new Lookup({ type: "KeyValueLookup", text, find: within, ...(sealed === undefined ? {} : { open: () => open(sealed) }) });
  };

  return {
    opener,
    config(of = instance) {
      const context = datastore.configOf?.({ pack, user, ...(of === undefined ? {} : { instance: of }) });
      const read = opener("the configuration", (sealed) => datastore.openConfig?.(sealed));
      return context === undefined ? undefined : { ...context, values: openedWhenRead(context.values, read) };
    },
    st2kv: { system: scope({ scope: "system" }), user: scope({ scope: "user", owner: user }), pack: scope({ scope: "pack", owner: pack }) },
    lookUp(args, named) {
      const [name = named["key"], decrypt = named["decrypt"], fallback = named["default"]] = args;
      if (typeof name !== "string") throw new Fault("TypeError", "st2kv takes the name of a value, as in st2kv('system.name').");
      const place = placeOf(name, { user, pack });
      const found = find(place);
      if (found !== undefined) {
        const { value, secret } = found;
        if (secret !== true || !isSealed(value)) return value;
        return truth(decrypt) ? open(value) : JSON.stringify(value);
      }
      if (fallback !== undefined) return fallback;
      throw new Fault("ExpressionEvaluationException", `The key "${name}" does not exist in the datastore.`);
    },
    opened() {
      const was = opened;
      opened = false;
      return was;
    },
  };
}

/** What is said of an expression that fails after it opened a secret: its own words may tell it. */
export const readsSecret = "it reads a secret, and fails";

/** What a template finds of these by name: `config_context` only where it says so, because it takes putting together. */
export function namesFor(template: unknown, kv: KvNames | undefined, instance?: string): Record<string, unknown> {
  if (kv === undefined) return {};
  const config = asksConfig(template) ? kv.config(instance) : undefined;
  return { st2kv: kv.st2kv, ...(config === undefined ? {} : { config_context: config.values }) };
}

/** Whether a template, or one in it, asks for the configuration. */
export function asksConfig(template: unknown): boolean {
  return (typeof template === "string" ? template : (JSON.stringify(template) ?? "")).includes("config_context");
}

/** As whose values somebody who asks for a run sees those of the scope `user`. Rules ask as one user, as in StackStorm. */
export function kvUser(asker: Person): string {
  return asker.platform === "rule" ? ruleUser : identityOf(asker);
}

/** Whether anything in a definition asks for the datastore, or for the configuration, which may: only then have they to be up to date before something is decided.
 *  Answered once for each. */
export function asksDatastore(definition: object): boolean {
  const known = asking.get(definition);
  if (known !== undefined) return known;
  const asks = /st2kv|config_context/.test(JSON.stringify(definition));
  asking.set(definition, asks);
  return asks;
}

const asking = new WeakMap<object, boolean>();

function placeOf(name: string, { user, pack }: { user: string; pack: string }): KvPlace {
  if (name.startsWith("system.")) return { scope: "system", name: name.slice("system.".length) };
  if (name.startsWith("pack.")) return { scope: "pack", owner: pack, name: name.slice("pack.".length) };
  return { scope: "user", owner: user, name };
}
