import { buckets, token, type SensorStatus } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { visible } from "../dead/visible.ts";
import { note, type ExitCode } from "../report.ts";
import { aborted, stopSignal } from "../stop-signal.ts";
import { fineStamp } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { knownSensor } from "./sensors.ts";

/** `bellhop sensor log`. @throws UsageError */
export async function sensorLog(ref: string, { json, follow }: { json: boolean; follow: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop sensor log", async (bus) => {
    const { partitions, enabled } = await knownSensor(bus, ref);
    const bucket = bus.bucket(buckets.sensorStatus);
    const key = `${token(ref)}.*`;
    const entries = await bucket.entries(key);
    const lines = entries.flatMap(({ value }) => linesOf(value)).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    for (const line of lines) print(line, { json, partitions });
    if (lines.length === 0 && !follow)
      note(`${ref} has said nothing yet.${enabled ? "" : ` It is off: \`bellhop sensor enable ${ref}\` switches it on.`}`);
    if (!follow) return 0;
    const before = new Map(entries.map(({ value }) => [value.partition.index, value.log]));
    const watch = bucket.watch(key, ({ value }) => {
      if (value === undefined) return;
      const { index } = value.partition;
      for (const line of newer(before.get(index) ?? [], value)) print(line, { json, partitions });
      before.set(index, value.log);
    });
    await aborted(stopSignal());
    watch.stop();
    return 0;
  });
}

type Line = SensorStatus["log"][number] & { partition: number };

function linesOf({ log, partition }: SensorStatus): Line[] {
  return log.map((line) => ({ ...line, partition: partition.index }));
}

/** The log is the last of what was said: what is new stands behind what was seen last. */
function newer(before: SensorStatus["log"], status: SensorStatus): Line[] {
  const last = before.at(-1);
  const lines = linesOf(status);
  const same = before.filter(({ at, text }) => at === last?.at && text === last.text).length;
  const found = lines.flatMap(({ at, text }, index) => (at === last?.at && text === last.text ? [index] : []));
  const seen = found[same - 1];
  return seen === undefined ? lines.filter(({ at }) => last === undefined || at > last.at) : lines.slice(seen + 1);
}

function print(line: Line, { json, partitions }: { json: boolean; partitions: number }): void {
  const { at, level, text, partition } = line;
  const where = partitions === 1 ? "" : `${partition + 1}/${partitions}  `;
  process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${fineStamp(at)}  ${where}${level.padEnd(5)}  ${visible(text)}\n`);
}
