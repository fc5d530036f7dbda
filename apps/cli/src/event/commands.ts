import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { count, seconds } from "../amounts.ts";
import type { Done } from "../report.ts";
import type { EmitOptions } from "./emit.ts";
import type { EventListOptions } from "./list.ts";

/** What happens, and what becomes of it. */
export function describeEvents(program: Command, env: Env, done: Done): void {
  const trigger = program.command("trigger").description("the kinds of events that rules wait for");
  trigger
    .command("list")
    .description("list the triggers of all active packs, and how many rules wait for each")
    .option("--json", "print one JSON object: triggers", false)
    .action(async (options: { json: boolean }) => done(await (await import("./triggers.ts")).triggerList(options, env)));
  trigger
    .command("emit")
    .description("fire a trigger, and say what rules made of it")
    .argument("<PACK.TRIGGER>", "for example core.st2.webhook")
    .argument("[NAME=VALUE...]", "its payload; a value that is JSON is taken as that")
    .option("--payload <FILE>", "its payload, as JSON or YAML; - for standard input")
    .option("--parameter <NAME=VALUE>", "a parameter of the trigger, such as a webhook's url; may be given again", more, [])
    .option("--key <KEY>", "a name for what happened: under one key it happens once")
    .option("--timeout <SECONDS>", "wait this long to hear what became of it", seconds, 10)
    .option("--json", "print one JSON object: event, trigger, enforcements", false)
    .action(async (name: string, pairs: string[], options: EmitOptions) =>
      done(await (await import("./emit.ts")).triggerEmit(name, pairs, options, env)),
    );

  program
    .command("timer")
    .description("timers that rules wait for")
    .command("list")
    .description("list them, with the next five times of each")
    .option("--json", "print one JSON object: timers", false)
    .action(async (options: { json: boolean }) => done(await (await import("./timers.ts")).timerList(options, env)));

  const event = program.command("event").description("what happened, and what became of it");
  event
    .command("list")
    .description("list what happened, newest first")
    .option("--trigger <PACK.TRIGGER>", "only events of this trigger")
    .option("--rule <PACK.RULE>", "only events that this rule made something of")
    .option("--since <WHEN>", "from then on: 2h, 7d (ago), 2026-03-01T14:00Z")
    .option("--before <ID>", "only events before this one")
    .option("--limit <COUNT>", "at most so many", count, 20)
    .option("--json", "print one JSON object: events", false)
    .action(async (options: EventListOptions) => done(await (await import("./list.ts")).eventList(options, env)));
  event
    .command("show")
    .description("show one event: what it said, which rules fired, and how their runs stand, what those said and fired")
    .argument("<ID>", "its id")
    .option("--whole", "with what its trigger calls a secret, and what is named as secrets are", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: { json: boolean; whole: boolean }) =>
      done(await (await import("./show.ts")).eventShow(id, options, env)),
    );
  event
    .command("replay")
    .description("fire once more what happened, as a new event: rules as they are now decide")
    .argument("<ID>", "its id")
    .option("--timeout <SECONDS>", "wait this long to hear what became of it", seconds, 10)
    .option("--json", "print one JSON object: event, trigger, enforcements", false)
    .action(async (id: string, options: { json: boolean; timeout: number }) =>
      done(await (await import("./emit.ts")).eventReplay(id, options, env)),
    );
}

function more(value: string, before: string[]): string[] {
  return [...before, value];
}
