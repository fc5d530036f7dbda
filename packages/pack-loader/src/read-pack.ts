import { basename, dirname } from "node:path/posix";
import type { ActionDefinition, PackFiles, PackVersion } from "@bellhop/contracts";
import type { ConfigSchema } from "@bellhop/core";
import { checkDefinitions } from "./checks.ts";
import type { Extracted, Extraction } from "./child/protocol.ts";
import { checkConfig } from "./config-checks.ts";
import { digestOf } from "./digest.ts";
import { extract, type ExtractionLimits } from "./extraction.ts";
import type { OverrideFile, SourceFile } from "./folder.ts";
import type { FaultyPack, InstalledModules, LoadedPack, LoadOptions } from "./load-pack.ts";
import { placesOf, type Located } from "./located.ts";
import { manifestFile, readManifest, type Manifest } from "./manifest.ts";
import type { Dependencies } from "./modules/index.ts";
import { stemOf } from "./modules/resolution.ts";
import { overridden } from "./overrides.ts";
import { checkPolicies } from "./policy-checks.ts";
import { byPlace, type PackProblem } from "./problem.ts";
import { checkRules } from "./rule-checks.ts";
import { checkWorkflows } from "./workflow/calls.ts";
import { workflowProblems } from "./workflow/read-workflow.ts";
import type { PackFacts } from "./yaml/definitions.ts";
import { definitionFolders, metadata, readYaml } from "./yaml/read-yaml.ts";

/** A pack's sources, as far as its folder was read. */
export interface Sources {
  /** The folder, links resolved. */
  readonly home: string;
  readonly files: readonly SourceFile[];
  /** What is wrong with the folder. */
  readonly problems: readonly PackProblem[];
  readonly kinds: readonly string[];
  readonly overrides: readonly OverrideFile[];
  readonly limits: ExtractionLimits;
  readonly modules?: LoadOptions["modules"];
}

