import { buckets, identityOf, type CommandSchedule } from "@bellhop/contracts";
import { momentWords, nextTimes, zoneName } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { withBus } from "../with-bus.ts";

const timesShown = 3;

/** `bellhop schedule list`: all there are, wherever they were made. */
export async function scheduleList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop schedule list", async (bus) => {
    const entries = await bus.bucket(buckets.schedule).entries(">");
    const live = entries
      .map(({ value }) => value)
      .filter(({ over }) => over === undefined)
      .toSorted((a, b) => ((a.due ?? "9") < (b.due ?? "9") ? -1 : 1));
    if (json) process.stdout.write(`${JSON.stringify({ schedules: live.map(told) })}\n`);
    else if (live.length === 0) note("Nothing is scheduled.");
    else
      printTable(
        ["SCHEDULE", "WHEN", "COMMAND", "NEXT", "BY", "WHERE"],
        live.map((one) => [one.id, one.when, one.command, nextWords(one), identityOf(one.asker), placeOf(one)]),
      );
    return 0;
  });
}

function told(schedule: CommandSchedule) {
  const { id, when, command, asker, replyTo } = schedule;
  const next = nextTimes(schedule, timesShown).map((time) => new Date(time).toISOString());
  return { schedule: id, when, command, next, by: identityOf(asker), where: replyTo };
}

function nextWords(schedule: CommandSchedule): string {
  const zone = zoneName(schedule);
  const times = nextTimes(schedule, timesShown).map((time) => momentWords(time, { zone, now: Date.now() }));
  return `${times.join(", ")} ${zone}`;
}

function placeOf({ conversation, replyTo: { platform, space, channel } }: CommandSchedule): string {
  if (conversation.kind === "direct") return `${platform}, private`;
  return space === undefined ? `${platform}:${channel}` : `${platform}:${space}/${channel}`;
}
