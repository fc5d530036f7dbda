import { problem, type ActivePack, type InstalledVersion } from "@bellhop/contracts";
import { stamp } from "../times.ts";

/** The installed version that somebody means by a version, the beginning of a digest, or `previous`.
 *  @throws Problem pack_version_unknown, pack_version_ambiguous */
export function chooseVersion(
  installed: readonly InstalledVersion[],
  { pack, wanted, active }: { pack: string; wanted: string; active: ActivePack | undefined },
): InstalledVersion {
  const fitting = wanted === "previous" ? beforeThis(installed, active) : named(installed, wanted);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    const known = installed.map(shown).join(", ");
    const missing = wanted === "previous" ? "It is not on record any more, or there was none." : "";
    const there = known === "" ? "None is installed: `bellhop pack install SPEC`." : `There are: ${known}.`;
    throw problem("pack_version_unknown", { pack, version: wanted, suggestion: `${missing} ${there}`.trim() });
  }
  const candidates = fitting.map((one) => `${shown(one)} of ${stamp(one.at)}`).join(", ");
  throw problem("pack_version_ambiguous", { pack, version: wanted, count: fitting.length, candidates, example: only.digest.slice(0, 12) });
}

function beforeThis(installed: readonly InstalledVersion[], active: ActivePack | undefined): InstalledVersion[] {
  return installed.filter(({ digest }) => digest === active?.previous);
}

function named(installed: readonly InstalledVersion[], wanted: string): InstalledVersion[] {
  const versions = installed.filter(({ version }) => version === wanted);
  if (versions.length > 0) return versions;
  return /^[0-9a-f]{6,64}$/.test(wanted) ? installed.filter(({ digest }) => digest.startsWith(wanted)) : [];
}

function shown({ version, digest }: InstalledVersion): string {
  return `${version} (${digest.slice(0, 12)})`;
}
