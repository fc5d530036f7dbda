import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { count, seconds } from "../amounts.ts";
import type { Done } from "../report.ts";
import type { DeleteOptions } from "./delete.ts";
import type { ListOptions } from "./list.ts";
import type { SetOptions } from "./set.ts";
import type { WhoseOptions } from "./whose.ts";

/** Values that rules, workflows, actions and people keep. */
export function describeKv(program: Command, env: Env, done: Done): void {
  const kv = program.command("kv").description("values that rules, workflows and actions keep and read");
  whose(kv.command("get"))
    .description("print a value; a secret reads [secret]")
    .argument("<NAME>", "its name")
    .option("--decrypt", "open it with the key file of this machine", false)
    .option("--json", "print one JSON object: name, scope, value, revision", false)
    .action(async (name: string, options: WhoseOptions & { decrypt: boolean; json: boolean }) =>
      done(await (await import("./get.ts")).kvGet(name, options, env)),
    );
  whose(kv.command("set"))
    .description("keep a value")
    .argument("<NAME>", "its name; dots are read as steps by templates")
    .argument("[VALUE]", "text; left out, it is asked for; - is read from standard input")
    .option("--typed", "the value is JSON, and kept as that", false)
    .option("--secret", "seal it: it is asked for unseen, or read from standard input", false)
    .option("--ttl <SECONDS>", "until it is not there any more", seconds)
    .option("--description <TEXT>", "what it is, for people")
    .option("--if-revision <REVISION>", "only where it is of that revision; 0: only where there is none", revision)
    .option("--force", "also for a pack that is not here", false)
    .option("--json", "print one JSON object: name, scope, revision, created", false)
    .action(async (name: string, value: string | undefined, options: SetOptions) =>
      done(await (await import("./set.ts")).kvSet(name, value, options, env)),
    );
  whose(kv.command("list"))
    .description("list values; secrets read [secret]")
    .option("--all", "of everybody and everything", false)
    .option("--prefix <TEXT>", "only names that begin so")
    .option("--decrypt", "open secrets with the key file of this machine", false)
    .option("--limit <COUNT>", "at most so many", count)
    .option("--json", "print one JSON object: values", false)
    .action(async (options: ListOptions) => done(await (await import("./list.ts")).kvList(options, env)));
  whose(kv.command("delete"))
    .description("delete values")
    .argument("[NAME...]", "their names")
    .option("--prefix <TEXT>", "all whose names begin so")
    .option("--if-revision <REVISION>", "only where it is of that revision", revision)
    .option("--json", "print one JSON object: deleted", false)
    .action(async (names: string[], options: DeleteOptions) => done(await (await import("./delete.ts")).kvDelete(names, options, env)));
  kv.command("load")
    .description("keep the values of a file that `kv export` or StackStorm wrote: all of them or, where one is wrong, none")
    .argument("<FILE>", "JSON or YAML; - for standard input")
    .option("--json", "print one JSON object: loaded", false)
    .action(async (file: string, options: { json: boolean }) => done(await (await import("./transfer.ts")).kvLoad(file, options, env)));
  kv.command("export")
    .description("write all values to a file; secrets stay sealed")
    .argument("[FILE]", "ends in .json, .yaml or .yml; JSON on standard output where none is named")
    .option("--decrypt", "with secrets in the open", false)
    .option("--prefix <TEXT>", "only names that begin so")
    .action(async (file: string | undefined, options: { decrypt: boolean; prefix?: string }) =>
      done(await (await import("./transfer.ts")).kvExport(file, options, env)),
    );
}

function whose(command: Command): Command {
  return command
    .option("--user <ID>", "of a person, as slack:T1/U2, or of all rules: rule; default: the installation's own")
    .option("--pack <NAME>", "of a pack");
}

function revision(text: string): number {
  return text === "0" ? 0 : count(text);
}
