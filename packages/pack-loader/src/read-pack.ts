import { basename, dirname } from "node:path/posix";
import type { ActionDefinition, AliasDefinition, PackFiles, PackVersion, RuleDefinition, TriggerDefinition } from "@bellhop/contracts";
import type { ConfigSchema } from "@bellhop/core";
import { checkDefinitions } from "./checks.ts";
import type { Extracted, Extraction } from "./child/protocol.ts";
import { checkConfig } from "./config-checks.ts";
import { digestOf } from "./digest.ts";
import { extract, type ExtractionLimits } from "./extraction.ts";
import type { SourceFile } from "./folder.ts";
import type { FaultyPack, InstalledModules, LoadedPack, LoadOptions } from "./load-pack.ts";
import { placesOf, type Located } from "./located.ts";
import { manifestFile, readManifest, type Manifest } from "./manifest.ts";
import type { Dependencies } from "./modules/index.ts";
import { stemOf } from "./modules/resolution.ts";
import { byPlace, type PackProblem } from "./problem.ts";
import { checkRules } from "./rule-checks.ts";
import { configFile, readConfigYaml } from "./yaml/config.ts";
import { readActionYaml, readAliasYaml, readPackYaml, type ReadYaml } from "./yaml/definitions.ts";
import { readRuleYaml, readTriggerYaml, triggersOfSensor } from "./yaml/rules.ts";

/** A pack's sources, as far as its folder was read. */
export interface Sources {
  /** The folder, links resolved. */
  readonly home: string;
  readonly files: readonly SourceFile[];
  /** What is wrong with the folder. */
  readonly problems: readonly PackProblem[];
  readonly kinds: readonly string[];
  readonly limits: ExtractionLimits;
  readonly modules?: LoadOptions["modules"];
}

/** Sources become a version, or all that is wrong with them. */
export async function readPack(sources: Sources): Promise<LoadedPack | FaultyPack> {
  const { files, kinds } = sources;
  const problems = [...sources.problems];
  const { manifest, ...manifestFaults } = readManifest(files.find((file) => file.path === manifestFile)?.bytes.toString("utf8"));
  problems.push(...manifestFaults.problems, ...notInstalled(manifest, sources.modules));
  const read = readYaml({ files, kinds, released: manifest.version });
  problems.push(...read.problems);
  const warnings = [...read.warnings, ...unknownFolders(files)];
  const extraction = await readTypeScript({ pack: read.pack, manifest, sources });
  problems.push(...extraction.problems);

  const texts = new Map(files.map((file) => [file.path, file]));
  const actions = [...read.actions, ...extraction.actions.map((one) => located(one, texts))];
  const aliases = [...read.aliases, ...extraction.aliases.map((one) => located(one, texts))];
  const configs = [...read.config, ...(extraction.config === undefined ? [] : [located(extraction.config, texts)])];
  const [config] = configs;
  const configFaults = checkedConfig(read.pack, configs);
  problems.push(...configFaults.problems);
  warnings.push(...configFaults.warnings);
  const travelling = [...travels(files), ...compiledFiles(extraction)].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  problems.push(...samePath(travelling, extraction));
  const draft: Omit<PackVersion, "digest"> = {
    v: 1,
    ...read.facts,
    ...travellingModules(sources.modules),
    actions: actions.map((one) => one.definition).toSorted(byRef),
    aliases: aliases.map((one) => one.definition).toSorted(byRef),
    ...(read.rules.length === 0 ? {} : { rules: read.rules.map((one) => one.definition).toSorted(byRef) }),
    ...(read.triggers.length === 0 ? {} : { triggers: read.triggers.map((one) => one.definition).toSorted(byRef) }),
    ...(config === undefined || Object.keys(config.definition).length === 0 ? {} : { config: config.definition }),
  };
  const version = { ...draft, digest: digestOf(draft, travelling) };
  const actionNames = new Set(
    files.filter((file) => dirname(file.path) === "actions").map((file) => basename(file.path).replace(/\.[^.]+$/, "")),
  );
  const checked = checkDefinitions({ name: read.facts.name, actions, aliases, kinds, actionNames, version });
  const rulesChecked = checkRules({
    name: read.facts.name,
    rules: read.rules,
    triggers: read.triggers,
    sensed: read.sensed,
    actionNames: new Set([...actionNames, ...actions.map((one) => one.definition.name)]),
  });
  problems.push(...checked.problems, ...rulesChecked.problems);
  warnings.push(...checked.warnings, ...rulesChecked.warnings);
  if (problems.length > 0) return faulty(problems, warnings);
  const loaded = { version, files: { v: 1 as const, digest: version.digest, files: travelling }, warnings: warnings.toSorted(byPlace) };
  return { kind: "loaded", ...loaded };
}

