import type { Bus } from "@bellhop/bus";
import { buckets, isRuleOn, type PackVersion } from "@bellhop/contracts";
import { activeVersions, fetchVersion } from "@bellhop/pack-loader";

/** What the packs declare that answer now. */
export async function activePacks(bus: Bus): Promise<PackVersion[]> {
  return await Promise.all((await activeVersions(bus)).map(({ digest }) => fetchVersion(bus, digest)));
}

/** The same, with rules on or off as they are now, whatever their files say. */
export async function switchedPacks(bus: Bus): Promise<PackVersion[]> {
  const switches = new Map((await bus.bucket(buckets.rule).entries(">")).map(({ value }) => [value.rule, value]));
  const now = Date.now();
  return (await activePacks(bus)).map((pack) => ({
    ...pack,
    rules: (pack.rules ?? []).map((rule) => ({ ...rule, enabled: isRuleOn(rule, switches.get(rule.ref), now) })),
  }));
}
