import type { Bus } from "@bellhop/bus";
import { problem, type EventOutcome } from "@bellhop/contracts";
import { visible } from "../dead/visible.ts";
import type { LedTo } from "./led-to.ts";

export interface StoredEvent {
  event: string;
  fired: EventOutcome;
}

/** An event, and what became of it, as its log has it. @throws Problem event_unknown */
export async function storedEvent(bus: Bus, event: string): Promise<StoredEvent> {
  const fired = /^[0-9A-HJKMNP-TV-Z]{26}$/.test(event) ? (await bus.log.last(event))?.record.fired : undefined;
  if (fired === undefined) throw problem("event_unknown", { event });
  return { event, fired };
}

export function eventText({ event, fired }: StoredEvent): string {
  const { trigger, enforcements, unlisted, refused, source } = fired;
  const from = source.name === undefined ? source.kind : `${source.kind} ${source.name}`;
  const lines = enforcements.map(({ rule, action, run, failure }) =>
    run === undefined ? `  ${rule}  could not be checked or carried out: ${failure ?? ""}` : `  ${rule}  runs ${action} as ${run}`,
  );
  const more = unlisted === undefined ? [] : [`  and ${unlisted} more rules, which its log has no room to name`];
  return [`${event}  ${trigger}  from ${from}`, ...(refused === undefined ? [] : [`  ${refused}`]), ...lines, ...more]
    .map(visible)
    .join("\n");
}

/** The same for programs, and what else is given. */
export function eventJson({ event, fired }: StoredEvent, more: { payload?: unknown; runs?: readonly LedTo[] } = {}): string {
  const { payload: _, ...rest } = fired;
  return JSON.stringify({ event, ...rest, ...more });
}
