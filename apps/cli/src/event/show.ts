import type { Bus } from "@bellhop/bus";
import { maskedPayload } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { asText } from "../runs/look.ts";
import { fineStamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { visible } from "../dead/visible.ts";
import { activePacks } from "./packs.ts";
import { ledTo, ledToLines } from "./led-to.ts";
import { eventJson, eventText, storedEvent } from "./stored.ts";

/** `bellhop event show ID`: what happened, and how far that is what it led to. @throws Problem event_unknown */
export async function eventShow(id: string, { json, whole }: { json: boolean; whole: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop event show", async (bus) => {
    const stored = await storedEvent(bus, id);
    const { payload: kept, trigger, trace, tag, firedAt, enforcements } = stored.fired;
    const loaded = await bus.loadValue(kept);
    const payload = whole ? loaded : maskedPayload(loaded, await payloadSchema(bus, trigger));
    const runs = await Promise.all(enforcements.flatMap(({ run }) => (run === undefined ? [] : [ledTo(bus, run)])));
    const said = asText(payload)
      .split("\n")
      .map((line) => `    ${visible(line)}`);
    const about = [
      `  fired ${fineStamp(firedAt)}`,
      ...(trace === undefined ? [] : [`  trace ${trace}`]),
      ...(tag === undefined ? [] : [`  tag ${visible(tag)}`]),
    ];
    const text = [eventText(stored), ...about, ...runs.flatMap(ledToLines), "  payload", ...said].join("\n");
    process.stdout.write(`${json ? eventJson(stored, { payload, runs }) : text}\n`);
    return 0;
  });
}

async function payloadSchema(bus: Bus, trigger: string): Promise<unknown> {
  const packs = await activePacks(bus);
  return packs.flatMap(({ triggers = [] }) => triggers).find(({ ref }) => ref === trigger)?.payload;
}
