import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PackVersion } from "@bellhop/contracts";

/** As much of `@bellhop/pack-loader` as is needed here. That package imports this one, so this one can only look for it. */
interface Loader {
  loadPack: (
    folder: string,
    options: { modules: "own" },
  ) => Promise<{ kind: "loaded"; version: PackVersion } | { kind: "faulty"; problems: readonly unknown[] }>;
  describeProblem: (folder: string, problem: unknown) => string;
}

/** The definitions of the pack in a folder.
 *  @throws Error that tells all that is wrong with it */
export async function readPackIn(folder: string): Promise<PackVersion> {
  const { loadPack, describeProblem } = await findLoader(folder);
  const pack = await loadPack(folder, { modules: "own" });
  if (pack.kind === "loaded") return pack.version;
  const problems = pack.problems.map((problem) => describeProblem(folder, problem));
  throw new Error(`This pack can't be loaded:\n${problems.join("\n")}`);
}

/** The pack's own first: where packages are strictly apart, it is the only one that may have it. */
async function findLoader(folder: string): Promise<Loader> {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}: name the pack's, e.g. import.meta.dirname.`);
  for (const from of [join(folder, "pack.yaml"), import.meta.filename]) {
    const found = resolved(from);
    if (found !== undefined) return await import(found);
  }
  throw new Error(
    `A chat reads the pack with @bellhop/pack-loader, which is not there for ${folder}. Add it to the devDependencies of the pack's package.json and install, or run the tests with \`bellhop pack test\`, which brings it.`,
  );
}

function resolved(from: string): string | undefined {
  try {
    return pathToFileURL(createRequire(from).resolve("@bellhop/pack-loader")).href;
  } catch {
    return undefined;
  }
}
