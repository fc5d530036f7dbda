import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** Commands that people scheduled in chats. */
export function describeSchedules(program: Command, env: Env, done: Done): void {
  const schedule = program.command("schedule").description("commands that people scheduled in chats");
  schedule
    .command("list")
    .description("list them, the one that is due next first, with their next three times")
    .option("--json", "print one JSON object: schedules", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).scheduleList(options, env)));
  schedule
    .command("cancel")
    .description("end one")
    .argument("<ID>", "its id")
    .option("--json", "print one JSON object: schedule, command, over", false)
    .action(async (id: string, options: { json: boolean }) => done(await (await import("./cancel.ts")).scheduleCancel(id, options, env)));
}
