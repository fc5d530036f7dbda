import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";
import type { BackupOptions } from "./backup.ts";
import type { RestoreOptions } from "./restore.ts";

export function describeBackup(program: Command, env: Env, done: Done): void {
  program
    .command("backup")
    .description("copy everything that is kept into one file, also while it runs")
    .argument("<FILE>", "a tar file that is not there yet")
    .option("--with-key", "the key as well: whoever has the file can then open secret inputs", false)
    .option("--json", "print one JSON object: file, bytes, made, quiet, key, parts", false)
    .action(async (file: string, options: BackupOptions) => done(await (await import("./backup.ts")).backup(file, options, env)));
  program
    .command("restore")
    .description("bring a backup into an empty installation in which nothing runs")
    .argument("<FILE>", "what `bellhop backup` made")
    .option("--resume", "go on where it was: only if nothing ran while it was made, and nothing ran since", false)
    .option("--json", "print one JSON object: file, made, live, doubtful, unsure, gone, key", false)
    .action(async (file: string, options: RestoreOptions) => done(await (await import("./restore.ts")).restore(file, options, env)));
}
