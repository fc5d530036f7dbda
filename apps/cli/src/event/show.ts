import { masked } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { asText } from "../runs/look.ts";
import { withBus } from "../with-bus.ts";
import { visible } from "../dead/visible.ts";
import { eventJson, eventText, storedEvent } from "./stored.ts";

/** `bellhop event show ID`. @throws Problem event_unknown */
export async function eventShow(id: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop event show", async (bus) => {
    const stored = await storedEvent(bus, id);
    const payload = await bus.loadValue(stored.fired.payload);
    const said = asText(masked(payload))
      .split("\n")
      .map((line) => `    ${visible(line)}`);
    const text = [eventText(stored), `  fired ${stored.fired.firedAt}`, "  payload", ...said].join("\n");
    process.stdout.write(`${json ? eventJson(stored, payload) : text}\n`);
    return 0;
  });
}
