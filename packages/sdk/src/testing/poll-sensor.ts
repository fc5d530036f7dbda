import { z } from "zod";
import type { ActionLog, InputShape } from "../action.ts";
import { sensorCall } from "../host-sensor.ts";
import type { AnySensor, Sensor, TriggerShapes } from "../sensor.ts";
import { silent } from "./run-action.ts";

/** An event that a sensor told. */
export type EmittedEvent<Triggers extends TriggerShapes> = {
  [Name in keyof Triggers & string]: { readonly trigger: Name; readonly payload: z.output<Triggers[Name]>; readonly key?: string };
}[keyof Triggers & string];

/** Has a sensor look once (one that listens: listen until it returns), as a runner does: payloads are checked. Resolves to the events that it told, each key once.
 *  Rejects with a Problem (`sensor_failed`) or with whatever the sensor threw.
 *  @param options.state what it remembers, by name; what it sets is there afterwards, so that the next look can be given the same map
 *  @param options.log gets what it writes to its log; absent: nobody does */
export async function pollSensor<Triggers extends TriggerShapes, Fields extends InputShape | z.ZodObject = InputShape>(
  sensor: Sensor<Triggers, Fields>,
  options: {
    config?: Record<string, unknown>;
    state?: Map<string, unknown>;
    partition?: { index: number; count: number };
    signal?: AbortSignal;
    log?: ActionLog;
  } = {},
): Promise<EmittedEvent<Triggers>[]> {
  const { config = {}, state = new Map<string, unknown>(), partition = { index: 0, count: 1 }, log = silent } = options;
  const { signal = new AbortController().signal } = options;
  const told: { trigger: string; payload: unknown; key?: string }[] = [];
  const any = sensor as unknown as AnySensor;
  const call = await sensorCall(any, {
    sensor: "test.sensor",
    config,
    partition,
    log,
    state: {
      get: async (name) => copyOf(state.get(name)),
      set: async (name, value) => void state.set(name, copyOf(value)),
      delete: async (name) => void state.delete(name),
    },
    emit: async (trigger, payload, { key }) => {
      const again = key !== undefined && told.some((one) => one.key === key);
      if (!again) told.push({ trigger, payload: copyOf(payload), ...(key === undefined ? {} : { key }) });
      return { event: `test-${told.length}`, again };
    },
  });
  const { poll, run } = any.spec;
  await (poll ?? run)?.({ ...call, signal });
  return told as EmittedEvent<Triggers>[];
}

/** As it comes back from where it is kept. */
function copyOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
