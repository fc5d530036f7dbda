import { problem, type Parameter, type Problem } from "@bellhop/contracts";
import { nearest } from "../near.ts";
import { checkValue, defaultOf, type ConfigSchema } from "./check.ts";
import { holdsSecret } from "./secrets.ts";
import { foundText, instanceText, listed, placeText, setCommand } from "./words.ts";

/** The configuration of one pack, or a named instance of it. */
export interface ConfigOf {
  readonly pack: string;
  readonly instance?: string;
}

/** Values as one place has them. Secrets may be sealed. */
export interface ConfigLayer {
  /** The instance that they are for; absent: the unnamed one, on top of which every instance stands. */
  readonly instance?: string;
  readonly from: ConfigPlace;
  readonly values: Readonly<Record<string, unknown>>;
}

/** In this order one wins over the next. */
const configPlaces = ["environment", "bellhop.yaml", "configs folder", "stored"] as const;
type ConfigPlace = (typeof configPlaces)[number];

/** What is known of one value. */
export type Setting = { readonly name: string; readonly schema: Parameter } & (
  | { readonly kind: "set"; readonly value: unknown; readonly layer: ConfigLayer }
  | { readonly kind: "default"; readonly value: unknown }
  /** Nobody gave one, and it may stay so, unless it is `required`. */
  | { readonly kind: "absent"; readonly required: boolean }
  | Faulty
);

interface Faulty {
  readonly kind: "faulty";
  readonly value: unknown;
  /** Absent: it is the schema's own default. */
  readonly layer?: ConfigLayer;
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/** Every value of a configuration, cast and checked, in the order of the schema: that of the first place that has one, the named instance's before the unnamed one's. */
export function settingsOf(at: { schema: ConfigSchema; layers: readonly ConfigLayer[]; instance?: string }): Setting[] {
  const { schema, instance } = at;
  const own = instance === undefined ? [] : inOrder(at.layers.filter((layer) => layer.instance === instance));
  const layers = [...own, ...inOrder(at.layers.filter((layer) => layer.instance === undefined))];
  return Object.entries(schema).map(([name, parameter]): Setting => {
    const one = { name, schema: parameter };
    const layer = layers.find(({ values }) => isGiven(Object.hasOwn(values, name) ? values[name] : undefined));
    const value = layer === undefined ? defaultOf(parameter) : layer.values[name];
    if (value === undefined) return { ...one, kind: "absent", required: parameter.required === true };
    const faulty = (path: Faulty["path"], expected: string) => ({ ...one, kind: "faulty" as const, value, layer, path, expected });
    const checked = checkValue(value, parameter);
    if (checked.kind === "refused") return faulty(checked.path, checked.expected);
    return layer === undefined ? { ...one, kind: "default", value: checked.value } : { ...one, kind: "set", value: checked.value, layer };
  });
}

/** The values an action is given, or what keeps it from being started. What they take from the datastore is not in them yet.
 *  @param who what needs them, for people: the action's ref */
export function configOf(
  settings: readonly Setting[],
  of: ConfigOf,
  who: string,
): { kind: "ok"; values: Record<string, unknown> } | { kind: "refused"; problem: Problem } {
  const problem = configFault(settings, of, who);
  if (problem !== undefined) return { kind: "refused", problem };
  const given = settings.flatMap((setting) => ("value" in setting ? [[setting.name, setting.value] as const] : []));
  return { kind: "ok", values: Object.fromEntries(given) };
}

/** What is wrong with a configuration, with the command that mends it; undefined where nothing is. */
export function configFault(settings: readonly Setting[], of: ConfigOf, who: string): Problem | undefined {
  const faulty = settings.find((setting) => setting.kind === "faulty");
  if (faulty !== undefined) {
    const { layer, name } = faulty;
    const stored = layer === undefined || layer.from === "stored";
    const next = stored ? `Set it with: ${setCommand(of, [faulty])}` : "Mend it there, and start again what has read it.";
    return invalid(faulty, of, { where: `, as ${placeText({ ...of, name, layer })} has it`, next });
  }
  const missing = settings.filter((setting) => setting.kind === "absent" && setting.required);
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name, schema: { description } }) => (description === undefined ? name : `${name} (${description})`));
  const { pack, instance } = of;
  return problem("pack_config_missing", {
    who,
    names: listed(names),
    pack,
    instance: instanceText(instance),
    command: setCommand(of, missing),
  });
}

/** Checks values as somebody wants to set them, by name. */
export function checkSettings(
  given: Readonly<Record<string, unknown>>,
  schema: ConfigSchema,
  of: ConfigOf,
): { kind: "ok"; values: Record<string, unknown> } | { kind: "refused"; problem: Problem } {
  const { pack } = of;
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (parameter === undefined) return { kind: "refused", problem: unknownSetting(name, schema, pack) };
    const [setting] = settingsOf({ schema: { [name]: parameter }, layers: [{ from: "stored", values: { [name]: value } }] });
    if (setting?.kind === "faulty") return { kind: "refused", problem: invalid(setting, of, { where: "", next: "" }) };
    if (setting?.kind === "set") values[name] = setting.value;
  }
  return { kind: "ok", values };
}

/** Says that a pack's configuration has no value of this name, and which it may have been. */
export function unknownSetting(name: string, schema: ConfigSchema, pack: string): Problem {
  const near = nearest(name, Object.keys(schema));
  const all = Object.keys(schema).join(", ");
  const suggestion = near === undefined ? (all === "" ? "It has nothing to configure." : `There is ${all}.`) : `Did you mean ${near}?`;
  return problem("pack_config_unknown", { pack, name, suggestion });
}

/** The instances that some place has values for, in order of their names. */
export function instancesOf(layers: readonly ConfigLayer[]): string[] {
  return [...new Set(layers.flatMap(({ instance }) => (instance === undefined ? [] : [instance])))].toSorted();
}

/** A name that an instance may have. */
export const instanceName = /^[\w-]{1,48}$/;

/** An instance that nobody gave a value is a slip: its run would be done with somebody else's. */
export function unknownInstance(of: Required<ConfigOf>, schema: ConfigSchema, layers: readonly ConfigLayer[]): Problem | undefined {
  const known = instancesOf(layers);
  const { pack, instance } = of;
  if (known.includes(instance)) return undefined;
  const near = nearest(instance, known);
  const suggestion =
    near !== undefined
      ? `Did you mean ${near}?`
      : known.length === 0
        ? "It has none."
        : `There ${known.length === 1 ? "is" : "are"} ${listed(known)}.`;
  const [first] = Object.entries(schema);
  const settings = first === undefined ? [] : [{ name: first[0], schema: first[1] }];
  return problem("pack_config_instance_unknown", { instance, pack, suggestion, command: setCommand(of, settings) });
}

function invalid(setting: Faulty & Pick<Setting, "name" | "schema">, of: ConfigOf, at: { where: string; next: string }): Problem {
  const { name, schema, path, value, expected } = setting;
  const text = foundText(value, path);
  const found = holdsSecret(schema) && text !== undefined ? "what was given" : (text ?? "missing");
  const instance = instanceText(of.instance);
  return problem("pack_config_invalid", { name: [name, ...path].join("."), pack: of.pack, instance, found, expected, ...at });
}

function inOrder(layers: readonly ConfigLayer[]): ConfigLayer[] {
  return layers.toSorted((a, b) => configPlaces.indexOf(a.from) - configPlaces.indexOf(b.from));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
