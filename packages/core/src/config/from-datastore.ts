import {
  holdsSealed,
  isFields,
  isSealed,
  kvKey,
  problem,
  type KvPlace,
  type KvRecord,
  type Parameter,
  type Problem,
  type Sealed,
} from "@bellhop/contracts";
import { kvNames, type Datastore, type KvNames } from "../kv/names.ts";
import { fillTemplate, readTemplate } from "../template.ts";
import { checkValue, fieldSchema, itemSchema, takesFromDatastore, type Checked, type ConfigSchema } from "./check.ts";
import type { ConfigOf } from "./settings.ts";
import { foundText, instanceText } from "./words.ts";

/** As whose the values of the datastore are seen. */
export interface Whose {
  readonly user: string;
  readonly pack: string;
}

/** A configuration with what it takes from the datastore. */
type FilledConfig =
  /** `secrets`: what was opened for it, and what that went into. */
  { kind: "ok"; values: Record<string, unknown>; secrets: unknown[] } | { kind: "refused"; problem: Problem };

/** The places in the datastore at which the templates of a configuration look. Names may have dots: `st2kv.system.a.b` is `a.b`, or in `a`. Undefined where nothing
 *  is a template. */
export function datastorePlaces(values: Readonly<Record<string, unknown>>, whose: Whose): KvPlace[] | undefined {
  const texts = textsIn(values);
  if (texts.length === 0) return undefined;
  const places = texts.flatMap((text) => readsIn(text, whose)).flatMap(({ places: one }) => one);
  return [...new Map(places.map((place) => [kvKey(place), place])).values()];
}

/** The datastore as far as it was read. */
export function datastoreOf(
  found: readonly Pick<KvRecord, "scope" | "owner" | "name" | "value" | "secret">[],
  open: Datastore["open"],
): Datastore {
  const keys = new Map(
    found.map(({ scope, owner, name, ...rest }) => [kvKey(placeAt({ scope, owner, name })), { scope, owner, name, ...rest }]),
  );
  return {
    find: (place) => keys.get(kvKey(place)),
    leadsOn: ({ scope, owner, name }) =>
      found.some((one) => one.scope === scope && (scope === "system" || one.owner === owner) && one.name.startsWith(`${name}.`)),
    open,
  };
}

/** Fills in what a configuration takes from the datastore: it is cast and checked by its schema, and where that says secret, secrets are opened unasked.
 *  Whoever looks after the installation may take its values; a default of the pack's schema only where the pack may see them.
 *  @param at.datastore has what stands at {@link datastorePlaces} */
export function fillConfig(at: {
  values: Readonly<Record<string, unknown>>;
  schema: ConfigSchema;
  of: ConfigOf;
  user: string;
  datastore: Datastore;
}): FilledConfig {
  const whose = { user: at.user, pack: at.of.pack };
  const secrets: unknown[] = [];
  const open = (sealed: Sealed): unknown => {
    const opened = at.datastore.open(sealed);
    secrets.push(opened);
    return opened;
  };
  const namesFor = (text: string, opening: boolean) =>
    kvNames({ ...at.datastore, open, ...(isDefault(text, at.schema) ? {} : { maySee: () => true }) }, { ...whose, opening });
  let fault: Problem | undefined;
  const filled = (value: unknown, on: { schema: Parameter; secret: boolean; path: readonly (string | number)[] }): unknown => {
    if (fault !== undefined || isSealed(value)) return value;
    const { schema, path } = on;
    const secret = on.secret || schema.secret === true;
    if (Array.isArray(value)) {
      return value.map((item, index) => filled(item, { schema: itemSchema(schema), secret, path: [...path, index] }));
    }
    if (isFields(value)) {
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([name, inner]) => [name, filled(inner, { schema: fieldSchema(schema, name) ?? {}, secret, path: [...path, name] })]),
      );
    }
    if (!takesFromDatastore(value)) return value;
    const before = secrets.length;
    const opened = () => secrets.length > before;
    const made = filledText(value, { schema, secret, whose, kv: namesFor(value, secret), datastore: at.datastore, opened });
    if (made.kind === "ok") {
      if (opened()) secrets.push(made.value);
      return made.value;
    }
    const { pack, instance } = at.of;
    fault = problem("pack_config_template", {
      name: path.join("."),
      pack,
      instance: instanceText(instance),
      why: made.why,
      next: made.next,
    });
    return value;
  };
  const values = Object.fromEntries(
    Object.entries(at.values).map(([name, value]) => [name, filled(value, { schema: at.schema[name] ?? {}, secret: false, path: [name] })]),
  );
  return fault === undefined ? { kind: "ok", values, secrets } : { kind: "refused", problem: fault };
}

