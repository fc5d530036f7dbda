import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { count } from "../amounts.ts";
import type { Done } from "../report.ts";

export function describeDead(program: Command, env: Env, done: Done): void {
  const dead = program.command("dead").description("look after what could not be handled");
  dead
    .command("list")
    .description("list the dead letters, the newest last: when, where from, why, whose")
    .option("--stream <STREAM>", "only of this stream, for example MESSAGE")
    .option("--since <TIME>", "only what died since: 30m, 2h, 7d, or a moment in ISO 8601")
    .option("--limit <COUNT>", "at most so many", count, 50)
    .option("--json", "print one JSON object: total, letters", false)
    .action(async (options: { stream?: string; since?: string; limit: number; json: boolean }) =>
      done(await (await import("./list.ts")).deadList(options, env)),
    );
  dead
    .command("show")
    .description("show one dead letter: headers, reason, payload")
    .argument("<NUMBER>", "as `dead list` shows it")
    .option("--json", "print one JSON object", false)
    .action(async (number: string, options: { json: boolean }) => done(await (await import("./show.ts")).deadShow(number, options, env)));
  dead
    .command("replay")
    .description("try dead letters again: each goes back where it came from, under a new id")
    .argument("[NUMBER...]", "as `dead list` shows them")
    .option("--all", "all there are", false)
    .option("--stream <STREAM>", "with --all: only of this stream")
    .option("--json", "print one JSON object: replayed, kept", false)
    .action(async (numbers: string[], options: { all: boolean; stream?: string; json: boolean }) =>
      done(await (await import("./replay.ts")).deadReplay(numbers, options, env)),
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
      done(await (await import("./drop.ts")).deadDrop(numbers, options, env)),
    );
}
