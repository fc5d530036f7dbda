import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { seconds } from "../amounts.ts";
import type { Done } from "../report.ts";

export function describeInquiries(program: Command, env: Env, done: Done): void {
  const inquiry = program.command("inquiry").description("see what waits for people's answers, and answer it");
  inquiry
    .command("list")
    .description("list what waits for an answer, the oldest first")
    .option("--json", "print one JSON object: inquiries", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).inquiryList(options, env)));
  inquiry
    .command("show")
    .description("show what is asked, of whom, until when, and what an answer has to be")
    .argument("<ID|RUN>", "as `inquiry list` shows it: the id, its first four characters, or the run's")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: { json: boolean }) => done(await (await import("./list.ts")).inquiryShow(id, options, env)));
  inquiry
    .command("answer")
    .description("answer it, as whoever runs this command")
    .argument("<ID|RUN>", "as `inquiry list` shows it: the id, its first four characters, or the run's")
    .argument("[KEY=VALUE...]", "what the answer says, field by field")
    .option("--response <JSON>", "the answer as one JSON object")
    .option("--timeout <SECONDS>", "wait no longer than that to hear what came of it", seconds)
    .option("--json", "print one JSON object: run, outcome, text", false)
    .action(async (id: string, pairs: string[], options: { response?: string; timeout?: number; json: boolean }) =>
      done(await (await import("./answer.ts")).inquiryAnswer(id, pairs, options, env)),
    );
}
