import { isSealed, secretMask, valueAt } from "@bellhop/contracts";
import { holdsSecret } from "./secrets.ts";
import type { ConfigLayer, ConfigOf, Setting } from "./settings.ts";

/** The variable that gives a value: of the unnamed instance, or of one. */
export function configVariable({ pack, instance, name }: ConfigOf & { name: string }): string {
  const part = (text: string) => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  return `BELLHOP_CONFIG_${part(pack)}_${instance === undefined ? "" : `_${part(instance)}__`}${part(name)}`;
}

/** Where a value stands, as people find it. */
export function placeText(at: ConfigOf & { name: string; layer: ConfigLayer | undefined }): string {
  const { pack, name, layer } = at;
  switch (layer?.from) {
    case undefined:
      return "the default of its schema";
    case "environment":
      return configVariable({ pack, name, ...(layer.instance === undefined ? {} : { instance: layer.instance }) });
    case "bellhop.yaml":
      return `packConfig.${pack}${layer.instance === undefined ? "" : `.instances.${layer.instance}`} of bellhop.yaml`;
    case "configs folder":
      return `configs/${pack}.yaml`;
    case "stored":
      return layer.instance === undefined ? "what was set" : `what was set for ${layer.instance}`;
  }
}

/** The command that sets these. Secrets are asked for: what stands on a command line is seen by others. */
export function setCommand({ pack, instance }: ConfigOf, settings: readonly Pick<Setting, "name" | "schema">[]): string {
  const words = settings.map(({ name, schema }) => (holdsSecret(schema) ? name : `${name}=VALUE`));
  return `\`bellhop pack config set ${pack} ${words.join(" ")}${instance === undefined ? "" : ` --instance ${instance}`}\``;
}

export function instanceText(instance: string | undefined): string {
  return instance === undefined ? "" : ` (instance ${instance})`;
}

/** What stands at a path within a value, for people; undefined where nothing does. */
export function foundText(value: unknown, path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, path);
  if (found === undefined) return undefined;
  if (isSealed(found)) return secretMask;
  const text = typeof found === "string" ? `"${found}"` : (JSON.stringify(found) ?? typeof found);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