function faulty(problems: readonly PackProblem[], warnings: readonly PackProblem[]): FaultyPack {
  return { kind: "faulty", problems: problems.toSorted(byPlace), warnings: warnings.toSorted(byPlace) };
}

interface YamlPart {
  facts: { name: string; version: string; description: string };
  pack: string;
  actions: Located<ActionDefinition>[];
  aliases: Located<AliasDefinition>[];
  rules: Located<RuleDefinition>[];
  triggers: Located<TriggerDefinition>[];
  /** Triggers that sensors declare, by name. */
  sensed: readonly string[];
  config: Located<ConfigSchema>[];
  problems: PackProblem[];
  warnings: PackProblem[];
}

const metadata = /\.(ya?ml|json)$/;

function readYaml({ files, kinds, released }: Pick<Sources, "files" | "kinds"> & { released: string | undefined }): YamlPart {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const take = <Definition>(read: ReadYaml<Definition>): Located<Definition>[] => {
    problems.push(...read.problems);
    warnings.push(...read.warnings);
    return read.located === undefined ? [] : [read.located];
  };
  const packFile = files.find((file) => file.path === "pack.yaml" || file.path === "pack.yml");
  if (packFile === undefined) {
    const hint = "It says who the pack is: name, description, version, author.";
    problems.push({ file: "pack.yaml", line: 1, column: 1, message: "There is no pack.yaml.", hint });
  }
  const facts = packFile === undefined ? undefined : take(readPackYaml(packFile, released))[0]?.definition;
  // The other files are read even so: every problem at once.
  const pack = facts?.name ?? "pack";
  const of = (folder: string) => files.filter((file) => dirname(file.path) === folder && metadata.test(file.path));
  const actions = of("actions").flatMap((file) => take(readActionYaml(file, pack, files, kinds)));
  const aliases = of("aliases").flatMap((file) => take(readAliasYaml(file, pack)));
  const rules = of("rules").flatMap((file) => take(readRuleYaml(file, pack)));
  const triggers = of("triggers").flatMap((file) => take(readTriggerYaml(file, pack)));
  const sensed = of("sensors").flatMap(triggersOfSensor);
  const config = files.filter((file) => file.path === configFile).flatMap((file) => take(readConfigYaml(file)));
  return {
    facts: facts ?? { name: pack, version: "0", description: "" },
    pack,
    actions,
    aliases,
    rules,
    triggers,
    sensed,
    config,
    problems,
    warnings,
  };
}

function notInstalled(manifest: Manifest, modules: Sources["modules"]): readonly PackProblem[] {
  const [first] = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
  if (first === undefined || isInstalled(modules)) return [];
  if (modules !== undefined) return modules.problems;
  const hint = "bellhop pack install, pack check and up install what a pack depends on.";
  return [{ file: manifestFile, ...manifest.placeOf(first), message: "The dependencies of this pack are not installed.", hint }];
}

function isInstalled(modules: Sources["modules"]): modules is InstalledModules | "own" {
  return modules === "own" || (modules !== undefined && "hash" in modules);
}

function travellingModules(modules: Sources["modules"]): Pick<PackVersion, "modules"> {
  if (!isInstalled(modules) || modules === "own") return {};
  const { hash, platform } = modules;
  return { modules: { hash, ...(platform === undefined ? {} : { platform }) } };
}

