import type { Env } from "@bellhop/service";
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { count, number, seconds } from "./amounts.ts";
import { describeApiKeys } from "./api-key/commands.ts";
import { describeBackup } from "./backup/commands.ts";
import { describeDead } from "./dead/commands.ts";
import { describeEvents } from "./event/commands.ts";
import { describeInquiries } from "./inquiry/commands.ts";
import { describeNats } from "./nats/commands.ts";
import { describePack } from "./pack/commands.ts";
import { describeKeys } from "./key/commands.ts";
import { describeKv } from "./kv/commands.ts";
import { reportFailure, UsageError, type Done, type ExitCode } from "./report.ts";
import { describeRules } from "./rule/commands.ts";
import { describeHistory, describeRuns } from "./runs/commands.ts";
import { describePolicies } from "./policy/commands.ts";
import { describeSchedules } from "./schedule/commands.ts";
import { describeSensors } from "./sensor/commands.ts";
import { describeWebhooks } from "./webhook/commands.ts";
import { describeWorkflows } from "./workflow/commands.ts";

/** Runs one command line; answers the exit code. Each command's code is loaded only when it is called, so that help comes at once. */
export async function commandLine(args: readonly string[], env: Env): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = describeCommands(env, (given) => {
    code = given;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help and the version end this way too.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const called = calledIn(args, program);
    return reportFailure(error instanceof CommanderError ? wrongCall(error, called) : error, {
      json: args.includes("--json"),
      command: nameOf(called),
    });
  }
}

/** The command that words name, as far as there is one. */
function calledIn([word = "", ...rest]: readonly string[], program: Command): Command {
  const command = program.commands.find((one) => one.name() === word);
  return command === undefined ? program : calledIn(rest, command);
}

/** Its words, without the program's. */
function nameOf(command: Command): string {
  return command.parent === null ? "" : `${nameOf(command.parent)} ${command.name()}`.trim();
}

/** What commander says of a call that fits no command, as everything else here is told. */
function wrongCall({ code, message }: CommanderError, called: Command): UsageError {
  if (code === "commander.help") return new UsageError("A command is missing.");
  if (code === "commander.missingMandatoryOptionValue") return missingOption(called);
  const [first = "", ...rest] = message.replace(/^error: /, "");
  return new UsageError(`${first.toUpperCase()}${rest.join("").replaceAll("\n", " ")}`.replace(/[^.?)]$/, "$&."));
}

/** What stands alone was meant for the options that are missing, in their order. */
function missingOption(called: Command): UsageError {
  const given = called.opts<Readonly<Record<string, string | undefined>>>();
  const needed = called.options.filter(({ mandatory }) => mandatory).map((option) => ({ option, value: given[option.attributeName()] }));
  const missing = needed.filter(({ value }) => value === undefined).map(({ option: { long } }) => long);
  const alone = called.args.some((word) => word.startsWith("-")) ? [] : [...called.args];
  const why = alone.length === 0 ? "" : `: ${alone.join(" and ")} ${alone.length === 1 ? "stands" : "stand"} alone`;
  const words = needed.map(({ option: { long, flags }, value }) => `${long} ${value ?? alone.shift() ?? /<.*>/.exec(flags)?.[0]}`);
  return new UsageError(`${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing${why}.`, {
    hint: `Write \`bellhop ${nameOf(called)} ${words.join(" ")}\`.`,
  });
}

function describeCommands(env: Env, done: Done): Command {
  const program = new Command("bellhop")
    .description("ChatOps on NATS: what is typed at a prompt or in a chat becomes runs of actions, and the answers come back.")
    .version(manifest.version)
    .exitOverride()
    // A command may have a --version of its own.
    .enablePositionalOptions()
    .configureHelp({
      // That a switch is off and a list empty, unless it is given, goes without saying.
      optionDescription: (option) =>
        option.defaultValue === undefined || option.defaultValue === false || String(option.defaultValue) === ""
          ? option.description
          : `${option.description} (default: ${String(option.defaultValue)})`,
    })
    .configureOutput({ outputError: () => {} });

  withRunners(program.command("start"))
    .description("run everything here and open a prompt; where it runs already, join it")
    .option("--json", "read lines and print each reply as one JSON object: line, text, outcome, run, result", false)
    .action(async (options: { json: boolean } & RunnerOptions) =>
      done(await (await import("./start.ts")).start({ ...env, ...runnerEnv(options) }, options)),
    );

  withRunners(program.command("up"))
    .description("run everything here without a prompt, until Ctrl-C or SIGTERM")
    .option("--json", "print one JSON object once everything works", false)
    .action(async (options: { json: boolean } & RunnerOptions) =>
      done(await (await import("./start.ts")).up({ ...env, ...runnerEnv(options) }, options)),
    );

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
    .option("--config <NAME>", "the instance of its pack's configuration")
    .option("--json", "print one JSON object: run, outcome, result, text", false)
    .option("--tail", "print live output as it comes, on standard error", false)
    .option("--timeout <SECONDS>", "wait this long for the result; the run goes on", seconds)
    .action(async (action: string, pairs: string[], options: { json: boolean; tail: boolean; timeout?: number; config?: string }) =>
      done(await (await import("./run.ts")).run(action, pairs, options, env)),
    );

  program
    .command("doctor")
    .description("look for what keeps commands from being answered")
    .option("--json", "print one JSON object: ok, checks", false)
    .action(async (options: { json: boolean }) => done(await (await import("./doctor/doctor.ts")).doctor(options, env)));

  describePack(program, env, done);
  describeRules(program, env, done);
  describeWorkflows(program, env, done);
  describeEvents(program, env, done);
  describeSensors(program, env, done);
  describePolicies(program, env, done);
  describeSchedules(program, env, done);
  describeWebhooks(program, env, done);
  describeApiKeys(program, env, done);
  describeKv(program, env, done);
  describeKeys(program, env, done);
  describeRuns(program, env, done);
  describeInquiries(program, env, done);
  describeHistory(program, env, done);
  describeDead(program, env, done);
  describeNats(program, env, done);
  describeBackup(program, env, done);
  return program;
}

interface RunnerOptions {
  runners?: number;
  pools?: string;
  concurrency?: number;
}

function withRunners(command: Command): Command {
  return command
    .option("--runners <COUNT>", "runners, each a process of its own; 0: none here (default: one within this process)", number)
    .option("--pools <NAMES>", "the pools that runners here take work from, with commas (default: default)")
    .option("--concurrency <COUNT>", "attempts at once, for each runner and pool (default: 8)", count);
}

/** What was typed wins over the environment, which wins over bellhop.yaml. */
function runnerEnv({ runners, pools, concurrency }: RunnerOptions): Record<string, string> {
  return {
    ...(runners === undefined ? {} : { BELLHOP_RUNNERS: String(runners) }),
    ...(pools === undefined ? {} : { BELLHOP_POOLS: pools }),
    ...(concurrency === undefined ? {} : { BELLHOP_CONCURRENCY: String(concurrency) }),
  };
}
