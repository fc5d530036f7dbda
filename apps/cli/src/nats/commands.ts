import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

export function describeNats(program: Command, env: Env, done: Done): void {
  const nats = program.command("nats").description("look after streams, consumers, buckets and users on NATS");
  nats
    .command("plan")
    .description("show what NATS has, lacks and has otherwise than it should; changes nothing. Exit code 3: there is something to do")
    .option("--json", "print one JSON object: todo, findings", false)
    .action(async (options: { json: boolean }) => done(await (await import("./plan.ts")).natsPlan(options, env)));
  nats
    .command("apply")
    .description("make what is missing and change what can be changed in place; deletes nothing")
    .option("--json", "print one JSON object: made, changed, failed, findings", false)
    .action(async (options: { json: boolean }) => done(await (await import("./apply.ts")).natsApply(options, env)));
  nats
    .command("users")
    .description("write an nkey for each role, and print what the server's configuration needs to know of them")
    .requiredOption("--out <FOLDER>", "where <role>.nk go; those that are there are kept")
    .option("--role <ROLE...>", "only these: operator, engine, runner, gateway, api, cli")
    .option("--account <NAME>", "an account of its own, for a server that has others; without it the whole server is Bellhop's")
    .option("--hub <DOMAIN>", "with --account: for a leaf node, whose hub has this JetStream domain")
    .action(async (options: { out: string; role?: string[]; account?: string; hub?: string }) =>
      done(await (await import("./users.ts")).natsUsers(options)),
    );
}
