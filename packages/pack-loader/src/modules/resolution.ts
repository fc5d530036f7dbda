/** What pack code may import besides its own files and Node's modules: the host gives its own copies. */
export const provided: ReadonlySet<string> = new Set(["@bellhop/sdk", "zod"]);

/** The package that an import names: `@scope/name/part` is of `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

const typescript = /\.([cm]?)tsx?$/;
const javascript = /\.([cm]?)jsx?$/;

/** A path without the extension of a TypeScript file, or undefined where it is none. */
export function stemOf(path: string): string | undefined {
  return /\.d\.[cm]?ts$/.test(path) || !typescript.test(path) ? undefined : path.replace(typescript, "");
}

/** The name under which a TypeScript file travels: its format is in the extension, so that no package.json can change it. */
export function compiledPath(path: string, format: "module" | "commonjs"): string {
  return `${stemOf(path) ?? path}${format === "module" ? ".mjs" : ".cjs"}`;
}

/** The file of a pack's source that an import means. Imports may name the TypeScript file, the JavaScript that it will be, or neither. */
export function sourceOf(wanted: string, exists: (path: string) => boolean): string | undefined {
  const stem = wanted.replace(javascript, "");
  const tries = [wanted];
  if (stem !== wanted) tries.push(`${stem}.ts`, `${stem}.mts`, `${stem}.cts`, `${stem}.tsx`);
  for (const base of [wanted, `${wanted}/index`])
    tries.push(...[".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".json"].map((end) => base + end));
  return tries.find(exists);
}

/** The same for the files that travel: compiled where the source was TypeScript. */
export function travellingOf(wanted: string, exists: (path: string) => boolean): string | undefined {
  const stem = stemOf(wanted) ?? (javascript.test(wanted) ? wanted.replace(javascript, "") : undefined);
  const tries = stem === undefined ? [] : [`${stem}.mjs`, `${stem}.cjs`];
  // A hand-written x.js is meant by its own name before an x.mjs that came of x.ts.
  const named = stemOf(wanted) === undefined ? [wanted, ...tries] : tries;
  for (const base of [wanted, `${wanted}/index`]) named.push(...[".mjs", ".cjs", ".js", ".json"].map((end) => base + end));
  return named.find(exists);
}
