import { join } from "node:path";
import { buckets, shards, streams } from "@bellhop/contracts";
import { connect } from "nats";
import { expect, test } from "vitest";
import { check, type Asked } from "../faults/check.ts";
import { faultyPacks } from "../faults/packs.ts";
import { startStage, type Prompt, type Stage } from "../stage.ts";
import { until } from "../until.ts";

const patience = { timeout: 120_000 };

/** A part of the next release: a process whose contracts are others. */
function nextRelease(changed: "fields" | "version"): { env: Record<string, string> } {
  return { env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, "next-release.ts")}`, BELLHOP_NEXT_RELEASE: changed } };
}

/** How many shards each living engine has, most first. */
async function shares(stage: Stage): Promise<number[]> {
  const holdings = await stage.bus.bucket(buckets.holding).entries("shard.*");
  const members = new Set((await stage.bus.bucket(buckets.member).entries()).map(({ value }) => value.epoch));
  const held = Map.groupBy(holdings, ({ value }) => value.epoch);
  return [...held].filter(([epoch]) => members.has(epoch)).map(([, of]) => of.length);
}

interface Talk {
  asked: Asked[];
  say: (word: string) => void;
  answered: (word: string) => boolean;
}

function talk(stage: Stage, prompt: Prompt): Talk {
  const asked: Asked[] = [];
  return {
    asked,
    say(word) {
      const line = `note ${word} in ${stage.file}`;
      asked.push({ line, word, repeatable: false });
      prompt.say(line);
    },
    answered: (word) => prompt.shown.some(({ text }) => text.includes(`noted ${word}`)),
  };
}

test("while two releases work side by side, what only the newer one reads is left to it, and nothing dies", patience, async () => {
  const stage = await startStage({ factor: 0.2, packs: faultyPacks });
  try {
    stage.start("engine-1");
    stage.start("runner-1");
    const prompt = stage.prompt();
    const { asked, say, answered } = talk(stage, prompt);
    say("before");
    await until(() => answered("before"));

    const oldOne = (await stage.bus.bucket(buckets.holding).get("shard.0"))?.value.epoch;
    stage.start("engine-2", nextRelease("version"));
    await until(async () => {
      const [first] = await stage.bus.bucket(buckets.holding).entries("shard.0");
      return first?.value.epoch !== oldOne && (await shares(stage)).join() === `${shards.length}`;
    });
    for (const word of ["queued", "waiting", "also"]) say(word);
    await until(async () => (await requests(stage)) === 3);
    expect(prompt.shown.length).toBe(1);
    stage.start("runner-2", nextRelease("version"));
    await until(() => ["queued", "waiting", "also"].every(answered));

    // What the newer release began, the older one finds when it is alone again.
    await stage.stop("runner-2");
    say("begun");
    await until(async () => (await requests(stage)) === 1);
    await stage.kill("engine-2");
    say("alone");
    await until(() => answered("alone"));
    expect(answered("begun")).toBe(false);

    stage.start("engine-2", nextRelease("version"));
    stage.start("runner-2", nextRelease("version"));
    await until(() => answered("begun"));
    await prompt.finish(60_000);
    expect(check({ asked, shown: prompt.shown, traces: stage.file, logs: [] }).faults).toEqual([]);
    expect(await stage.bus.dead.list(({ problem }) => problem.message)).toEqual([]);
  } finally {
    await stage.end();
  }
});

test("fields that only a newer release knows are still there when an older one has carried a run on", patience, async () => {
  const stage = await startStage({ factor: 0.2, packs: faultyPacks });
  try {
    stage.start("engine-1", nextRelease("fields"));
    const prompt = stage.prompt();
    const { asked, say, answered } = talk(stage, prompt);
    say("carried");
    await until(async () => (await requests(stage)) === 1);
    await stage.kill("engine-1");
    stage.start("engine-2");
    stage.start("runner-1");
    await until(() => answered("carried"));
    await prompt.finish(60_000);
    expect(check({ asked, shown: prompt.shown, traces: stage.file, logs: [] }).faults).toEqual([]);
    const later = { since: "the next release" };
    expect(await stage.logs()).toMatchObject([
      { state: { status: "succeeded", later, asker: { later }, replyTo: { later }, tasks: { main: { later } } } },
    ]);
  } finally {
    await stage.end();
  }
});

/** Requests that are not acknowledged. */
async function requests(stage: Stage): Promise<number> {
  const nc = await connect({ servers: stage.nats.url });
  const info = await nc.request(`$JS.API.STREAM.INFO.${streams.action.name}`);
  await nc.close();
  return info.json<{ state: { messages: number } }>().state.messages;
}
