import { randomUUID } from "node:crypto";
import { fire, type Bus } from "@bellhop/bus";
import { problem, type TriggerDefinition } from "@bellhop/contracts";
import { payloadFault } from "@bellhop/core";
import { builtInTriggers } from "@bellhop/pack-loader";
import type { Env } from "@bellhop/service";
import { parse } from "yaml";
import { readNamed } from "../named-file.ts";
import { notThere } from "../not-there.ts";
import { NotThere, UsageError, note, type ExitCode } from "../report.ts";
import { parsePairs } from "../run.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { activePacks } from "./packs.ts";
import { eventJson, eventText, storedEvent, type StoredEvent } from "./stored.ts";

export interface EmitOptions {
  payload?: string;
  parameter: readonly string[];
  key?: string;
  /** Seconds. */
  timeout: number;
  json: boolean;
}

/** `bellhop trigger emit`: 0 where the event was stored and decided, whatever rules made of it. @throws UsageError, Problem event_undecided */
export async function triggerEmit(trigger: string, pairs: readonly string[], options: EmitOptions, env: Env): Promise<ExitCode> {
  const payload = payloadOf(pairs, options.payload, "--payload");
  const parameters = valuesOf(options.parameter);
  return withBus<ExitCode>(env, "bellhop trigger emit", async (bus) => {
    const declared = await known(bus, trigger);
    const why = payloadFault(declared, payload);
    if (why !== undefined) note(`It does not fit the schema of ${trigger}: ${why}. A person may say so all the same.`);
    return await fireAndWait(bus, { trigger, payload, parameters, key: options.key ?? randomUUID(), source: "person" }, options);
  });
}

/** `bellhop event replay`: the same event under a new key. @throws Problem event_unknown, event_undecided */
export async function eventReplay(id: string, options: { json: boolean; timeout: number }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop event replay", async (bus) => {
    const { fired } = await storedEvent(bus, id);
    const payload = await bus.loadValue(fired.payload);
    const key = `${id}/replay/${randomUUID()}`;
    return await fireAndWait(
      bus,
      { trigger: fired.trigger, payload, parameters: fired.parameters ?? {}, key, source: "replay", name: id },
      options,
    );
  });
}

/** Fires a trigger, and prints what rules made of it. @throws Problem event_undecided */
export async function fireAndWait(
  bus: Bus,
  what: {
    trigger: string;
    payload: unknown;
    parameters: Record<string, unknown>;
    key: string;
    source: "person" | "replay";
    name?: string;
  },
  { json, timeout }: { json: boolean; timeout: number },
): Promise<ExitCode> {
  const { trigger, payload, parameters, key, source, name = personHere().id } = what;
  const { event } = await fire(bus, {
    trigger,
    parameters,
    payload,
    source: { kind: source, name },
    key,
    comesAgain: true,
    at: new Date().toISOString(),
  });
  const stored = await decided(bus, event, timeout * 1000);
  if (stored === undefined) throw problem("event_undecided", { event, seconds: String(timeout) });
  process.stdout.write(`${json ? eventJson(stored) : eventText(stored)}\n`);
  if (!json && stored.fired.enforcements.length === 0) note(`No rule fired. \`bellhop rule why ${event}\` says why.`);
  return 0;
}

async function decided(bus: Bus, event: string, ms: number): Promise<StoredEvent | undefined> {
  const until = performance.now() + ms;
  for (;;) {
    const fired = (await bus.log.last(event))?.record.fired;
    if (fired !== undefined) return { event, fired };
    if (performance.now() > until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The trigger as its pack declares it, if one does. @throws NotThere where nobody knows it */
async function known(bus: Bus, trigger: string): Promise<TriggerDefinition | undefined> {
  if (!/^[\w-]+\.[\w.-]+$/.test(trigger)) throw new UsageError(`${trigger} is no trigger: expected PACK.TRIGGER.`);
  const packs = await activePacks(bus);
  const declared = packs.flatMap(({ triggers = [] }) => triggers);
  const waitedFor = packs.flatMap(({ rules = [] }) => rules.map((rule) => rule.trigger.type));
  const found = declared.find(({ ref }) => ref === trigger);
  if (found !== undefined || waitedFor.includes(trigger)) return found;
  if (builtInTriggers.has(trigger)) throw new NotThere(`No rule waits for ${trigger}.`, { hint: "`bellhop rule list` lists the rules." });
  const told = `No pack has a trigger ${trigger}, and no rule waits for it.`;
  const names = [...declared.map(({ ref }) => ref), ...waitedFor, ...builtInTriggers];
  throw notThere({ kind: "trigger", name: trigger, known: names, listedBy: "trigger list", told });
}

/** What was given as `NAME=VALUE`, or in the file that an option names. @throws UsageError */
export function payloadOf(pairs: readonly string[], file: string | undefined, option: string): unknown {
  if (file === undefined) return valuesOf(pairs);
  if (pairs.length > 0) throw new UsageError(`It is given twice: in ${option}, and as NAME=VALUE.`);
  const text = readNamed(file);
  try {
    return parse(text) as unknown;
  } catch (error) {
    const name = file === "-" ? "Standard input" : file;
    throw new UsageError(`${name} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Pairs by name; a value that is JSON is taken as that. */
function valuesOf(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parsePairs(pairs)).map(([name, value]) => [name, jsonOr(value)]));
}

function jsonOr(value: unknown): unknown {
  try {
    return JSON.parse(String(value)) as unknown;
  } catch {
    return value;
  }
}
