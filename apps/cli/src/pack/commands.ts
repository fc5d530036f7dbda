import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

export function describePack(program: Command, env: Env, done: Done): void {
  const pack = program.command("pack").description("look at packs");
  pack
    .command("check")
    .description("report every problem of a pack, or of each pack in a folder, with file:line:column")
    .argument("<DIR>", "the pack's folder")
    .option("--json", "print one JSON object: ok, packs, problems", false)
    .action(async (folder: string, options: { json: boolean }) => done(await (await import("./check.ts")).packCheck(folder, options)));
  pack
    .command("list")
    .description("list the packs that answer now")
    .option("--json", "print one JSON object: running, packs", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).packList(options, env)));
}