function filledText(
  text: string,
  on: { schema: Parameter; secret: boolean; whose: Whose; kv: KvNames; datastore: Datastore; opened: () => boolean },
): { kind: "ok"; value: unknown } | { kind: "refused"; why: string; next: string } {
  const { kv, datastore, schema, secret, whose, opened } = on;
  const missing = readsIn(text, whose).find(
    ({ guarded, places }) => !guarded && places.length > 0 && places.every((place) => datastore.find(place) === undefined),
  );
  if (missing !== undefined) {
    const place = missing.places.at(-1) ?? { scope: "system", name: "" };
    return { kind: "refused", why: `there is no st2kv.${place.scope}.${place.name}`, next: `Set it with: ${setValue(place, secret)}` };
  }
  const next = "Mend the template, or what it takes.";
  const rendered = fillTemplate(text, { st2kv: kv.st2kv }, "refused");
  if (rendered.kind === "fault") return { kind: "refused", why: opened() ? "its template fails" : rendered.fault.message, next };
  const checked: Checked = takesFromDatastore(rendered.text)
    ? { kind: "refused", path: [], expected: "a value that is no template" }
    : checkValue(rendered.text, schema);
  // What is sealed elsewhere would be opened here.
  const expected = checked.kind === "refused" ? checked.expected : holdsSealed(checked.value) ? "a value without `$sealed`" : undefined;
  if (checked.kind === "ok" && expected === undefined) return { kind: "ok", value: checked.value };
  const found = secret || opened() ? "what stands there" : foundText(rendered.text, []);
  return { kind: "refused", why: `it can't be ${found}`, next: `It takes ${expected}. ${next}` };
}

/** Whether a text stands in the schema itself. */
function isDefault(text: string, schema: ConfigSchema): boolean {
  const known = defaults.get(schema) ?? new Set(textsIn(schema));
  defaults.set(schema, known);
  return known.has(text);
}

const defaults = new WeakMap<ConfigSchema, ReadonlySet<string>>();

/** What a template reads of the datastore, each with the places where it may stand, the longest name last. */
function readsIn(text: string, whose: Whose): { guarded: boolean; places: KvPlace[] }[] {
  const read = readTemplate(text);
  if (read.kind === "fault") return [];
  return read.reads.flatMap(({ path: [root, scope, ...steps], guarded }) => {
    if (root !== "st2kv" || (scope !== "system" && scope !== "user" && scope !== "pack")) return [];
    const end = steps.findIndex((step) => typeof step !== "string");
    const names = end < 0 ? steps : steps.slice(0, end);
    const owner = scope === "system" ? undefined : whose[scope];
    return [{ guarded, places: names.map((_, index) => placeAt({ scope, owner, name: names.slice(0, index + 1).join(".") })) }];
  });
}

function placeAt({ scope, owner, name }: { scope: KvPlace["scope"]; owner?: string | undefined; name: string }): KvPlace {
  return owner === undefined ? { scope, name } : { scope, owner, name };
}

function textsIn(value: unknown): string[] {
  if (takesFromDatastore(value)) return [value];
  if (typeof value !== "object" || value === null || isSealed(value)) return [];
  return Object.values(value).flatMap(textsIn);
}

/** A secret is asked for. */
function setValue({ scope, owner = "", name }: KvPlace, secret: boolean): string {
  return `\`bellhop kv set ${name}${secret ? " --secret" : " VALUE"}${scope === "system" ? "" : ` --${scope} ${owner}`}\`.`;
}
