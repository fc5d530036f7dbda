import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";
import { describeAuthoring } from "./authoring.ts";
import { describePackConfig } from "./config/commands.ts";

export function describePack(program: Command, env: Env, done: Done): void {
  const pack = program.command("pack").description("look at packs");
  describeAuthoring(pack, env, done);
  describePackConfig(pack, env, done);
  pack
    .command("list")
    .description("list the packs that answer now")
    .option("--json", "print one JSON object: running, packs", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).packList(options, env)));
}
