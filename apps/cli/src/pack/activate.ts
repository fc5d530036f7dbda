import { problem } from "@bellhop/contracts";
import { activateVersion, activeVersion, installedVersions, isStored } from "@bellhop/pack-loader";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { chooseVersion } from "./choose-version.ts";
import { noSuchPack } from "./no-such-pack.ts";

/** `bellhop pack activate PACK VERSION|DIGEST|previous`: lets an installed version answer. Nothing is fetched. */
export async function packActivate(name: string, wanted: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return await withBus<ExitCode>(env, "bellhop pack activate", async (bus) => {
    const [installed, active] = await Promise.all([installedVersions(bus, name), activeVersion(bus, name)]);
    if (installed.length === 0 && active === undefined) throw await noSuchPack(bus, name);
    const { version, digest } = chooseVersion(installed, { pack: name, wanted, active });
    if (!(await isStored(bus, digest))) throw problem("pack_unavailable", { digest: digest.slice(0, 12), pack: name });
    const { kind, before } = await activateVersion(bus, { name, version, digest });
    if (json) {
      const was = before === undefined ? undefined : { version: before.version, digest: before.digest };
      process.stdout.write(`${JSON.stringify({ name, version, digest, outcome: kind, before: was })}\n`);
    } else if (kind === "unchanged") process.stdout.write(`${name} ${version} answers already.\n`);
    else {
      const was = before === undefined ? "" : ` in place of ${before.version}; \`bellhop pack activate ${name} previous\` goes back`;
      process.stdout.write(`${name} ${version} answers now${was}.\n`);
    }
    return 0;
  });
}
