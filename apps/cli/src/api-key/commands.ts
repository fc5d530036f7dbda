import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** Who may send events by HTTP. */
export function describeApiKeys(program: Command, env: Env, done: Done): void {
  const keys = program.command("api-key").description("who may send webhooks and events by HTTP");
  keys
    .command("create")
    .description("make a key; its text is shown this once")
    .argument("<NAME>", "whose it is, for people: github, prometheus-eu")
    .option("--scope <SCOPE>", "events, triggers, webhooks, or webhooks:PATH, which may end in *; may be given again", more, [])
    .option("--json", "print one JSON object: id, name, scopes, key", false)
    .action(async (name: string, options: { scope: string[]; json: boolean }) =>
      done(await (await import("./keys.ts")).apiKeyCreate(name, options, env)),
    );
  keys
    .command("list")
    .description("list the keys: names and scopes")
    .option("--json", "print one JSON object: keys", false)
    .action(async (options: { json: boolean }) => done(await (await import("./keys.ts")).apiKeyList(options, env)));
  keys
    .command("revoke")
    .description("take a key back: it is refused from now on")
    .argument("<ID>", "its id, or its name where only one is called that")
    .option("--json", "print one JSON object: id, name", false)
    .action(async (id: string, options: { json: boolean }) => done(await (await import("./keys.ts")).apiKeyRevoke(id, options, env)));
}

function more(value: string, before: string[]): string[] {
  return [...before, value];
}
