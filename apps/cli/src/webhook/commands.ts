import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { seconds } from "../amounts.ts";
import type { Done } from "../report.ts";
import type { WebhookOptions } from "./send.ts";

/** What comes by HTTP for rules. */
export function describeWebhooks(program: Command, env: Env, done: Done): void {
  const webhook = program.command("webhook").description("the webhooks that rules wait for, who may send them, and a try of one");
  webhook
    .command("list")
    .description("list the paths that rules wait for, and who may send there")
    .option("--json", "print one JSON object: url, webhooks", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).webhookList(options, env)));
  webhook
    .command("send")
    .description("let happen what a post to a path would let happen, and say what rules made of it; needs neither key nor HTTP")
    .argument("<PATH>", "what follows /v1/webhooks/")
    .argument("[NAME=VALUE...]", "fields of its body; a value that is JSON is taken as that")
    .option("--body <FILE>", "its body, as JSON or YAML; - for standard input")
    .option("--header <NAME=VALUE>", "a header that rules see; may be given again", more, [])
    .option("--timeout <SECONDS>", "wait this long to hear what became of it", seconds, 10)
    .option("--json", "print one JSON object: event, trigger, enforcements", false)
    .action(async (path: string, pairs: string[], options: WebhookOptions) =>
      done(await (await import("./send.ts")).webhookSend(path, pairs, options, env)),
    );
}

function more(value: string, before: string[]): string[] {
  return [...before, value];
}
