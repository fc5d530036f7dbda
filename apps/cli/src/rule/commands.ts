import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { lengthOfTime } from "../amounts.ts";
import type { Done } from "../report.ts";

/** The commands of whoever writes rules, on files: nothing need be running; and of whoever looks after those that are active. */
export function describeRules(program: Command, env: Env, done: Done): void {
  const rule = program.command("rule").description("try rules on events; see and switch those that are active");
  rule
    .command("test")
    .description("say of each criterion of a rule what was found, what it was held against, and whether it fits")
    .requiredOption("--rule <FILE|PACK.RULE>", "the rule's file within its pack, or its name")
    .requiredOption(
      "--event <FILE|EVENT>",
      "what happened, as JSON or YAML: {trigger, payload}, or the payload alone; or the id of an event, and then a rule's name is that of an active one",
    )
    .option(
      "--kv <FILE>",
      "values that st2kv has, as JSON or YAML: {system.name: value, pack.name: value} (default: of an event that was kept, those of the datastore)",
    )
    .option("--json", "print one JSON object: rule, fires, why, criteria, action, and where it fires input", false)
    .action(async (options: { rule: string; event: string; kv?: string; json: boolean }) =>
      done(await (await import("./test.ts")).ruleTest(options, env)),
    );
  rule
    .command("why")
    .description("say of every rule on an event's trigger why it fires or does not")
    .argument(
      "<FILE|EVENT>",
      "what happened, as JSON or YAML: {trigger, payload}; or the id of an event, and then the rules of the active packs",
    )
    .option("--packs <DIR>", "a pack, or a folder of packs (default: those that up watches)")
    .option("--kv <FILE>", "values that st2kv has, as JSON or YAML (default: of an event that was kept, those of the datastore)")
    .option("--json", "print one JSON object: trigger, rules", false)
    .action(async (event: string, options: { packs?: string; kv?: string; json: boolean }) =>
      done(await (await import("./why.ts")).ruleWhy(event, options, env)),
    );
  rule
    .command("list")
    .description("list the rules of all active packs")
    .option("--json", "print one JSON object: rules", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).ruleList(options, env)));
  for (const [name, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    rule
      .command(name)
      .description(`switch a rule ${enabled ? "on" : "off"}, whatever its file says, until it is switched again`)
      .argument("<PACK.RULE>", "its name")
      .option("--for <TIME>", "only for so long (30m, 2h, 7d): then it is as it was before, by itself", lengthOfTime)
      .option("--json", "print one JSON object: rule, enabled, and with --for until", false)
      .action(async (ref: string, options: { for?: number; json: boolean }) =>
        done(await (await import("./switch.ts")).ruleSwitch(ref, { enabled, ...options }, env)),
      );
  }
}
