import { buckets, eventKey, messageIds, runId, shardOfKey, subjects, token, traceOf, type TriggerFired } from "@bellhop/contracts";
import type { Bus } from "./bus.ts";

/** What happened, as whoever saw it says it. */
export interface Happened {
  trigger: string;
  /** Of a trigger that has any: only rules that ask for the same hear of it. */
  parameters?: Readonly<Record<string, unknown>>;
  /** Plain data. */
  payload: unknown;
  source: TriggerFired["source"];
  /** The sender's name for it: what is said twice under one key happened once. */
  key: string;
  /** When, ISO 8601. */
  at: string;
  /** Whether its sender may say it again at another time: then its key is remembered, for as long as records are kept. */
  comesAgain?: boolean;
  /** How many events stand before it, each of which led to the next. */
  depth?: number;
}

/** Fires a trigger. Resolves when it is stored: only then may whoever said so be told that we have it.
 *  @returns the event's id, under which its log tells what became of it; `again`: the key was known */
export async function fire(bus: Bus, happened: Happened): Promise<{ event: string; again: boolean }> {
  const { key, trigger, source, depth, parameters = {} } = happened;
  const first = happened.comesAgain === true ? await remembered(bus, happened) : undefined;
  const { at: firedAt } = first ?? happened;
  const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
  const fired: TriggerFired = {
    v: 1,
    key,
    event,
    trigger,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    payload: await bus.storeValue(happened.payload),
    source,
    ...(depth === undefined ? {} : { depth }),
    trace: traceOf(eventKey(event)),
    firedAt,
  };
  await bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(key) });
  return { event, again: first !== undefined };
}

/** Who said it first, where somebody did: whoever comes second says it in the words of the first, so that it is the same event. */
async function remembered(bus: Bus, { key, at }: Happened): Promise<{ at: string } | undefined> {
  const keys = bus.bucket(buckets.happened);
  if ((await keys.create(token(key), { v: 1, key, at })) !== undefined) return undefined;
  return (await keys.get(token(key)))?.value;
}
