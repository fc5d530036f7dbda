import { isSealed, type Problem } from "@bellhop/contracts";
import type { Datastore } from "../kv/names.ts";
import type { ConfigSchema } from "./check.ts";
import { fillConfig } from "./from-datastore.ts";
import { mapSecrets } from "./secrets.ts";
import { configFault, settingsOf, unknownInstance, type ConfigLayer, type ConfigOf } from "./settings.ts";

/** A configuration as templates see it. */
export interface ConfigContext {
  /** By name, with everything sealed that is secret. */
  readonly values: unknown;
  /** Of those that have no value, by name: why, and what to do. */
  readonly lacking: Readonly<Record<string, string>>;
}

/** What templates see of a configuration as `config_context`: each value by itself, so that one that is missing keeps nobody from another.
 *  @param at.datastore has what its values take from there
 *  @param at.seal closes what an environment or a file has in the open */
export function configContext(at: {
  schema: ConfigSchema;
  layers: readonly ConfigLayer[];
  of: ConfigOf;
  user: string;
  datastore: Datastore;
  seal: (value: unknown) => unknown;
}): ConfigContext {
  const { schema, of, seal, ...rest } = at;
  const { pack, instance } = of;
  const unknown = instance === undefined ? undefined : unknownInstance({ pack, instance }, schema, at.layers);
  if (unknown !== undefined) return withoutValues(schema, unknown);
  const values: Record<string, unknown> = {};
  const lacking: Record<string, string> = {};
  for (const setting of settingsOf({ schema, layers: at.layers, ...of })) {
    const { name } = setting;
    const fault = configFault(setting.kind === "absent" ? [{ ...setting, required: true }] : [setting], of, `{{ config_context.${name} }}`);
    if (fault !== undefined || !("value" in setting)) {
      lacking[name] = fault === undefined ? "" : `${fault.message} ${fault.hint}`;
      continue;
    }
    const filled = fillConfig({ values: { [name]: setting.value }, schema, of, ...rest });
    if (filled.kind === "refused") {
      lacking[name] = `${filled.problem.message} ${filled.problem.hint}`;
      continue;
    }
    const closed = closing(filled.values[name], new Set(filled.secrets), seal);
    values[name] = mapSecrets({ [name]: closed }, schema, seal)[name];
  }
  return { values, lacking };
}

/** One of which nothing can be read. */
export function withoutValues(schema: ConfigSchema, { message, hint }: Problem): ConfigContext {
  return { values: {}, lacking: Object.fromEntries(Object.keys(schema).map((name) => [name, `${message} ${hint}`])) };
}

/** A value in which what was opened for it is closed again, wherever the schema has it. */
function closing(value: unknown, secrets: ReadonlySet<unknown>, seal: (secret: unknown) => unknown): unknown {
  if (secrets.has(value)) return seal(value);
  if (typeof value !== "object" || value === null || isSealed(value)) return value;
  if (Array.isArray(value)) return value.map((item) => closing(item, secrets, seal));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closing(inner, secrets, seal)]));
}
