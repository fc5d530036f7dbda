import { parseBuiltin } from "@bellhop/core";
import { shortPath } from "../folders.ts";

/** Why a new pack can't be called that, or undefined.
 *  @param taken folders of the packs there are, by name */
export function refusedName(name: string, taken: ReadonlyMap<string, string>): string | undefined {
  if (name === "") return "A pack needs a name: bellhop pack new NAME.";
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(name)) {
    const near = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[_0-9]+|_+$/g, "");
    const meant = near === "" ? "" : ` Did you mean ${near.slice(0, 48)}?`;
    return `"${name}" can't be the name of a pack: small letters, digits and _, a letter first, 48 at most.${meant}`;
  }
  if (parseBuiltin(`${name} hello`) !== undefined) return `"${name}" begins commands of Bellhop's own: its commands would not be heard.`;
  const folder = taken.get(name);
  return folder === undefined ? undefined : `There is a pack ${name} already, in ${shortPath(folder)}.`;
}
