import { buckets, eventKey, messageIds, runId, subjects, token, traceOf, type HappenedBefore, type TriggerFired } from "@bellhop/contracts";
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
  /** The trace that it belongs to, where something led to it. */
  trace?: string;
  /** Where its log lies, and what its rules ask for; that of its key when not given. */
  shard?: number;
  /** What its sender calls the chain that it begins. */
  tag?: string;
}

/** Fires a trigger. Resolves when it is stored: only then may whoever said so be told that we have it.
 *  @returns the event's id, under which its log tells what became of it; `again`: the key was known */
export async function fire(bus: Bus, happened: Happened): Promise<{ event: string; again: boolean }> {
  const { key, trigger, source, depth, trace, tag, parameters = {} } = happened;
  const first = happened.comesAgain === true ? await remembered(bus, happened) : undefined;
  const { at: firedAt, shard } = first ?? happened;
  const event = runId({ key, at: firedAt, shard });
  const fired: TriggerFired = {
    v: 1,
    key,
    event,
    trigger,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    payload: await bus.storeValue(happened.payload),
    source,
    ...(depth === undefined ? {} : { depth }),
    trace: trace ?? traceOf(eventKey(event)),
    ...(tag === undefined ? {} : { tag }),
    firedAt,
  };
  await bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(key) });
  return { event, again: first !== undefined };
}

/** Fires what a log asks for, its payload stored where that is large.
 *  @param how.comesAgain it may be asked for again under the same key: that is the same event */
export async function fireStored(
  bus: Bus,
  asked: TriggerFired,
  { comesAgain, whenFull }: { comesAgain: boolean; whenFull?: (() => void) | undefined },
): Promise<void> {
  const { key, payload } = asked;
  const first = comesAgain ? await remembered(bus, { key, at: asked.firedAt }) : undefined;
  const named = first === undefined ? {} : { event: runId({ key, ...first }), firedAt: first.at };
  const fired = { ...asked, ...named, payload: "inline" in payload ? await bus.storeValue(payload.inline) : payload };
  await bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(key), whenFull });
}

/** Who said it first, where somebody did: whoever comes second says it in the words of the first, so that it is the same event. */
async function remembered(
  bus: Bus,
  { key, at, shard }: Pick<Happened, "key" | "at" | "shard">,
): Promise<Pick<HappenedBefore, "at" | "shard"> | undefined> {
  const keys = bus.bucket(buckets.happened);
  const record: HappenedBefore = { v: 1, key, at, ...(shard === undefined ? {} : { shard }) };
  if ((await keys.create(token(key), record)) !== undefined) return undefined;
  return (await keys.get(token(key)))?.value;
}
