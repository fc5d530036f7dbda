import type { Bus } from "@bellhop/bus";
import { problem, type Problem } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { activeVersions, installedVersions } from "@bellhop/pack-loader";

/** Says which packs there are, or the one that was meant. */
export async function noSuchPack(bus: Bus, pack: string): Promise<Problem> {
  const [active, installed] = await Promise.all([activeVersions(bus), installedVersions(bus)]);
  const names = [...new Set([...active, ...installed].map(({ name }) => name))].toSorted();
  const near = nearest(pack, names);
  const suggestion = near === undefined ? `There are: ${names.join(", ") || "none"}.` : `Did you mean ${near}?`;
  return problem("pack_unknown", { pack, suggestion });
}
