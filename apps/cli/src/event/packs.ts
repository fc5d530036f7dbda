import type { Bus } from "@bellhop/bus";
import type { PackVersion } from "@bellhop/contracts";
import { activeVersions, fetchVersion } from "@bellhop/pack-loader";

/** What the packs declare that answer now. */
export async function activePacks(bus: Bus): Promise<PackVersion[]> {
  return await Promise.all((await activeVersions(bus)).map(({ digest }) => fetchVersion(bus, digest)));
}
