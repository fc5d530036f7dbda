import type { PackVersion } from "@bellhop/contracts";
import { z } from "zod";
import { didYouMean } from "./did-you-mean.ts";
import type { OverrideFile } from "./folder.ts";
import type { PackProblem } from "./problem.ts";
import { readDocument, type ReadDocument } from "./yaml/document.ts";

/** A version as the installation wants it: what `_global` says of all packs, and then what is said of this one; of each, its defaults and then its exceptions.
 *  What is wrong with a file is a warning, and the file changes nothing: no pack is to blame for it. */
export function overridden<Version extends Omit<PackVersion, "digest">>(
  version: Version,
  files: readonly OverrideFile[],
): { version: Version; warnings: PackProblem[] } {
  const warnings: PackProblem[] = [];
  let changed = version;
  for (const name of ["_global", version.name]) {
    const file = files.find((one) => one.name === name);
    if (file === undefined) continue;
    const read = readDocument(file.path, file.text, OverridesYaml);
    warnings.push(...read.problems, ...read.warnings);
    if (read.value === undefined || read.problems.length > 0) continue;
    const { value } = read;
    if (name !== "_global") warnings.push(...unknownNames(read, value, version));
    changed = {
      ...changed,
      actions: changed.actions.map((one) => ({ ...one, ...settingsOf(value.actions, one.name) })),
      aliases: changed.aliases.map((one) => ({ ...one, ...enabledOf(value.aliases, one.name) })),
      ...(changed.rules === undefined ? {} : { rules: changed.rules.map((one) => ({ ...one, ...enabledOf(value.rules, one.name) })) }),
      ...(changed.sensors === undefined
        ? {}
        : { sensors: changed.sensors.map((one) => ({ ...one, ...enabledOf(value.sensors, one.name) })) }),
    };
  }
  return { version: changed, warnings };
}

const Settings = z.strictObject({ enabled: z.boolean().optional() });
/** Whether an attempt may be made again is the installation's to say too. */
const ActionSettings = Settings.extend({ repeatable: z.boolean().optional() });
const of = <S extends z.ZodType>(settings: S) =>
  z.strictObject({ defaults: settings.nullish(), exceptions: z.record(z.string(), settings).nullish() }).nullish();

const OverridesYaml = z.strictObject({
  actions: of(ActionSettings),
  aliases: of(Settings),
  rules: of(Settings),
  sensors: of(Settings),
});
type Overrides = z.infer<typeof OverridesYaml>;

function settingsOf(said: Overrides["actions"], name: string): z.infer<typeof ActionSettings> {
  return { ...said?.defaults, ...own(said?.exceptions, name) };
}

function enabledOf(said: Overrides["rules"], name: string): z.infer<typeof Settings> {
  return { ...said?.defaults, ...own(said?.exceptions, name) };
}

function own<Value>(values: Readonly<Record<string, Value>> | null | undefined, name: string): Value | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

function unknownNames(read: ReadDocument<Overrides>, value: Overrides, version: Omit<PackVersion, "digest">): PackProblem[] {
  return (["actions", "aliases", "rules", "sensors"] as const).flatMap((kind) => {
    const known = (version[kind] ?? []).map(({ name }) => name);
    return Object.keys(value[kind]?.exceptions ?? {})
      .filter((name) => !known.includes(name))
      .map((name) => {
        const message = `The pack has nothing called ${name} among its ${kind}.`;
        return { file: read.file, ...read.at([kind, "exceptions", name]), message, hint: didYouMean(name, known) };
      });
  });
}
