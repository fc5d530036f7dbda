import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Send, streams, type RunRecord } from "@bellhop/contracts";
import { connect, type NatsConnection } from "nats";
import { describe, expect, test } from "vitest";
import { startStage } from "../stage.ts";
import { readRecording, restore, storedIn } from "./recording.ts";
import { until } from "../until.ts";

const recordings = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".jsonl"));

describe.each(recordings)("what a release left in %s", (name) => {
  const recording = readRecording(join(import.meta.dirname, name));
  const { ends } = recording.head;

  test("is carried on: every run ends as it has to, is answered, and nothing is left over", { timeout: 120_000 }, async () => {
    const stage = await startStage({ factor: 0.2, packs: [] });
    const nc = await connect({ servers: stage.nats.url });
    try {
      await restore(stage.nats.url, recording);
      const before = new Set((await stage.logs()).filter(({ state }) => state?.endedAt !== undefined).map(({ run }) => run));
      stage.start("engine-1");
      stage.start("runner-1");
      await until(async () => {
        const ended = (await stage.logs()).filter(({ state }) => state?.endedAt !== undefined).length;
        return ended >= Object.keys(ends).length && (await leftIn(nc, [streams.message, streams.action, streams.finished])) === 0;
      });
      const runs = (await stage.logs()).flatMap(({ state }) => state ?? []);
      expect(Object.fromEntries(runs.map((run) => [wordOf(run), run.status]))).toEqual(ends);
      // Nobody has opened a prompt here, so what is to be said waits.
      const sends = (await storedIn(nc, streams.send.name)).map(({ text = "" }) => Send.parse(JSON.parse(text)));
      const answered = new Set(sends.filter(({ final }) => final).map(({ run }) => run));
      expect(runs.filter(({ id }) => !before.has(id) && !answered.has(id)).map(wordOf)).toEqual([]);
      expect(await stage.bus.dead.list(({ problem }) => problem.message)).toEqual([]);
    } finally {
      await nc.close();
      await stage.end();
    }
  });
});

function wordOf(run: NonNullable<RunRecord["state"]>): string {
  return String(run.tasks["main"]?.input["word"]);
}

/** Messages that are not done with. */
async function leftIn(nc: NatsConnection, queues: readonly { name: string }[]): Promise<number> {
  const left = await Promise.all(queues.map(({ name }) => storedIn(nc, name)));
  return left.flat().length;
}
