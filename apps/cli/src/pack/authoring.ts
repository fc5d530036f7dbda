import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** The commands of whoever writes a pack. */
export function describeAuthoring(pack: Command, env: Env, done: Done): void {
  pack
    .command("new")
    .description("begin a pack: an action, an alias, a test, a README. On a terminal it asks for what is not given")
    .argument("[NAME]", "small letters, digits and _")
    .option("--typescript", "write it in TypeScript, typed from end to end; so it is without a word", false)
    .option("--yaml", "write it in YAML, as StackStorm has it, with a script", false)
    .option("--description <TEXT>", "what it is for, in a line")
    .option("--dir <FOLDER>", "where packs are", "packs")
    .option("--json", "print one JSON object: name, folder, files", false)
    .action(async (name: string | undefined, options: NewFlags) => done(await (await import("./new/new.ts")).packNew(name, options, env)));
  pack
    .command("check")
    .description("report every problem of a pack, or of each pack in a folder, with file:line:column")
    .argument("[DIR]", "the pack's folder", ".")
    .option("--no-types", "leave the types of TypeScript unchecked")
    .option("--strict", "end with 1 where there are warnings, too: what loads, and can't work", false)
    .option("--json", "print one JSON object: ok, packs, problems", false)
    .action(async (folder: string, options: { json: boolean; types: boolean; strict: boolean }) =>
      done(await (await import("./check.ts")).packCheck(folder, options, env)),
    );
  pack
    .command("test")
    .description("run a pack's tests, with vitest where they are written for it, else with Node's own runner")
    .argument("[DIR]", "the pack's folder", ".")
    .option("--watch", "run them again whenever a file changes", false)
    .option("--update", "write what is really said into the transcripts of its files", false)
    .action(async (folder: string, options: { watch: boolean; update: boolean }) =>
      done(await (await import("./test.ts")).packTest(folder, options, env)),
    );
}

interface NewFlags {
  typescript: boolean;
  yaml: boolean;
  description?: string;
  dir: string;
  json: boolean;
}
