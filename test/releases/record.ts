// `pnpm release:record [NAME]`: what NATS holds with runs in every state, as this release leaves it, into test/releases/<version>.jsonl, or <NAME>.jsonl for a
// form between two releases. The releases after it are tested on that file: docs/scaling.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptKey, buckets, streams, subjects, type AttemptRecord, type RunRecord } from "@bellhop/contracts";
import { connect } from "nats";
import { startStage } from "../stage.ts";
import { record } from "./recording.ts";
import { until } from "../until.ts";

/** All that is not a pack is released with one version. */
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string };
const [release = version] = process.argv.slice(2);
const stage = await startStage({ factor: 0.2, packs: [join(import.meta.dirname, "packs", "states")] });
const nc = await connect({ servers: stage.nats.url });
const prompt = stage.prompt();
const ends: Record<string, string> = {};

const say = (action: "hold" | "again", word: string, ms: number, end: string) => {
  ends[word] = end;
  prompt.say(`${action} ${word} for ${ms}`);
};
const stored = async (stream: string) => {
  const info = await nc.request(`$JS.API.STREAM.INFO.${stream}`);
  return info.json<{ state: { messages: number } }>().state.messages;
};
const runOf = async (word: string): Promise<RunRecord["state"]> =>
  (await stage.logs()).find(({ state }) => state?.tasks["main"]?.input["word"] === word)?.state;
const started = async (...words: string[]) => {
  const attempts = await stage.bus.bucket(buckets.attempt).entries();
  const runs = await Promise.all(words.map(runOf));
  return runs.every((run) => attempts.some(({ value }) => value.run === run?.id && value.state === "started"));
};

/** As a runner that is gone since would have. */
const take = async (word: string, state: "claimed" | "finished"): Promise<AttemptRecord> => {
  const run = (await runOf(word))?.id ?? "";
  const ref = { run, task: "main", attempt: 1 };
  const taken = { v: 1, ...ref, runner: "runner-9", epoch: "gone", state, repeatable: false, at: new Date().toISOString() } as const;
  await stage.bus.bucket(buckets.attempt).create(attemptKey(ref), taken);
  return taken;
};

try {
  stage.start("engine-1");
  stage.start("runner-1");
  say("hold", "over", 1, "succeeded");
  say("hold", "failing", 1, "failed");
  say("again", "late", 8_000, "timeout");
  prompt.say("no such thing");
  await until(() => prompt.shown.length === 4);

  // Begun, and then alone: known as lost, asked to stop, and handed out again.
  say("hold", "begun", 4_000, "abandoned");
  say("hold", "unwanted", 4_000, "abandoned");
  say("again", "repeated", 2_000, "succeeded");
  await until(() => started("begun", "unwanted", "repeated"));
  await stage.kill("runner-1");
  prompt.say(`cancel ${(await runOf("unwanted"))?.id ?? ""}`);
  await until(async () => (await runOf("unwanted"))?.status === "canceling");
  await until(async () => (await runOf("begun"))?.tasks["main"]?.lostSince !== undefined);
  await until(async () => (await runOf("repeated"))?.tasks["main"]?.attempt === 2);

  // In the queue: one that nobody took for so long that it was told; one that somebody took and never began; one whose result no engine has heard of.
  for (const word of ["queued", "claimed", "reported"]) say("hold", word, 1, "succeeded");
  await until(async () => (await runOf("queued"))?.told !== undefined && (await stored(streams.action.name)) === 4);
  await stage.kill("engine-1");
  await take("claimed", "claimed");
  const { run, task, attempt, runner } = await take("reported", "finished");
  const outcome = { status: "succeeded", output: { inline: { word: "reported" } }, ms: 1 } as const;
  await stage.bus.publish(subjects.action.finished, { v: 1, run, task, attempt, runner, outcome }, { id: `fin:${run}/${task}/${attempt}` });

  // Said, and heard by nobody.
  say("hold", "unheard", 1, "succeeded");
  await until(async () => (await stored(streams.message.name)) === 1);

  const text = await record(stage.nats.url, { release, ends });
  const file = join(import.meta.dirname, `${release}.jsonl`);
  writeFileSync(file, text);
  for (const { state, intake } of await stage.logs())
    console.log(state === undefined ? `answered: ${intake?.key ?? ""}` : `${String(state.tasks["main"]?.input["word"])}: ${state.status}`);
  console.log(`${file}: ${Math.round(text.length / 1024)} KB`);
} finally {
  await nc.close();
  await stage.end();
}
process.exit(0);
