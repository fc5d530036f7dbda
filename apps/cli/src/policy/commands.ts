import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** What holds for the runs of actions, and who waits for it. */
export function describePolicies(program: Command, env: Env, done: Done): void {
  const policy = program.command("policy").description("what holds for the runs of actions, and who waits for it");
  policy
    .command("list")
    .description("list the policies of all active packs, with how many are at work and how many wait")
    .option("--json", "print one JSON object: policies", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).policyList(options, env)));
  policy
    .command("show")
    .description("show who is at work under a policy, who waits in which order, and why")
    .argument("<PACK.POLICY|PACK.ACTION>", "its name, or the action that it is for")
    .option("--json", "print one JSON object: action, policies, inside, line", false)
    .action(async (name: string, options: { json: boolean }) => done(await (await import("./show.ts")).policyShow(name, options, env)));
}
