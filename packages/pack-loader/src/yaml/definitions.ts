import type { ActionDefinition, AliasDefinition, Parameter } from "@bellhop/contracts";
import { nearest, notifyOf } from "@bellhop/core";
import type { z } from "zod";
import { within, type SourceFile } from "../folder.ts";
import type { Located } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { readDocument, shown } from "./document.ts";
import { isWorkflowKind, readWorkflow } from "../workflow/read-workflow.ts";
import { ActionYaml, AliasYaml, PackYaml, schemaWords } from "./schemas.ts";

export interface ReadYaml<Definition> {
  readonly located: Located<Definition> | undefined;
  readonly problems: PackProblem[];
  readonly warnings: PackProblem[];
}

export interface PackFacts {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author?: string;
  readonly keywords?: string[];
  /** Other packs that its workflows may call. */
  readonly needs?: readonly string[];
}

/** @param released the version in package.json, which counts where there is one */
export function readPackYaml(file: SourceFile, released: string | undefined): ReadYaml<PackFacts> {
  const schema = released === undefined ? PackYaml : PackYaml.extend({ version: PackYaml.shape.version.nullish() });
  const { value, at, problems, warnings, written } = readDocument(file.path, text(file), schema);
  if (value === undefined) return { located: undefined, problems, warnings };
  const name = value.ref ?? value.name;
  if (!/^[a-z0-9_]+$/.test(name)) {
    const hint = "Small letters, digits and _ only; or add ref: with such a name.";
    problems.push({ file: file.path, ...at(["name"]), message: `name is ${shown(name)}.`, hint });
  }
  const own = typeof value.version === "number" ? (written(["version"]) ?? String(value.version)) : (value.version ?? undefined);
  const version = released ?? own ?? "0";
  if (own !== undefined && own !== version) {
    const hint = "Leave it out here, so that it has one home.";
    warnings.push({ file: file.path, ...at(["version"]), message: `package.json says ${version}, which counts.`, hint });
  }
  const { author, keywords } = value;
  const definition = {
    name,
    version,
    description: value.description ?? "",
    ...(author ? { author } : {}),
    ...(keywords && keywords.length > 0 ? { keywords } : {}),
    ...(value.dependencies ? { needs: value.dependencies.map(packNamed) } : {}),
  };
  const located = { definition, file: file.path, at };
  return { located, problems, warnings };
}

/** `ci`, `ci=1.2.0`, `https://github.com/acme/stackstorm-ci.git=v1`: as StackStorm names what it would install. */
function packNamed(dependency: string): string {
  const [where = ""] = dependency.split("=");
  return (where.split("/").at(-1) ?? "")
    .replace(/\.git$/, "")
    .replace(/^stackstorm-/, "")
    .replaceAll("-", "_");
}

export function readActionYaml(
  file: SourceFile,
  pack: string,
  files: readonly SourceFile[],
  kinds: readonly string[],
): ReadYaml<ActionDefinition> {
  const read = readDocument(file.path, text(file), ActionYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, problems, warnings };
  const complain = (path: readonly (string | number)[], message: string, hint: string) =>
    problems.push({ file: file.path, ...at(path), message, hint });
  otherPack(read, pack);

  const kind = value.runner_type;
  let entryPoint: string | undefined;
  if (kind === "typescript") {
    complain(
      ["runner_type"],
      "An action of the kind typescript needs no YAML.",
      "Its TypeScript file in actions/ is its definition: remove this file.",
    );
  } else if (value.entry_point) {
    entryPoint = within("actions", value.entry_point);
    if (entryPoint === undefined) {
      complain(["entry_point"], `entry_point ${shown(value.entry_point)} leads out of the pack.`, "It is a path within actions/.");
    } else if (kinds.includes(kind) && !files.some((one) => one.path === entryPoint)) {
      const near = nearest(
        entryPoint,
        files.map((one) => one.path).filter((path) => path.startsWith("actions/") && path !== file.path),
      );
      const hint = near === undefined ? "It is a path within actions/." : `Did you mean ${near.slice("actions/".length)}?`;
      warnings.push({ file: file.path, ...at(["entry_point"]), message: `There is no file ${entryPoint}, so nothing can run it.`, hint });
    }
  } else if (kind === "local-shell-script" || isWorkflowKind(kind)) {
    const hint = `An action of the kind ${kind} names its ${kind === "local-shell-script" ? "script" : "workflow"} in actions/.`;
    warnings.push({ file: file.path, ...at(["runner_type"]), message: "entry_point is missing, so nothing can run it.", hint });
  }

  const parameters: Record<string, Parameter> = {};
  for (const [name, given] of Object.entries(value.parameters ?? {})) {
    parameters[name] = given ?? {};
    for (const word of Object.keys(given ?? {})) {
      const near = schemaWords.includes(word) ? undefined : nearest(word, schemaWords);
      if (near !== undefined) complain(["parameters", name, word], `${word} says nothing about a parameter.`, `Did you mean ${near}?`);
    }
  }
  const source = files.find(({ path }) => path === entryPoint);
  const workflow = source === undefined || !isWorkflowKind(kind) ? undefined : readWorkflow(source.path, text(source), { kind });
  problems.push(...(workflow?.problems ?? []));
  // A pack's other definitions stay up without one that could only fail.
  if (workflow !== undefined && workflow.problems.length > 0) return { located: undefined, problems, warnings };

  const notify = notifyOf(value.notify);
  const definition: ActionDefinition = {
    ref: `${pack}.${value.name}`,
    pack,
    name: value.name,
    description: value.description ?? "",
    enabled: value.enabled ?? true,
    kind,
    ...(entryPoint === undefined ? {} : { entryPoint }),
    ...(workflow === undefined ? {} : { workflow: workflow.data }),
    parameters,
    ...(value.output_schema ? { output: value.output_schema } : {}),
    repeatable: isRepeatable(value.tags ?? []),
    pool: "default",
    ...(notify === undefined ? {} : { notify }),
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, problems, warnings };
}

