import { masked } from "@bellhop/contracts";
import { whoWaits } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { letterOf, numberOf, opened } from "./letters.ts";
import { payloadText, textOf, visible } from "./visible.ts";

/** `bellhop dead show N`: all that is known of one dead letter. Secrets read `[secret]`. */
export async function deadShow(given: string, options: { json: boolean }, env: Env): Promise<ExitCode> {
  const number = numberOf(given);
  return withBus<ExitCode>(env, "bellhop dead show", async (bus) => {
    const letter = await letterOf(bus, number);
    const { payload, about } = opened(letter);
    const run = about.run === undefined ? undefined : (await bus.log.last(about.run))?.record.state;
    const who = about.who ?? (run === undefined ? undefined : whoWaits(run));
    const { data, at, storedAt, ...rest } = letter;
    const when = { at: isoOf(at), storedAt: isoOf(storedAt) };
    if (options.json) {
      const text = textOf(data);
      const bytes = text === undefined ? { base64: Buffer.from(data).toString("base64") } : { text };
      const known = { ...rest, ...when, ...about, ...(who === undefined ? {} : { who }) };
      process.stdout.write(`${JSON.stringify({ ...known, ...(payload === undefined ? bytes : { payload: masked(payload) }) })}\n`);
      return 0;
    }
    const { problem, stream, subject, sequence, by, durable, deliveries } = letter;
    const facts: [string, string][] = [
      ["died", `${stampOr(at)}, at ${by} (${durable}), delivered ${deliveries === 1 ? "once" : `${deliveries} times`}`],
      ["reason", `${problem.message} (${problem.code})`],
      ["next", problem.hint],
      ["was", `${about.kind} ${sequence} of ${stream}, on ${subject}, stored ${stampOr(storedAt)}`],
      ["key", about.key ?? ""],
      ["run", about.run === undefined ? "" : `${about.run}${run === undefined ? ", which was not begun" : `, ${run.status}`}`],
      ["waits", who ?? ""],
    ];
    const lines = facts.filter(([, value]) => value !== "").map(([name, value]) => `${name.padEnd(8)}${visible(value)}`);
    process.stdout.write(`${[...lines, "", payloadText(payload, data)].join("\n")}\n`);
    return 0;
  });
}

/** Letters of a release before these headers were there know no time of storing. */
function isoOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "-";
}

function stampOr(ms: number): string {
  return Number.isFinite(ms) ? stamp(ms) : "-";
}
