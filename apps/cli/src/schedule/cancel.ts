import { buckets, type CommandSchedule } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { visible } from "../dead/visible.ts";
import { NotThere, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop schedule cancel ID`. @throws NotThere */
export async function scheduleCancel(id: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop schedule cancel", async (bus) => {
    const bucket = bus.bucket(buckets.schedule);
    for (;;) {
      const entry = (await bucket.entries(">")).find(({ value }) => value.id === id.toUpperCase());
      if (entry === undefined || entry.value.over !== undefined) {
        throw new NotThere(`There is no schedule ${id}.`, { hint: "`bellhop schedule list` lists them." });
      }
      const { due: _, ...rest } = entry.value;
      const ended: CommandSchedule = { ...rest, over: { at: new Date().toISOString(), why: "canceled", by: personHere() } };
      if ((await bucket.update(entry.key, ended, entry.revision)) === undefined) continue;
      const { command, when, over } = ended;
      process.stdout.write(
        json
          ? `${JSON.stringify({ schedule: ended.id, command, over })}\n`
          : `Schedule ${ended.id} has ended: ${visible(when)} ${visible(command)}.\n`,
      );
      return 0;
    }
  });
}
