import { problem } from "@bellhop/contracts";
import type { z } from "zod";
import type { ActionLog } from "./action.ts";
import type { AnySensor, Emitted, SensorCall, SensorState } from "./sensor.ts";

/** What a host gives to a sensor. */
export interface SensorHost {
  /** Its ref, `pack.name`, for the wording of problems. */
  readonly sensor: string;
  readonly config: Record<string, unknown>;
  readonly partition: { readonly index: number; readonly count: number };
  readonly state: SensorState;
  readonly log: ActionLog;
  /** Stores an event. */
  emit(trigger: string, payload: unknown, options: { readonly key?: string }): Promise<Emitted>;
}

/** What a sensor is called with: its payloads are checked before they reach the host. @throws Problem pack_config_invalid */
export async function sensorCall({ spec }: AnySensor, host: SensorHost): Promise<Omit<SensorCall, "signal">> {
  const { config, partition, state, log } = host;
  return {
    emit: async (trigger: string, payload: unknown, options: { readonly key?: string } = {}) => {
      const schema = Object.hasOwn(spec.triggers, trigger) ? spec.triggers[trigger] : undefined;
      // The runner knows what other packs declare, and what this one may fire of it.
      if (schema === undefined && trigger.includes(".")) return await host.emit(trigger, payload, options);
      if (schema === undefined) {
        const known = Object.keys(spec.triggers).join(", ");
        throw problem("sensor_failed", { sensor: host.sensor, why: `it declares no trigger ${trigger}`, next: `It declares ${known}.` });
      }
      const checked = await schema.safeParseAsync(payload);
      if (!checked.success) {
        const why = `what it told of ${trigger} does not fit: ${firstOf(checked.error)}`;
        throw problem(
          "sensor_failed",
          { sensor: host.sensor, why, next: "Mend the payload, or the trigger's schema." },
          { cause: checked.error },
        );
      }
      return await host.emit(trigger, checked.data, options);
    },
    state,
    log,
    partition,
    config: spec.config === undefined ? config : await checkedConfig(spec.config.schema, host),
  };
}

/** Works until it is told to stop, or ends by itself: a look every now and then, or its own way.
 *  @param at.looking called with whether a look is under way, so that the host can end one that takes too long */
export async function runSensor(
  sensor: AnySensor,
  at: { host: SensorHost; signal: AbortSignal; looking: (is: boolean) => void },
): Promise<void> {
  const { host, signal, looking } = at;
  const call = { ...(await sensorCall(sensor, host)), signal };
  const { run, poll, every = 0 } = sensor.spec;
  if (run !== undefined) return await run(call);
  if (poll === undefined) throw new Error(`${host.sensor} neither looks nor listens`);
  while (!signal.aborted) {
    looking(true);
    await poll(call);
    looking(false);
    await pause(every * 1_000, signal);
  }
}

async function checkedConfig(schema: z.ZodObject, { sensor, config }: SensorHost): Promise<Record<string, unknown>> {
  const checked = await schema.safeParseAsync(config);
  if (checked.success) return checked.data;
  const why = `its configuration does not fit: ${firstOf(checked.error)}`;
  const next = `\`bellhop pack config ${sensor.split(".")[0] ?? ""}\` shows where it comes from.`;
  throw problem("sensor_failed", { sensor, why, next }, { cause: checked.error });
}

/** Names the place and what is wrong there, never what was found: it may be a secret. */
function firstOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.map(String).join(".") ?? "";
  return `${where === "" ? "" : `${where}: `}${issue?.message ?? "another value was expected"}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
