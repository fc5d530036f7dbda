import { existsSync } from "node:fs";
import type { Bus } from "@bellhop/bus";
import { fieldsOf, isFields } from "@bellhop/contracts";
import { jinja, type Datastore, type Happening } from "@bellhop/core";
import { DateTime, readJson } from "@bellhop/expression";
import { parse } from "yaml";
import { storedEvent } from "../event/stored.ts";
import { datastoreNow } from "../kv/live.ts";
import { readNamed } from "../named-file.ts";
import { UsageError } from "../report.ts";
import { configsSet } from "./configs.ts";

export interface Event {
  /** Absent where the file has a payload alone. */
  readonly trigger: string | undefined;
  readonly happening: Happening;
}

/** An event that was kept, and what templates find by now. */
export interface KeptEvent {
  readonly trigger: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly happening: Happening;
  readonly datastore: Datastore;
  readonly set: Awaited<ReturnType<typeof configsSet>>;
}

/** Whether the id of an event is meant, and not a file. */
export function isKept(event: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(event) && !existsSync(event);
}

/** @throws Problem event_unknown */
export async function keptEvent(bus: Bus, event: string): Promise<KeptEvent> {
  const { fired } = await storedEvent(bus, event);
  const now = new DateTime(BigInt(Date.parse(fired.firedAt)) * 1000n, 0);
  return {
    trigger: fired.trigger,
    parameters: fired.parameters ?? {},
    happening: { payload: await bus.loadValue(fired.payload), now, render: jinja },
    datastore: await datastoreNow(bus),
    set: await configsSet(bus),
  };
}

/** Reads what happened from a file. JSON keeps apart 1 and 1.0, and loses no digit. @throws UsageError */
export function readEvent(file: string): Event {
  const value = valueOf(file);
  const envelope = isFields(value) && "payload" in value ? value : { payload: value };
  const { trigger } = fieldsOf(envelope);
  if (trigger !== undefined && typeof trigger !== "string") throw new UsageError(`${file}: trigger is no text such as core.st2.webhook.`);
  const now = new DateTime(BigInt(Date.now()) * 1000n, 0);
  return { trigger, happening: { payload: envelope.payload, now, render: jinja } };
}

function valueOf(file: string): unknown {
  const text = readNamed(file);
  try {
    return /\.ya?ml$/.test(file) ? (parse(text) as unknown) : readJson(text);
  } catch (error) {
    const kind = /\.ya?ml$/.test(file) ? "YAML" : "JSON";
    throw new UsageError(`${file} is no ${kind}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
