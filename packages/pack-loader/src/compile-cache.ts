import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** Where Node keeps what it compiled for this process, for children that load the same compiler; undefined where it keeps nothing. */
export function ownCompileCache(): string | undefined {
  // Node names a folder within the one that it was given, by its version and the user.
  const folder = getCompileCacheDir();
  return folder === undefined ? undefined : dirname(folder);
}