/** Sources become a version, or all that is wrong with them, and then what is good of them. */
export async function readPack(sources: Sources): Promise<LoadedPack | FaultyPack> {
  const { files, kinds } = sources;
  const problems = [...sources.problems];
  const { manifest, ...manifestFaults } = readManifest(files.find((file) => file.path === manifestFile)?.bytes.toString("utf8"));
  problems.push(...manifestFaults.problems, ...notInstalled(manifest, sources.modules));
  const read = readYaml({ files, kinds, released: manifest.version });
  problems.push(...read.problems);
  const warnings = [...read.warnings];
  const extraction = await readTypeScript({ pack: read.pack, manifest, sources });
  problems.push(...extraction.problems);

  const texts = new Map(files.map((file) => [file.path, file]));
  const defined = {
    ...read,
    policies: [...read.policies, ...extraction.policies.map((one) => located(one, texts))],
    actions: [...read.actions, ...extraction.actions.map((one) => located(one, texts))],
    aliases: [...read.aliases, ...extraction.aliases.map((one) => located(one, texts))],
    rules: [...read.rules, ...extraction.rules.map((one) => located(one, texts))],
    sensors: [...read.sensors, ...extraction.sensors.map((one) => located(one, texts))],
    triggers: [...read.triggers, ...extraction.triggers.map((one) => located(one, texts))],
  };
  problems.push(...workflowProblems(defined.actions));
  const configs = [...read.config, ...(extraction.config === undefined ? [] : [located(extraction.config, texts)])];
  const configFaults = checkedConfig(read.pack, configs);
  problems.push(...configFaults.problems);
  warnings.push(...configFaults.warnings);
  const travelling = [...travels(files), ...compiledFiles(extraction)].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  problems.push(...samePath(travelling, extraction));
  const { needs = [], ...facts }: PackFacts = read.facts ?? { name: read.pack, version: "0", description: "" };
  const versionOf = (without: ReadonlySet<string>): { version: PackVersion; warnings: readonly PackProblem[] } => {
    const of = <Definition extends { ref: string }>(all: readonly Located<Definition>[]) =>
      all
        .filter(({ file }) => !without.has(file))
        .map((one) => one.definition)
        .toSorted(byRef);
    const some = <Definition extends { ref: string }, Field>(all: readonly Located<Definition>[], field: (some: Definition[]) => Field) => {
      const definitions = of(all);
      return definitions.length === 0 ? {} : field(definitions);
    };
    const config = configs[0]?.definition ?? {};
    const draft: Omit<PackVersion, "digest"> = {
      v: 1,
      ...facts,
      ...travellingModules(sources.modules),
      actions: of(defined.actions.filter(({ definition }) => !isFaultyWorkflow(definition, without))),
      aliases: of(defined.aliases),
      ...some(defined.rules, (rules) => ({ rules })),
      ...some(defined.triggers, (triggers) => ({ triggers })),
      ...some(defined.sensors, (sensors) => ({ sensors })),
      ...some(defined.policies, (policies) => ({ policies })),
      ...(Object.keys(config).length === 0 ? {} : { config }),
      ...(without.size === 0 ? {} : { without: [...without].toSorted() }),
    };
    const wanted = overridden(draft, sources.overrides);
    return { version: { ...wanted.version, digest: digestOf(wanted.version, travelling) }, warnings: wanted.warnings };
  };
  const { version, ...others } = versionOf(new Set());
  warnings.push(...others.warnings);
  const actionNames = new Set(
    files.filter((file) => dirname(file.path) === "actions").map((file) => basename(file.path).replace(/\.[^.]+$/, "")),
  );
  const named = { ...defined, name: facts.name, needs, kinds, actionNames, version, files };
  for (const checked of [checkDefinitions(named), checkRules(named), checkPolicies(named), checkWorkflows(named)]) {
    problems.push(...checked.problems);
    warnings.push(...checked.warnings);
  }
  const loaded = (one: PackVersion): LoadedPack => ({
    kind: "loaded",
    version: one,
    files: { v: 1, digest: one.digest, files: travelling },
    warnings: warnings.toSorted(byPlace),
  });
  if (problems.length === 0) return loaded(version);
  const faulty: FaultyPack = { kind: "faulty", problems: problems.toSorted(byPlace), warnings: warnings.toSorted(byPlace) };
  const without = new Set(problems.map(({ file }) => file));
  const isRest = read.facts !== undefined && extraction.complete && [...without].every(isDefinition);
  return isRest ? { ...faulty, rest: loaded(versionOf(without).version) } : faulty;
}

function isFaultyWorkflow({ workflow, entryPoint }: ActionDefinition, faulty: ReadonlySet<string>): boolean {
  return workflow !== undefined && entryPoint !== undefined && faulty.has(entryPoint);
}

/** Whether nothing but what it defines itself is lost with a file. */
function isDefinition(path: string): boolean {
  return definitionFolders.includes(dirname(path)) || (path.startsWith("actions/") && metadata.test(path));
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
}): Promise<Extraction & { /** Whether every file was looked at. */ complete: boolean }> {
  const { home, files, limits } = all;
  const sources = files
    .filter((file) => stemOf(file.path) !== undefined)
    .map((file) => ({ path: file.path, text: file.bytes.toString("utf8") }));
  // Without them most files would only say once more that they are missing.
  const readable = sources.length > 0 && notInstalled(manifest, all.modules).length === 0;
  if (!readable) return { ...nothing, problems: [], complete: sources.length === 0 };
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
  if (result.kind === "done") return { ...result.extraction, complete: true };
  const file = result.file ?? sources[0]?.path ?? "pack.yaml";
  const said = result.said === "" ? "" : ` It said: ${result.said.slice(-300)}`;
  const hint = `Files of definitions only define; work belongs into run.${said}`;
  const problems = [{ file, line: 1, column: 1, message: `${file} ${result.why}.`, hint }];
  return { ...nothing, problems, complete: false };
}

const nothing = { compiled: [], actions: [], policies: [], aliases: [], rules: [], sensors: [], triggers: [] };

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
