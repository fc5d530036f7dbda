import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";
import { describeAuthoring } from "./authoring.ts";
import { describePackConfig } from "./config/commands.ts";
import { describeVersions } from "./versions-commands.ts";

export function describePack(program: Command, env: Env, done: Done): void {
  const pack = program.command("pack").description("write, install and look at packs");
  describeAuthoring(pack, env, done);
  describePackConfig(pack, env, done);
  describeVersions(pack, env, done);
}