async function readTypeScript({
  pack,
  manifest,
  sources: all,
}: {
  pack: string;
  manifest: Manifest;
  sources: Sources;
}): Promise<Extraction> {
  const { home, files, limits } = all;
  const sources = files
    .filter((file) => stemOf(file.path) !== undefined)
    .map((file) => ({ path: file.path, text: file.bytes.toString("utf8") }));
  // Without them most files would only say once more that they are missing.
  const readable = sources.length > 0 && notInstalled(manifest, all.modules).length === 0;
  if (!readable) return { compiled: [], actions: [], aliases: [], problems: [] };
  const result = await extract(
    {
      pack,
      folder: home,
      sources,
      files: files.map((file) => file.path),
      declared: [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)],
      development: manifest.development,
      ...dependenciesAt(all.modules),
    },
    limits,
  );
  if (result.kind === "done") return result.extraction;
  const file = result.file ?? sources[0]?.path ?? "pack.yaml";
  const said = result.said === "" ? "" : ` It said: ${result.said.slice(-300)}`;
  const hint = `Files of definitions only define; work belongs into run.${said}`;
  return { compiled: [], actions: [], aliases: [], problems: [{ file, line: 1, column: 1, message: `${file} ${result.why}.`, hint }] };
}

function dependenciesAt(modules: Sources["modules"]): { dependencies?: Dependencies } {
  if (!isInstalled(modules)) return {};
  return { dependencies: modules === "own" ? {} : { from: modules.folder, within: modules.folder } };
}

function located<Definition>(extracted: Extracted<Definition>, files: ReadonlyMap<string, SourceFile>): Located<Definition> {
  const text = files.get(extracted.file)?.bytes.toString("utf8") ?? "";
  const at = placesOf(text, (path) => extracted.ranges[path.join("/")]);
  return { definition: extracted.definition, file: extracted.file, at };
}

/** TypeScript travels compiled, types not at all; definitions in YAML are in the version already, but scripts may sit beside them. */
function travels(files: readonly SourceFile[]): PackFiles["files"] {
  return files
    .filter((file) => !/\.[cm]?tsx?$/.test(file.path))
    .map(({ path, executable, bytes }) => ({ path, executable, base64: bytes.toString("base64") }));
}

function compiledFiles(extraction: Extraction): PackFiles["files"] {
  return extraction.compiled.map(({ path, code }) => ({ path, executable: false, base64: Buffer.from(code).toString("base64") }));
}

function samePath(files: PackFiles["files"], extraction: Extraction): PackProblem[] {
  return files.flatMap((file, index) => {
    if (files[index - 1]?.path !== file.path) return [];
    const source = extraction.compiled.find((one) => one.path === file.path)?.from ?? file.path;
    return [
      {
        file: source,
        line: 1,
        column: 1,
        message: `${source} becomes ${file.path}, which is there already.`,
        hint: "Rename one of the two.",
      },
    ];
  });
}

/** Folders of StackStorm's whose time comes. */
const later = new Set(["sensors", "policies", "workflows"]);

function unknownFolders(files: readonly SourceFile[]): PackProblem[] {
  const first = new Map<string, string>();
  for (const file of files) {
    const folder = file.path.includes("/") ? (file.path.split("/")[0] ?? "") : "";
    if (later.has(folder) && !first.has(folder)) first.set(folder, file.path);
  }
  return [...first].map(([folder, file]) => ({
    file,
    line: 1,
    column: 1,
    message: `The folder ${folder}/ is not read yet.`,
    hint: "The rest of the pack works.",
  }));
}

/** What is wrong with the one schema of a pack's configuration, or that there are two. */
function checkedConfig(pack: string, configs: readonly Located<ConfigSchema>[]): { problems: PackProblem[]; warnings: PackProblem[] } {
  const [first, second] = configs;
  if (first === undefined) return { problems: [], warnings: [] };
  if (second === undefined) return checkConfig(pack, first);
  const hint = `It is in ${first.file} already: keep one of the two.`;
  return {
    problems: [{ file: second.file, ...second.at([]), message: "The pack says twice what it can be configured with.", hint }],
    warnings: [],
  };
}

function byRef(a: { ref: string }, b: { ref: string }): number {
  return a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0;
}
