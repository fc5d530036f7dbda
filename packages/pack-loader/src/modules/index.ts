import { existsSync, realpathSync, statSync } from "node:fs";
import { createRequire, isBuiltin, registerHooks, type ResolveFnOutput, type ResolveHookContext, type ResolveHookSync } from "node:module";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { provided, travellingOf } from "./resolution.ts";

export interface PackModules {
  /** Stops providing modules. What was imported stays. */
  deregister(): void;
}

/** Where the dependencies of packs lie. */
export interface Dependencies {
  /** They are looked for as if a file in this folder asked; absent: as the file that asks finds them. */
  readonly from?: string;
  /** What is found outside of this folder is refused; absent: it is not, which is for tests of a pack where its author works. */
  readonly within?: string;
}

/** Makes this process able to import compiled pack code: `@bellhop/sdk` and `zod` come from here whatever the pack's folder holds, relative
 *  imports that name a TypeScript source find what was compiled from it, and other names mean the pack's dependencies. Anything else from
 *  outside the pack is refused. Call it once, before the first import of pack code.
 *  @param options.root folder under which unpacked packs lie; modules elsewhere resolve as always
 *  @param options.compiled code that is in no file, by absolute path: for the loader
 *  @param options.dependencies absent: there are none */
export function registerPackModules(options: {
  root: string;
  compiled?: ReadonlyMap<string, string>;
  dependencies?: Dependencies;
}): PackModules {
  const { compiled, dependencies } = options;
  const root = realOf(options.root);
  const within = dependencies?.within === undefined ? undefined : realOf(dependencies.within);
  const ours = new Map([...provided].map((specifier) => [specifier, import.meta.resolve(specifier)]));
  const exists = (path: string) => compiled?.has(path) === true || (existsSync(path) && statSync(path).isFile());
  const inPack = (path: string) => liesIn(root, path);
  const inDependency = (path: string) => within !== undefined && liesIn(within, path);
  /** Where an author works, other packages may lie in the pack's folder. */
  const isPacks = (path: string) => inPack(path) && !inDependency(path) && !liesIn(join(root, "node_modules"), path);

  /** What a name is found as, unless that is outside of where dependencies lie. */
  function found(resolve: () => ResolveFnOutput): ResolveFnOutput | undefined {
    try {
      const resolved = resolve();
      return within === undefined || inDependency(pathOf(resolved.url) ?? "") ? resolved : undefined;
    } catch (error) {
      // What is there and can't be had in this way has words of its own.
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  return registerHooks({
    resolve(specifier, context, next) {
      const parent = pathOf(context.parentURL);
      if (parent !== undefined && inDependency(parent)) {
        if (!isPackage(specifier)) return next(specifier, context);
        // There is one SDK, whoever speaks of it; a package may need a zod of its own.
        const host = ours.get(specifier);
        const resolved = specifier === "@bellhop/sdk" ? undefined : found(() => next(specifier, context));
        if (resolved !== undefined) return resolved;
        if (host !== undefined) return { url: host, shortCircuit: true };
        throw missing(`Cannot find package '${specifier}' (from ${parent}).`, context);
      }
      const wanted = fileOf(specifier, parent !== undefined && isPacks(parent) ? context.parentURL : undefined);
      if (wanted !== undefined && inPack(wanted)) {
        const file = travellingOf(wanted, exists);
        if (file !== undefined) {
          return {
            url: pathToFileURL(file).href,
            format: formatOf(file),
            importAttributes: context.importAttributes,
            shortCircuit: true,
          };
        }
      }
      if (parent === undefined || !isPacks(parent) || isBuiltin(specifier)) return next(specifier, context);
      const url = ours.get(specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      const resolved =
        dependencies !== undefined && isPackage(specifier)
          ? found(() => resolvedFrom(dependencies.from, { specifier, context, next }))
          : undefined;
      if (resolved !== undefined) return resolved;
      throw missing(`"${specifier}" can't be imported by a pack (from ${parent}).`, context);
    },
    load(url, context, next) {
      const path = pathOf(url) ?? "";
      const code = compiled?.get(path);
      return code === undefined ? next(url, context) : { format: formatOf(path) ?? "module", source: code, shortCircuit: true };
    },
  });
}

type NextResolve = Parameters<ResolveHookSync>[2];

/** Node takes the parent of an import from the context, and that of a `require` from elsewhere. */
function resolvedFrom(
  folder: string | undefined,
  { specifier, context, next }: { specifier: string; context: ResolveHookContext; next: NextResolve },
): ResolveFnOutput {
  if (folder === undefined) return next(specifier, context);
  const asker = join(folder, "package.json");
  if (!context.conditions.includes("require")) return next(specifier, { ...context, parentURL: pathToFileURL(asker).href });
  return { url: pathToFileURL(createRequire(asker).resolve(specifier)).href, shortCircuit: true };
}

/** With the code that packages look for which try whether another one is there. */
function missing(message: string, { conditions }: ResolveHookContext): Error {
  return Object.assign(new Error(message), { code: conditions.includes("require") ? "MODULE_NOT_FOUND" : "ERR_MODULE_NOT_FOUND" });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND");
}

/** Whether it is a name of a package, rather than a path, a URL, or one of Node's. */
function isPackage(specifier: string): boolean {
  return /^(@[^/:]+\/)?[^./#:][^:]*$/.test(specifier) && !isBuiltin(specifier);
}

function pathOf(url: string | undefined): string | undefined {
  return url?.startsWith("file:") ? fileURLToPath(url) : undefined;
}

function realOf(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

function liesIn(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The definition in a module's exports, whichever style it was compiled from: `export default`, `export =` and `module.exports` are one. */
function definitionIn(module: unknown): unknown {
  const first = defaultOf(module);
  const second = defaultOf(first);
  return second ?? first;
}

/** Imports a pack's file, e.g. an action's entry point, and gives its definition: see `isAction` of `@bellhop/sdk/host`. */
export async function importDefinition(file: string): Promise<unknown> {
  return definitionIn(await import(pathToFileURL(file).href));
}

function defaultOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "default" in value ? value.default : undefined;
}

function fileOf(specifier: string, parentUrl: string | undefined): string | undefined {
  if (specifier.startsWith("file:")) return fileURLToPath(specifier);
  if (parentUrl !== undefined && /^\.\.?(\/|$)/.test(specifier)) return fileURLToPath(new URL(specifier, parentUrl));
  return undefined;
}

function formatOf(path: string): "module" | "commonjs" | undefined {
  return path.endsWith(".mjs") ? "module" : path.endsWith(".cjs") ? "commonjs" : undefined;
}
