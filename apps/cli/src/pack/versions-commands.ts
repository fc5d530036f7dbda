import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";
import type { InstallFlags } from "./install.ts";
import type { RemoveFlags } from "./remove.ts";
import type { UpgradeFlags } from "./upgrade.ts";

/** The commands of whoever looks after an installation's packs. */
export function describeVersions(pack: Command, env: Env, done: Done): void {
  pack
    .command("list")
    .description("list the packs that answer now, and what else is installed")
    .option("--json", "print one JSON object: running, packs, waiting", false)
    .action(async (flags: { json: boolean }) => done(await (await import("./list.ts")).packList(flags, env)));
  pack
    .command("show")
    .description(
      "show what a pack has: commands, actions with their parameters, configuration, origin. One that is not installed is fetched to be looked at",
    )
    .argument("<PACK|SPEC>", "a pack here, or anything that `pack install` takes")
    .option("--json", "print one JSON object: version, state, from, others", false)
    .action(async (spec: string, flags: { json: boolean }) => done(await (await import("./show.ts")).packShow(spec, flags, env)));
  pack
    .command("search")
    .description("search for packs: here, in the Exchange's index, in the npm registry (keyword bellhop-pack)")
    .argument("[WORD...]", "all of them have to fit")
    .option("--json", "print one JSON object: packs, failed", false)
    .action(async (words: string[], flags: { json: boolean }) => done(await (await import("./search.ts")).packSearch(words, flags, env)));
  pack
    .command("install")
    .description("install a pack on all machines, and let it answer")
    .argument(
      "<SPEC>",
      "@acme/pack-deploy@^2, npm:NAME, ./deploy.tgz, https://…/x.tgz, github:acme/deploy#v1, git+https://…, ./packs/deploy, exchange:NAME",
    )
    .option("--no-activate", "install it only; `pack activate` lets it answer")
    .option("--replace", "also where a pack of this name from elsewhere answers now", false)
    .option("--strict", "refuse a pack with a faulty file; without it the rest is installed where no whole version answers", false)
    .option("--json", "print one JSON object: the version on record, active, before", false)
    .action(async (spec: string, flags: InstallFlags) => done(await (await import("./install.ts")).packInstall(spec, flags, env)));
  pack
    .command("activate")
    .description("let an installed version answer; going back is the same")
    .argument("<PACK>")
    .argument("<VERSION|DIGEST|previous>", "a version, the first characters of a digest, or what answered before")
    .option("--json", "print one JSON object: name, version, digest, outcome, before", false)
    .action(async (name: string, version: string, flags: { json: boolean }) =>
      done(await (await import("./activate.ts")).packActivate(name, version, flags, env)),
    );
  pack
    .command("upgrade")
    .description("install what is newer of packs from npm, git and the Exchange")
    .argument("[PACK...]", "all when not given")
    .option("--check", "say what there is, and install nothing", false)
    .option("--json", "print one JSON object: packs", false)
    .action(async (names: string[], flags: UpgradeFlags) => done(await (await import("./upgrade.ts")).packUpgrade(names, flags, env)));
  pack
    .command("remove")
    .description("remove a pack's versions")
    .argument("<PACK>")
    .option("--version <VERSION|DIGEST>", "this one only")
    .option("--yes", "also the version that answers now: then the pack answers no more", false)
    .option("--json", "print one JSON object: name, deactivated, removed", false)
    .action(async (name: string, flags: RemoveFlags) => done(await (await import("./remove.ts")).packRemove(name, flags, env)));
}
