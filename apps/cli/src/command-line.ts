import type { Env } from "@bellhop/service";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { AskOptions } from "./ask.ts";
import { reportFailure, type ExitCode } from "./report.ts";
import type { FilterOptions } from "./runs/filter.ts";

/** Runs one command line; answers the exit code. Each command's code is loaded only when it is called, so that help comes at once. */
export async function commandLine(args: readonly string[], env: Env): Promise<ExitCode> {
  let code: ExitCode = 0;
  const json = args.includes("--json");
  const program = describeCommands(env, (given) => {
    code = given;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help and version end this way too; commander has printed what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, { json });
  }
}

function describeCommands(env: Env, done: (code: ExitCode) => void): Command {
  const program = new Command("bellhop")
    .description("ChatOps on NATS: what is typed at a prompt or in a chat becomes runs of actions, and the answers come back.")
    .version(manifest.version)
    .exitOverride()
    .showHelpAfterError("(bellhop --help lists what there is)");

  program
    .command("start")
    .description("run everything here and open a prompt; where it runs already, join it")
    .option("--json", "read lines and print each reply as one JSON object: line, text, outcome, run, result", false)
    .action(async (options: { json: boolean }) => done(await (await import("./start.ts")).start(env, options)));

  program
    .command("up")
    .description("run everything here without a prompt, until Ctrl-C or SIGTERM")
    .option("--json", "print one JSON object once everything works", false)
    .action(async (options: { json: boolean }) => done(await (await import("./start.ts")).up(env, options)));

  program
    .command("chat")
    .description("open a prompt on what runs here")
    .option("--json", "read lines and print each reply as one JSON object: line, text, outcome, run, result", false)
    .action(async (options: { json: boolean }) => done(await (await import("./chat.ts")).chat(env, options)));

  program
    .command("run")
    .description("run one action and print its result")
    .argument("<PACK.ACTION>", "for example core.echo")
    .argument("[NAME=VALUE...]", "its parameters")
    .option("--json", "print one JSON object: run, outcome, result, text", false)
    .option("--tail", "print live output as it comes, on standard error", false)
    .option("--timeout <seconds>", "wait this long for the result; the run goes on", seconds)
    .action(async (action: string, pairs: string[], options: { json: boolean; tail: boolean; timeout?: number }) =>
      done(await (await import("./run.ts")).run(action, pairs, options, env)),
    );

  program
    .command("doctor")
    .description("look for what keeps commands from being answered")
    .option("--json", "print one JSON object: ok, checks", false)
    .action(async (options: { json: boolean }) => done(await (await import("./doctor.ts")).doctor(options, env)));

  const pack = program.command("pack").description("look at packs");
  pack
    .command("check")
    .description("report every problem of a pack, or of each pack in a folder, with file:line:column")
    .argument("<DIR>", "the pack's folder")
    .option("--json", "print one JSON object: ok, packs, problems", false)
    .action(async (folder: string, options: { json: boolean }) => done(await (await import("./pack.ts")).packCheck(folder, options)));
  pack
    .command("list")
    .description("list the packs that answer now")
    .option("--json", "print one JSON object: running, packs", false)
    .action(async (options: { json: boolean }) => done(await (await import("./pack.ts")).packList(options, env)));

  describeRuns(program, env, done);
  describeDead(program, env, done);
  return program;
}

function describeRuns(program: Command, env: Env, done: (code: ExitCode) => void): void {
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
    .action(async (options: FilterOptions & { json: boolean }) => done(await (await import("./runs/list.ts")).runsList(options, env)));
  runs
    .command("show")
    .description("show one run: who, where, input, output, steps")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--output", "print its output and nothing else", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: { json: boolean; output: boolean }) =>
      done(await (await import("./runs/show.ts")).runsShow(id, options, env)),
    );
  runs
    .command("tail")
    .description("show what happened and what was printed, then follow: one run until it is over, or all")
    .argument("[ID]", "a run; all where none is named")
    .option("--json", "print one JSON object a line: steps and pieces of output", false)
    .action(async (id: string | undefined, options: { json: boolean }) =>
      done(await (await import("./runs/tail.ts")).runsTail(id, options, env)),
    );
  runs
    .command("cancel")
    .description("stop a run, and wait until it is over")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--timeout <seconds>", "wait this long", seconds)
    .option("--json", "print one JSON object: run, outcome, text", false)
    .action(async (id: string, options: { json: boolean; timeout?: number }) =>
      done(await (await import("./runs/ask-of-run.ts")).runsCancel(id, options, env)),
    );
  runs
    .command("rerun")
    .description("do what a run did once more: the same action with the same input")
    .argument("<ID>", "its id, or the last six characters of it or more")
    .option("--tail", "print live output as it comes, on standard error", false)
    .option("--timeout <seconds>", "wait this long for the result; the run goes on", seconds)
    .option("--json", "print one JSON object: run, outcome, result, text", false)
    .action(async (id: string, options: AskOptions) => done(await (await import("./runs/ask-of-run.ts")).runsRerun(id, options, env)));

  const history = program.command("history").description("look after what is remembered");
  history
    .command("rebuild")
    .description("read the log again; what is older than the log stays")
    .option("--all", "forget what is older than the log as well", false)
    .option("--json", "print one JSON object: removed, read, complete", false)
    .action(async (options: { json: boolean; all: boolean }) =>
      done(await (await import("./runs/rebuild.ts")).historyRebuild(options, env)),
    );
}

function describeDead(program: Command, env: Env, done: (code: ExitCode) => void): void {
  const dead = program.command("dead").description("look after what could not be handled");
  dead
    .command("list")
    .description("list the dead letters, the newest last: when, where from, why, whose")
    .option("--stream <STREAM>", "only of this stream, for example MESSAGE")
    .option("--since <TIME>", "only what died since: 30m, 2h, 7d, or a moment in ISO 8601")
    .option("--limit <COUNT>", "at most so many", count, 50)
    .option("--json", "print one JSON object: total, letters", false)
    .action(async (options: { stream?: string; since?: string; limit: number; json: boolean }) =>
      done(await (await import("./dead/list.ts")).deadList(options, env)),
    );
  dead
    .command("show")
    .description("show one dead letter: headers, reason, payload")
    .argument("<NUMBER>", "as `dead list` shows it")
    .option("--json", "print one JSON object", false)
    .action(async (number: string, options: { json: boolean }) =>
      done(await (await import("./dead/show.ts")).deadShow(number, options, env)),
    );
  dead
    .command("replay")
    .description("try dead letters again: each goes back where it came from, under a new id")
    .argument("[NUMBER...]", "as `dead list` shows them")
    .option("--all", "all there are", false)
    .option("--stream <STREAM>", "with --all: only of this stream")
    .option("--json", "print one JSON object: replayed, kept", false)
    .action(async (numbers: string[], options: { all: boolean; stream?: string; json: boolean }) =>
      done(await (await import("./dead/replay.ts")).deadReplay(numbers, options, env)),
    );
  dead
    .command("drop")
    .description("take dead letters away for good")
    .argument("[NUMBER...]", "as `dead list` shows them")
    .option("--all", "all there are", false)
    .option("--stream <STREAM>", "with --all: only of this stream")
    .option("--yes", "do not ask", false)
    .option("--json", "print one JSON object: dropped, unknown", false)
    .action(async (numbers: string[], options: { all: boolean; stream?: string; yes: boolean; json: boolean }) =>
      done(await (await import("./dead/drop.ts")).deadDrop(numbers, options, env)),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Expected a number of seconds.");
  return value;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a count above 0.");
  return Number(text);
}
