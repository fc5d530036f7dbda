import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type TypeScript from "ts6";
import { placeAt } from "../located.ts";
import type { PackProblem } from "../problem.ts";
import { typescript as ts } from "./typescript.ts";

export interface TypesRequest {
  /** The pack's, links resolved. */
  readonly folder: string;
  /** Holds the `node_modules` of what the pack depends on; absent: they lie in the pack's own. */
  readonly modules?: string;
}

export interface TypesAnswer {
  readonly problems: readonly PackProblem[];
  /** Every file that was read for it. */
  readonly read: readonly string[];
}

/** What TypeScript says of a pack's types, by the pack's own settings where it has any. Files of others are never complained about. */
export function checkTypes(request: TypesRequest): TypesAnswer {
  const { folder } = request;
  const { parsed, files } = settingsOf(folder);
  const options: TypeScript.CompilerOptions = { ...parsed.options, ...always, types: parsed.options.types ?? ["node"] };
  const host = hostFor(request, options);
  const program = ts.createProgram({ rootNames: parsed.fileNames, options, host });
  const own = program.getSourceFiles().filter(({ fileName }) => isWithin(folder, fileName));
  const found = [
    ...parsed.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  return {
    problems: found.filter(({ category }) => category === ts.DiagnosticCategory.Error).map((one) => problemOf(folder, one)),
    read: [...files, ...program.getSourceFiles().map(({ fileName }) => fileName)],
  };
}

/** Nothing is written, and what an older or a newer compiler calls outdated is none of the pack's faults. */
const always: TypeScript.CompilerOptions = {
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  sourceMap: false,
  tsBuildInfoFile: undefined,
  skipLibCheck: true,
  ignoreDeprecations: "6.0",
};

/** For a pack that says nothing. Enums, decorators and parameter properties are allowed, since the loader compiles them. */
const strict = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  target: "es2024",
  lib: ["es2024"],
  module: "esnext",
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  types: ["node"],
};

interface Settings {
  readonly parsed: TypeScript.ParsedCommandLine;
  /** Where they stand. */
  readonly files: readonly string[];
}

function settingsOf(folder: string): Settings {
  const file = join(folder, "tsconfig.json");
  if (ts.sys.fileExists(file)) {
    const source = ts.readJsonConfigFile(file, (path) => ts.sys.readFile(path));
    const parsed = ts.parseJsonSourceFileConfigFileContent(source, ts.sys, folder, undefined, file);
    return { parsed, files: [file, ...(source.extendedSourceFiles ?? [])] };
  }
  const exclude = ["node_modules", "dist", "coverage", "test", "tests", "**/*.test.*", "vitest.config.*"];
  const config = { compilerOptions: { ...strict, noEmit: true }, include: ["**/*"], exclude };
  return { parsed: ts.parseJsonConfigFileContent(config, ts.sys, folder), files: [] };
}

/** What packs are given by whoever runs them, or need in order to speak of Node's modules: where the pack has installed none, the host's counts. */
const hosted = /^(@bellhop\/sdk|zod)(\/|$)/;

function hostFor({ folder, modules }: TypesRequest, options: TypeScript.CompilerOptions): TypeScript.CompilerHost {
  const host = ts.createCompilerHost(options);
  // As tsc does: comments of declarations are for editors.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  const here = fileURLToPath(import.meta.url);
  const elsewhere = (name: string) => {
    if (hosted.test(name)) return here;
    return modules === undefined || name.startsWith(".") || name.startsWith("/") ? undefined : join(modules, "package.json");
  };
  host.resolveModuleNameLiterals = (literals, containing, redirected, settings, source) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, settings);
      const find = (from: string) => ts.resolveModuleName(literal.text, from, settings, host, cache, redirected, mode);
      const found = find(containing);
      const other = found.resolvedModule === undefined ? elsewhere(literal.text) : undefined;
      return other === undefined ? found : find(other);
    });
  host.resolveTypeReferenceDirectiveReferences = (references, containing, redirected, settings) =>
    references.map((reference) => {
      const name = typeof reference === "string" ? reference : reference.fileName;
      const find = (from: string) => ts.resolveTypeReferenceDirective(name, from, settings, host, redirected);
      const found = find(containing);
      return found.resolvedTypeReferenceDirective === undefined && name === "node" ? find(here) : found;
    });
  return host;
}

function problemOf(folder: string, { file, start = 0, messageText, code }: TypeScript.Diagnostic): PackProblem {
  const [first = "", ...rest] = ts.flattenDiagnosticMessageText(messageText, "\n").split("\n");
  const place = file === undefined ? { line: 1, column: 1 } : placeAt(file.getLineStarts(), start);
  const path = file === undefined ? "tsconfig.json" : relative(folder, file.fileName).split(sep).join("/");
  return { file: path, ...place, message: own(first) ?? `${first} (TS${code})`, hint: rest.map((line) => line.trim()).join(" ") };
}

/** The types of `@bellhop/sdk` say what is wrong by texts that nothing can be assigned to: all else that TypeScript says around them is noise. */
function own(message: string): string | undefined {
  const [, type = ""] = / is not assignable to type '(.*)'\.$/s.exec(message) ?? [];
  const members = Array.from(type.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s|]+/g), ([whole, text]) => text ?? whole).filter(
    (one) => one !== "undefined",
  );
  return members.length > 0 && members.every((text) => sentence.test(text)) ? `${members.join("; ")}.` : undefined;
}

const sentence = /; there are: | has no fields$| is a list: /;

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return !path.startsWith("..") && !path.split(/[\\/]/).includes("node_modules");
}
