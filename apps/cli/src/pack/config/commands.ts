import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../../report.ts";

export function describePackConfig(pack: Command, env: Env, done: Done): void {
  const config = pack.command("config").description("look at what a pack is configured with, and set it");
  config
    .command("show", { isDefault: true })
    .description("show each value, where it comes from and what is missing; also without the word show")
    .argument("<PACK>", "its name")
    .option("--instance <NAME>", "only this instance")
    .option("--json", "print one JSON object: pack, instances", false)
    .action(async (name: string, options: { instance?: string; json: boolean }) =>
      done(await (await import("./show.ts")).showConfig(name, options, env)),
    );
  config
    .command("set")
    .description("set values: they count from the next attempt of an action on")
    .argument("<PACK>", "its name")
    .argument("<NAME=VALUE...>", "what to set; NAME alone is asked for, unseen where it is a secret; NAME=- is read from standard input")
    .option("--instance <NAME>", "of this instance, which is made where there is none")
    .option("--json", "print one JSON object: pack, instance, set", false)
    .action(async (name: string, words: string[], options: { instance?: string; json: boolean }) =>
      done(await (await import("./set.ts")).setConfig(name, words, options, env)),
    );
  config
    .command("unset")
    .description("take back values that were set; an instance with none left is gone")
    .argument("<PACK>", "its name")
    .argument("[NAME...]", "what to take back; everything that was set where none is named")
    .option("--instance <NAME>", "of this instance")
    .option("--json", "print one JSON object: pack, instance, unset", false)
    .action(async (name: string, names: string[], options: { instance?: string; json: boolean }) =>
      done(await (await import("./set.ts")).unsetConfig(name, names, options, env)),
    );
  config
    .command("instances")
    .description("list the named instances of a pack's configuration")
    .argument("<PACK>", "its name")
    .option("--json", "print one JSON object: pack, instances", false)
    .action(async (name: string, options: { json: boolean }) => done(await (await import("./show.ts")).listInstances(name, options, env)));
}
