import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import { count } from "../amounts.ts";
import type { Done } from "../report.ts";

/** The commands of whoever looks after sensors. */
export function describeSensors(program: Command, env: Env, done: Done): void {
  const sensor = program.command("sensor").description("see how sensors fare, switch them, read what they say");
  sensor
    .command("list")
    .description("list the sensors of all active packs, and how each instance fares")
    .option("--json", "print one JSON object: sensors", false)
    .action(async (options: { json: boolean }) => done(await (await import("./list.ts")).sensorList(options, env)));
  sensor
    .command("show")
    .description("show what a sensor is, where it lives, its last event and its last fault")
    .argument("<PACK.SENSOR>", "its name")
    .option("--json", "print one JSON object: the sensor", false)
    .action(async (ref: string, options: { json: boolean }) => done(await (await import("./list.ts")).sensorShow(ref, options, env)));
  for (const [name, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    const command = sensor
      .command(name)
      .description(`switch a sensor ${enabled ? "on" : "off"}, whatever its file says, until it is switched again`)
      .argument("<PACK.SENSOR>", "its name")
      .option("--json", "print one JSON object: sensor, enabled", false);
    if (enabled) command.option("--partitions <COUNT>", "instances that share its work, instead of those that its file wants", count);
    command.action(async (ref: string, options: { json: boolean; partitions?: number }) =>
      done(await (await import("./switch.ts")).sensorSwitch(ref, { enabled, ...options }, env)),
    );
  }
  sensor
    .command("restart")
    .description("have a sensor begin anew at once: one that waits, that ended, or that works")
    .argument("<PACK.SENSOR>", "its name")
    .option("--json", "print one JSON object: sensor, restart", false)
    .action(async (ref: string, options: { json: boolean }) => done(await (await import("./switch.ts")).sensorRestart(ref, options, env)));
  sensor
    .command("log")
    .description("print the last of what a sensor said, and what was said of it")
    .argument("<PACK.SENSOR>", "its name")
    .option("--follow", "go on with what it says next, until Ctrl-C", false)
    .option("--json", "print each line as one JSON object: at, level, text, partition", false)
    .action(async (ref: string, options: { json: boolean; follow: boolean }) =>
      done(await (await import("./log.ts")).sensorLog(ref, options, env)),
    );
}
