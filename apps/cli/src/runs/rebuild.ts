import { setTimeout as pause } from "node:timers/promises";
import { connectBus } from "@bellhop/bus";
import { problem } from "@bellhop/contracts";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { step } from "../progress.ts";
import { note, type ExitCode } from "../report.ts";
import { aborted, stopSignal } from "../stop-signal.ts";
import { runningIn } from "../up-lock.ts";
import { withHistory } from "./open-history.ts";

const lookMs = 100;

/** `bellhop history rebuild`: has the engine read the log again. What is older than the log stays, unless `all`. */
export async function historyRebuild(options: { json: boolean; all: boolean }, env: Env): Promise<ExitCode> {
  const { json, all } = options;
  const { nats, durations, folder } = commonConfig(env, "cli");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });
  const stop = stopSignal();
  const bus = await connectBus({ ...nats, name: "bellhop history rebuild", role: "cli", durations, log: silentLog });
  try {
    const { made: stream, first, last } = await bus.log.extent();
    const done = await withHistory(env, async (history) => {
      const removed = await step("taking away what the log holds", history.rebuild({ log: { stream, first }, all }));
      const reading = (async () => {
        while (!stop.aborted && (await history.position()).sequence < last) await pause(lookMs, undefined, { ref: true });
      })();
      await step("reading the log", Promise.race([reading, aborted(stop)]));
      return { removed, read: last - first + 1, complete: !stop.aborted };
    });
    if (json) process.stdout.write(`${JSON.stringify(done ?? { removed: 0, read: 0, complete: true })}\n`);
    else if (done === undefined) note("Nothing ran here yet.");
    else if (done.complete) note(`${done.removed} runs were taken away and ${done.read} steps of the log read again.`);
    else note(`${done.removed} runs were taken away; the log is being read again.`);
    return 0;
  } finally {
    await bus.drain();
  }
}
