import { dirname } from "node:path/posix";
import type {
  ActionDefinition,
  AliasDefinition,
  PolicyDefinition,
  RuleDefinition,
  SensorDefinition,
  TriggerDefinition,
} from "@bellhop/contracts";
import type { ConfigSchema } from "@bellhop/core";
import type { SourceFile } from "../folder.ts";
import { lineStarts, placeAt, type Located } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { configFile, readConfigYaml } from "./config.ts";
import { readActionYaml, readAliasYaml, readPackYaml, type PackFacts, type ReadYaml } from "./definitions.ts";
import { readPolicyYaml } from "./policies.ts";
import { readRuleYaml, readTriggerYaml } from "./rules.ts";
import { readSensorYaml } from "./sensors.ts";

/** What a pack's YAML and JSON define. */
interface YamlPart {
  /** Absent where pack.yaml can't be read. */
  readonly facts: PackFacts | undefined;
  /** What the pack is called; `pack` where that is not known. */
  readonly pack: string;
  readonly actions: readonly Located<ActionDefinition>[];
  readonly aliases: readonly Located<AliasDefinition>[];
  readonly rules: readonly Located<RuleDefinition>[];
  /** Those of sensors as well. */
  readonly triggers: readonly Located<TriggerDefinition>[];
  readonly sensors: readonly Located<SensorDefinition>[];
  readonly policies: readonly Located<PolicyDefinition>[];
  readonly config: readonly Located<ConfigSchema>[];
  readonly problems: readonly PackProblem[];
  readonly warnings: readonly PackProblem[];
}

/** Reads all of it, whatever is wrong with parts of it.
 *  @param released the version in package.json, which counts where there is one */
export function readYaml(at: { files: readonly SourceFile[]; kinds: readonly string[]; released: string | undefined }): YamlPart {
  const { files, kinds, released } = at;
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const take = <Definition>(read: ReadYaml<Definition>): Located<Definition>[] => {
    problems.push(...read.problems);
    warnings.push(...read.warnings);
    return read.located === undefined ? [] : [read.located];
  };
  const readable = files.filter((file) => {
    const fault = isRead(file) ? unreadable(file) : undefined;
    if (fault !== undefined) problems.push(fault);
    return fault === undefined;
  });
  const packFile = readable.find((file) => file.path === "pack.yaml" || file.path === "pack.yml");
  if (packFile === undefined && !files.some((file) => file.path === "pack.yaml" || file.path === "pack.yml")) {
    const hint = "It says who the pack is: name, description, version, author.";
    problems.push({ file: "pack.yaml", line: 1, column: 1, message: "There is no pack.yaml.", hint });
  }
  const facts = packFile === undefined ? undefined : take(readPackYaml(packFile, released))[0]?.definition;
  // The other files are read even so: every problem at once.
  const pack = facts?.name ?? "pack";
  const of = (folder: string) => readable.filter((file) => dirname(file.path) === folder && metadata.test(file.path));
  const sensors = of("sensors").map((file) => readSensorYaml(file, pack, files));
  return {
    facts,
    pack,
    actions: of("actions").flatMap((file) => take(readActionYaml(file, pack, files, kinds))),
    aliases: of("aliases").flatMap((file) => take(readAliasYaml(file, pack))),
    rules: of("rules").flatMap((file) => take(readRuleYaml(file, pack))),
    triggers: [...of("triggers").flatMap((file) => take(readTriggerYaml(file, pack))), ...sensors.flatMap((sensor) => sensor.triggers)],
    sensors: sensors.flatMap(take),
    policies: of("policies").flatMap((file) => take(readPolicyYaml(file, pack))),
    config: readable.filter((file) => file.path === configFile).flatMap((file) => take(readConfigYaml(file))),
    problems,
    warnings,
  };
}

/** Folders whose files are definitions: one that is faulty leaves the others be. */
export const definitionFolders: readonly string[] = ["actions", "aliases", "rules", "triggers", "sensors", "policies", "workflows"];

/** Files that are read as YAML. */
export const metadata = /\.(ya?ml|json)$/;

function isRead({ path }: SourceFile): boolean {
  return metadata.test(path) && (!path.includes("/") || definitionFolders.includes(path.slice(0, path.indexOf("/"))));
}

/** More than any definition has, and what a parser still reads in a second or two. */
const largest = 1024 * 1024;

/** Why a file can't be read as text that people wrote. */
function unreadable({ path, bytes }: SourceFile): PackProblem | undefined {
  if (bytes.length > largest) {
    const message = `${path} has ${(bytes.length / 1024 / 1024).toFixed(1)} MB; 1 MB is allowed.`;
    return { file: path, line: 1, column: 1, message, hint: "Data belongs into files that the action itself reads." };
  }
  const wrong = firstWrong(bytes);
  if (wrong === undefined) return undefined;
  const place = placeAt(lineStarts(bytes.toString("latin1")), wrong);
  const byte = `0x${(bytes[wrong] ?? 0).toString(16).padStart(2, "0")}`;
  return { file: path, ...place, message: `${path} is no UTF-8: there is the byte ${byte}.`, hint: "Save it as UTF-8." };
}

/** Where the first byte stands that is not UTF-8. */
function firstWrong(bytes: Buffer): number | undefined {
  if (isText(bytes)) return undefined;
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    // A character that only the cut goes through is not wrong.
    if (isText(bytes.subarray(0, middle), { stream: true })) good = middle;
    else bad = middle;
  }
  return good;
}

function isText(bytes: Uint8Array, options: { stream?: boolean } = {}): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}
