import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { seconds } from "../amounts.ts";
import type { AskOptions } from "../ask.ts";
import type { AgainOptions } from "./ask-of-run.ts";
import type { Done } from "../report.ts";
import type { FilterOptions } from "./filter.ts";

export function describeRuns(program: Command, env: Env, done: Done): void {
  const runs = program.command("runs").description("look at what ran");
  runs
    .command("list")
    .description("list runs, newest first")
    .option("--status <STATUS,…>", "only these: succeeded, failed, timeout, canceled, abandoned, scheduled, running …")
    .option("--action <PACK.ACTION>", "only this action")
    .option("--person <WHO>", "only what this person asked: a name, or an identity such as slack:T1/U2")
    .option("--room <ROOM>", "only what was asked there: a channel, or slack:T1/C9")
    .option("--since <WHEN>", "from then on: 2h, 7d (ago), 2026-03-01, 2026-03-01T14:00")
    .option("--until <WHEN>", "before then")
    .option("--text <WORDS>", "only runs in whose action, input, answer or names all these words occur")
    .option("--before <ID>", "only runs before this one")
    .option("--limit <COUNT>", "at most so many", "20")
    .option("--json", "print one JSON object: runs", false)
    .action(async (options: FilterOptions & { json: boolean }) => done(await (await import("./list.ts")).runsList(options, env)));
  runs
    .command("show")
    .description("show one run: who, where, input, output, steps")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--output", "print its output and nothing else", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: { json: boolean; output: boolean }) =>
      done(await (await import("./show.ts")).runsShow(id, options, env)),
    );
  runs
    .command("tail")
    .description("show what happened and what was printed, then follow: one run until it is over, or all")
    .argument("[ID]", "a run; all where none is named")
    .option("--json", "print one JSON object a line: steps and pieces of output", false)
    .action(async (id: string | undefined, options: { json: boolean }) =>
      done(await (await import("./tail.ts")).runsTail(id, options, env)),
    );
  runs
    .command("cancel")
    .description("stop a run, and wait until it is over")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--timeout <SECONDS>", "wait this long", seconds)
    .option("--json", "print one JSON object: run, outcome, text", false)
    .action(async (id: string, options: { json: boolean; timeout?: number }) =>
      done(await (await import("./ask-of-run.ts")).runsCancel(id, options, env)),
    );
  for (const [name, description] of [
    ["pause", "have a workflow begin nothing more; what is at work ends"],
    ["resume", "have a workflow that was paused go on"],
  ] as const) {
    runs
      .command(name)
      .description(description)
      .argument("<ID>", "its id, or the last six characters of it or more")
      .option("--timeout <SECONDS>", "wait this long for the answer", seconds)
      .option("--json", "print one JSON object: run, outcome, text", false)
      .action(async (id: string, options: { json: boolean; timeout?: number }) =>
        done(await (await import("./ask-of-run.ts")).runsPause(id, { ...options, resume: name === "resume" }, env)),
      );
  }
  runs
    .command("rerun")
    .description("do what a run did once more: the same action with the same input, or a workflow from some of its tasks on")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--tasks <NAME,…>", "from these tasks of the workflow on; what went well before them stands", names)
    .option("--failed", "from the tasks that failed on", false)
    .option("--reset", "with --tasks: all items of these tasks, not only those that failed", false)
    .option("--tail", "print live output as it comes, on standard error", false)
    .option("--timeout <SECONDS>", "wait this long for the result; the run goes on", seconds)
    .option("--json", "print one JSON object: run, outcome, result, text", false)
    .action(async (id: string, options: AskOptions & AgainOptions) =>
      done(await (await import("./ask-of-run.ts")).runsRerun(id, options, env)),
    );
}

function names(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

export function describeHistory(program: Command, env: Env, done: Done): void {
  const history = program.command("history").description("look after what is remembered");
  history
    .command("rebuild")
    .description("read the log again; what is older than the log stays")
    .option("--all", "forget what is older than the log as well", false)
    .option("--json", "print one JSON object: removed, read, complete", false)
    .action(async (options: { json: boolean; all: boolean }) => done(await (await import("./rebuild.ts")).historyRebuild(options, env)));
}
