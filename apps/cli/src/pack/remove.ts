import { problem } from "@bellhop/contracts";
import { activeVersion, deactivatePack, forgetVersion, installedVersions } from "@bellhop/pack-loader";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { chooseVersion } from "./choose-version.ts";
import { shortPath } from "./folders.ts";
import { noSuchPack } from "./no-such-pack.ts";

export interface RemoveFlags {
  /** A version or the beginning of a digest; all when not given. */
  version?: string;
  yes: boolean;
  json: boolean;
}

/** `bellhop pack remove PACK`: takes versions off the record; what answers now only with --yes. What they consist of is swept once no run names it. */
export async function packRemove(name: string, { version, yes, json }: RemoveFlags, env: Env): Promise<ExitCode> {
  return await withBus<ExitCode>(env, "bellhop pack remove", async (bus) => {
    const [installed, active] = await Promise.all([installedVersions(bus, name), activeVersion(bus, name)]);
    if (installed.length === 0 && active === undefined) throw await noSuchPack(bus, name);
    const removed = version === undefined ? installed : [chooseVersion(installed, { pack: name, wanted: version, active })];
    const silences = active !== undefined && (version === undefined || removed.some(({ digest }) => digest === active.digest));
    if (silences && !yes) throw problem("pack_active", { pack: name, version: active.version });
    // First it answers no more: killed in between, what is left can be removed, or activated again.
    if (silences) await deactivatePack(bus, name);
    for (const one of removed) await forgetVersion(bus, one);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ name, deactivated: silences, removed: removed.map(({ version: v, digest }) => ({ version: v, digest })) })}\n`,
      );
    else {
      const versions = removed.map((one) => one.version).join(", ");
      process.stdout.write(`${name}${versions === "" ? "" : ` ${versions}`} removed${silences ? "; it answers no more" : ""}.\n`);
    }
    const watched = removed.find(({ from, by }) => from.kind === "folder" && by === undefined);
    if (silences && watched !== undefined)
      note(`It lies in ${shortPath(watched.from.spec)}, from where \`up\` takes it again once it changes, and at its next start.`);
    return 0;
  });
}
