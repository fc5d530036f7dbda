import type { Bus } from "@bellhop/bus";
import { builtinHelp } from "@bellhop/core";
import { activeVersions, fetchVersion } from "@bellhop/pack-loader";

/** The commands of the packs that answer now, and the built-in ones, as help shows them. */
export async function commandsHere(bus: Bus): Promise<readonly string[]> {
  const active = await activeVersions(bus);
  const versions = await Promise.all(active.map(({ digest }) => fetchVersion(bus, digest)));
  const spoken = versions.flatMap(({ aliases }) => aliases.filter(({ enabled }) => enabled).flatMap(({ formats }) => formats));
  return [...builtinHelp, ...spoken].flatMap(({ display }) => (display === undefined ? [] : [display]));
}
