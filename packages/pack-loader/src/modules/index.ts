import { existsSync, realpathSync, statSync } from "node:fs";
import { isBuiltin, registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { provided, travellingOf } from "./resolution.ts";

export interface PackModules {
  /** Stops providing modules. What was imported stays. */
  deregister(): void;
}

/** Makes this process able to import compiled pack code: `@bellhop/sdk` and `zod` come from here whatever the pack's folder holds, and
 *  relative imports that name a TypeScript source find what was compiled from it. Anything else from outside the pack is refused. Call it
 *  once, before the first import of pack code.
 *  @param options.root folder under which unpacked packs lie; modules elsewhere resolve as always
 *  @param options.compiled code that is in no file, by absolute path: for the loader */
export function registerPackModules(options: { root: string; compiled?: ReadonlyMap<string, string> }): PackModules {
  const root = existsSync(options.root) ? realpathSync(options.root) : options.root;
  const inside = (path: string) => path.startsWith(root.endsWith(sep) ? root : root + sep);
  const ours = new Map([...provided].map((specifier) => [specifier, import.meta.resolve(specifier)]));
  const exists = (path: string) => options.compiled?.has(path) === true || (existsSync(path) && statSync(path).isFile());
  return registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL?.startsWith("file:") ? fileURLToPath(context.parentURL) : undefined;
      const wanted = fileOf(specifier, parent !== undefined && inside(parent) ? context.parentURL : undefined);
      if (wanted !== undefined && inside(wanted)) {
        const found = travellingOf(wanted, exists);
        if (found !== undefined) {
          return {
            url: pathToFileURL(found).href,
            format: formatOf(found),
            importAttributes: context.importAttributes,
            shortCircuit: true,
          };
        }
      }
      if (parent === undefined || !inside(parent) || isBuiltin(specifier)) return next(specifier, context);
      const url = ours.get(specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      throw new Error(`"${specifier}" can't be imported by a pack (from ${parent}).`);
    },
    load(url, context, next) {
      const path = url.startsWith("file:") ? fileURLToPath(url) : "";
      const code = options.compiled?.get(path);
      return code === undefined ? next(url, context) : { format: formatOf(path) ?? "module", source: code, shortCircuit: true };
    },
  });
}

/** The definition in a module's exports, whichever style it was compiled from: `export default`, `export =` and `module.exports` are one. */
export function definitionIn(module: unknown): unknown {
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
