import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** The key file that secrets are sealed under. */
export function describeKeys(program: Command, env: Env, done: Done): void {
  const key = program.command("key").description("the key file of this machine, under which secrets are sealed");
  key
    .command("list")
    .description("list its keys by their ids, and what is sealed under each")
    .option("--json", "print one JSON object: keys", false)
    .action(async (options: { json: boolean }) => done(await (await import("./keys.ts")).keyList(options, env)));
  key
    .command("rotate")
    .description("add a key that seals from now on; those before it go on opening what they sealed")
    .option("--prepare", "only have it ready: copy the file to all machines, then rotate", false)
    .option("--json", "print one JSON object: sealing, keys", false)
    .action(async (options: { prepare: boolean; json: boolean }) => done(await (await import("./keys.ts")).keyRotate(options, env)));
  key
    .command("reseal")
    .description("seal what is kept (values, packs' configurations) under the key that seals now, and say what is left under others")
    .option("--json", "print one JSON object: resealed, left", false)
    .action(async (options: { json: boolean }) => done(await (await import("./keys.ts")).keyReseal(options, env)));
  key
    .command("drop")
    .description(
      "take keys out of the file that nothing kept is sealed under: what runs of the last 30 days were given is not opened any more",
    )
    .option("--json", "print one JSON object: dropped", false)
    .action(async (options: { json: boolean }) => done(await (await import("./keys.ts")).keyDrop(options, env)));
}