export function readAliasYaml(file: SourceFile, pack: string): ReadYaml<AliasDefinition> {
  const read = readDocument(file.path, text(file), AliasYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, problems, warnings };
  otherPack(read, pack);
  const { ack, result } = value;
  for (const [part, extra, own] of [
    ["", value.extra, []],
    ["ack", ack?.extra, ["as"]],
    ["result", result?.extra, ["whisper", "live"]],
  ] as const) {
    const unused = Object.keys(extra ?? {}).filter((name) => ![...own, ...shownExtras].includes(name));
    if (unused.length === 0) continue;
    const path = part === "" ? ["extra"] : [part, "extra"];
    const message = `${path.join(".")}: ${unused.join(", ")} ${unused.length === 1 ? "is" : "are"} not used.`;
    // A second factor, in StackStorm's chat.
    const isGuarded = unused.includes("security");
    const hint = isGuarded
      ? "Nobody is asked for a second factor: who may run it is said by `access`, and a workflow can ask with core.ask."
      : "The alias works without it.";
    warnings.push({ file: file.path, ...at([...path, unused[0] ?? ""]), message, hint });
  }
  const ackExtra = shownOf({ ...value.extra, ...ack?.extra });
  const resultExtra = shownOf({ ...value.extra, ...result?.extra });
  const definition: AliasDefinition = {
    ref: `${pack}.${value.name}`,
    pack,
    name: value.name,
    description: value.description ?? "",
    enabled: value.enabled ?? true,
    action: value.action_ref,
    formats: value.formats.map((format) =>
      typeof format === "string"
        ? { display: format, representation: [format], matchMultiple: false }
        : {
            ...(format.display ? { display: format.display } : {}),
            representation: [format.representation].flat(),
            matchMultiple: format.match_multiple ?? false,
          },
    ),
    immutableParameters: value.immutable_parameters ?? {},
    ...(ack
      ? {
          ack: {
            enabled: ack.enabled ?? true,
            ...(ack.format ? { format: ack.format } : {}),
            ...(ack.extra?.as ? { as: ack.extra.as } : {}),
            ...(typeof ack.append_url === "boolean" ? { appendUrl: ack.append_url } : {}),
            ...(ackExtra === undefined ? {} : { extra: ackExtra }),
          },
        }
      : {}),
    result: {
      enabled: result?.enabled ?? true,
      ...(result?.format ? { format: result.format } : {}),
      ...(result?.extra?.whisper ? { whisper: true } : {}),
      ...(typeof result?.extra?.live === "boolean" ? { live: result.extra.live } : {}),
      ...(resultExtra === undefined ? {} : { extra: resultExtra }),
    },
    source: { file: file.path, ...at([]) },
  };
  // The spelling of a part differs between YAML and TypeScript; checks use the names of TypeScript.
  const yamlPath = (path: readonly (string | number)[]) =>
    path[0] === "action"
      ? ["action_ref"]
      : path[0] === "reply"
        ? ["result", "format"]
        : path[0] === "immutable"
          ? ["immutable_parameters", ...path.slice(1)]
          : path;
  return { located: { definition, file: file.path, at: (path, needle, nth) => at(yamlPath(path), needle, nth) }, problems, warnings };
}

/** What replies show besides words: see core's `readExtra`. */
const shownExtras: readonly string[] = ["slack", "discord", "matrix", "cards", "color"];

function shownOf(extra: Readonly<Record<string, unknown>> | null | undefined): Record<string, unknown> | undefined {
  const shown = Object.entries(extra ?? {}).filter(([name]) => shownExtras.includes(name));
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

export function otherPack(
  read: { file: string; at: Located<unknown>["at"]; value: { pack?: string | null } | undefined; warnings: PackProblem[] },
  pack: string,
): void {
  const named = read.value?.pack;
  if (!named || named === pack) return;
  read.warnings.push({
    file: read.file,
    ...read.at(["pack"]),
    message: `pack is ${named}, but this is the pack ${pack}.`,
    hint: `It counts as ${pack}'s.`,
  });
}

function isRepeatable(tags: NonNullable<z.infer<typeof ActionYaml>["tags"]>): boolean {
  return tags.some(
    (tag) =>
      tag === "repeatable" ||
      (typeof tag === "object" && tag.name === "repeatable" && ![false, "false", "no"].some((no) => no === tag["value"])),
  );
}

function text(file: SourceFile): string {
  return file.bytes.toString("utf8");
}
