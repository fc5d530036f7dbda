import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { visible } from "../dead/visible.ts";
import { clock, stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { knownSensor, knownSensors, stateOf, type KnownInstance, type KnownSensor } from "./sensors.ts";

/** `bellhop sensor list` */
export async function sensorList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop sensor list", async (bus) => {
    const sensors = await knownSensors(bus);
    if (json) process.stdout.write(`${JSON.stringify({ sensors: sensors.map(asData) })}\n`);
    else if (sensors.length === 0) note("No active pack has a sensor.");
    else
      printTable(
        ["SENSOR", "STATE", "RUNNER", "SINCE", "RESTARTS", "EVENTS", "LAST EVENT", "LAST FAULT"],
        sensors.flatMap((sensor) =>
          sensor.instances.map((instance) => {
            const { index, runner = "", status } = instance;
            const name = sensor.partitions === 1 ? sensor.definition.ref : `${sensor.definition.ref} ${index + 1}/${sensor.partitions}`;
            const counts = status === undefined ? ["", ""] : [String(status.restarts), String(status.events)];
            const last = [clockOr(status?.event?.at), status?.error?.why ?? ""];
            return [name, stateOf(sensor, instance), runner, clockOr(status?.since), ...counts, ...last];
          }),
        ),
      );
    return 0;
  });
}

/** `bellhop sensor show`. @throws UsageError */
export async function sensorShow(ref: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop sensor show", async (bus) => {
    const sensor = await knownSensor(bus, ref);
    process.stdout.write(json ? `${JSON.stringify(asData(sensor))}\n` : `${lines(sensor).map(visible).join("\n")}\n`);
    return 0;
  });
}

function lines(sensor: KnownSensor): string[] {
  const { definition, enabled, switched, partitions } = sensor;
  const { ref, description, kind, entryPoint, pollInterval, triggers, pool = "default" } = definition;
  const by = switched?.enabled === undefined ? "" : `, by ${switched.by} at ${stamp(switched.at)}`;
  return [
    `${ref}  ${description}`.trimEnd(),
    `  is       ${enabled ? "on" : "off"}${by}`,
    `  runs     ${entryPoint} (${kind})${pollInterval === undefined ? "" : `, looks every ${pollInterval} s`}, on runners of the pool ${pool}`,
    `  fires    ${triggers.join(", ") || "nothing"}`,
    ...sensor.instances.flatMap((instance) =>
      instanceLines(sensor, instance).map((line, at) =>
        at === 0 && partitions > 1 ? `  ${instance.index + 1}/${partitions}${line.slice(5)}` : line,
      ),
    ),
  ];
}

function instanceLines(sensor: KnownSensor, instance: KnownInstance): string[] {
  const { runner, status } = instance;
  const state = `  state    ${stateOf(sensor, instance)}${runner === undefined ? "" : ` on ${runner}`}`;
  if (status === undefined) return [state];
  const { since, restarts, failures, events, event, error } = status;
  return [
    `${state}, since ${stamp(since)}`,
    `  restarts ${restarts}${failures === 0 ? "" : `, ${failures} of them in a row`}`,
    `  events   ${events}${event === undefined ? "" : `, the last ${event.event} of ${event.trigger} at ${stamp(event.at)}`}`,
    ...(error === undefined ? [] : [`  fault    ${error.why} (${stamp(error.at)})`]),
  ];
}

function asData(sensor: KnownSensor): object {
  const { definition, enabled, partitions, switched, instances } = sensor;
  const { ref, description, kind, pollInterval, pool = "default", triggers } = definition;
  return {
    ref,
    description,
    kind,
    enabled,
    pool,
    triggers,
    ...(pollInterval === undefined ? {} : { every: pollInterval }),
    partitions,
    ...(switched === undefined ? {} : { switched: { by: switched.by, at: switched.at } }),
    instances: instances.map(({ index, runner, status }) => {
      const { since, until, restarts, failures, events, event, error } = status ?? {};
      const state = stateOf(sensor, { index, ...(runner === undefined ? {} : { runner }), ...(status === undefined ? {} : { status }) });
      return {
        partition: index,
        state: status?.state === "waiting" && runner !== undefined && enabled ? "waiting" : state,
        runner,
        since,
        until,
        restarts,
        failures,
        events,
        event,
        error,
      };
    }),
  };
}

function clockOr(at: string | undefined): string {
  return at === undefined ? "" : clock(at);
}
