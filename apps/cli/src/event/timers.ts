import { buckets } from "@bellhop/contracts";
import { readSchedule } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";

/** So many of the times that come are told. */
const timesShown = 5;

/** `bellhop timer list`: the timers that rules wait for, the one that is due next first. */
export async function timerList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop timer list", async (bus) => {
    const timers = (await bus.bucket(buckets.tick).entries(">"))
      .map(({ value: { trigger, parameters, anchor, due, passedOver } }) => {
        const read = readSchedule(trigger, parameters);
        const next = due === undefined ? [] : [due];
        while (read.kind === "ok" && next.length > 0 && next.length < timesShown) {
          const after = read.schedule.next(Date.parse(next.at(-1) ?? ""), Date.parse(anchor));
          if (after === undefined) break;
          next.push(new Date(after).toISOString());
        }
        return { trigger, parameters, next, ...(passedOver === undefined ? {} : { passedOver }) };
      })
      .toSorted((a, b) => ((a.next[0] ?? "9") < (b.next[0] ?? "9") ? -1 : 1));
    if (json) process.stdout.write(`${JSON.stringify({ timers })}\n`);
    else if (timers.length === 0) note("No rule that is on waits for a timer.");
    else
      printTable(
        ["TIMER", "SCHEDULE", "NEXT"],
        timers.map(({ trigger, parameters, next }) => [
          trigger,
          Object.entries(parameters)
            .map(([name, value]) => `${name}=${String(value)}`)
            .join(" "),
          next.length === 0 ? "never" : next.map((at) => stamp(at).replace(/:00$/, "")).join(", "),
        ]),
      );
    for (const { trigger, passedOver } of json ? [] : timers) {
      if (passedOver !== undefined)
        note(`${trigger} missed more than is made up for: none came from ${stamp(passedOver.after)} to ${stamp(passedOver.until)}.`);
    }
    return 0;
  });
}
