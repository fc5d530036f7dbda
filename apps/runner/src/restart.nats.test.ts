import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ActionRequested } from "@bellhop/contracts";
import { readJournal } from "./journal.ts";
import { markedBy, startScene, type Scene } from "./testing.ts";

let scene: Scene;
/** A name and a pool for each test, so that none works for another. */
let id = "";
let names = 0;
beforeAll(async () => {
  scene = await startScene();
});
beforeEach(() => {
  id = `r${++names}`;
});
afterEach(async () => await scene.clear());
afterAll(async () => await scene.end());

const runner = (crash?: string) =>
  scene.process({ BELLHOP_RUNNER_ID: id, BELLHOP_POOLS: id, ...(crash === undefined ? {} : { BELLHOP_CRASH: crash }) });
/** The same one, in this process: what it finds was left by another. */
const nextLife = async () => await scene.runner({ id, pools: [id] });
const request = (action: string, input: Record<string, unknown>, more: Partial<ActionRequested> = {}) =>
  scene.request(action, input, { pool: id, ...more });
const marked = async () => (await markedBy({ folder: scene.folder, id })).length;
const resultsOf = ({ run }: ActionRequested) => scene.results.filter((result) => result.run === run);

test("a runner killed with -9 takes everything along: an endless worker, and what left every group", async () => {
  const { child, exited } = runner();
  const files = [scene.file(), scene.file()];
  await request("loop", { file: files[0] });
  await request("shell", {
    cmd: `trap '' TERM HUP; setsid sh -c 'setsid sleep 300 & sleep 300' & echo started > ${files[1]}; sleep 300`,
  });
  await expect.poll(() => files.map(scene.lines)).toEqual([["started"], ["started"]]);
  // Worker, keeper, the two trees, which go on growing in the background.
  await expect.poll(marked).toBeGreaterThanOrEqual(8);
  child.kill("SIGKILL");
  await exited;
  await expect.poll(marked, { timeout: 30_000, interval: 20 }).toBe(0);
});

test.each([
  ["runner.worked", "abandoned", 1],
  ["runner.journaled", "succeeded", 1],
  ["runner.published", "succeeded", 1],
  ["runner.finished", "succeeded", 1],
])("killed at %s, the next life tells: %s", async (point, status, starts) => {
  const file = scene.file();
  const first = runner(point);
  const asked = await request("append", { file });
  await first.exited;
  await nextLife();
  expect((await scene.result(asked)).outcome.status).toBe(status);
  expect(scene.lines(file)).toHaveLength(starts);
  await expect.poll(async () => (await scene.record(asked))?.state).toBe("finished");
  await expect.poll(() => readJournal(join(scene.folder, "runner", id, "attempts"))).toEqual([]);
  expect(resultsOf(asked)).toHaveLength(1);
});

test("killed after it was marked as started, without a side effect: abandoned, because nobody can know that", async () => {
  const first = runner("runner.started");
  const asked = await request("append", { file: scene.file() });
  await first.exited;
  await nextLife();
  expect((await scene.result(asked)).outcome).toMatchObject({ status: "abandoned", problem: { code: "action_abandoned" } });
});

test("killed at runner.claimed, the attempt is left claimed for the engine to revoke", async () => {
  const first = runner("runner.claimed");
  const file = scene.file();
  const asked = await request("append", { file });
  await first.exited;
  await nextLife();
  // A second attempt, as the engine would hand it out.
  await scene.result(await again(asked));
  expect(scene.lines(file)).toEqual(["started"]);
  expect(await scene.record(asked)).toMatchObject({ state: "claimed", runner: id });
  expect(resultsOf(asked)).toHaveLength(1);
});

test("killed at runner.acknowledged nothing has begun, and the attempt is left claimed or told as abandoned", async () => {
  const first = runner("runner.acknowledged");
  const file = scene.file();
  const asked = await request("append", { file });
  await first.exited;
  expect(scene.lines(file)).toEqual([]);
  await nextLife();
  await expect
    .poll(async () => (await scene.record(asked))?.state === "claimed" || resultsOf(asked)[0]?.outcome.status === "abandoned", {
      timeout: 20_000,
    })
    .toBe(true);
});

test("a repeatable attempt that had started says nothing: the engine hands out the next one", async () => {
  const first = runner("runner.worked");
  const file = scene.file();
  const asked = await request("append", { file }, { repeatable: true });
  await first.exited;
  await nextLife();
  expect((await scene.result(await again(asked))).outcome.status).toBe("succeeded");
  expect(scene.lines(file)).toEqual(["started", "started"]);
  expect(resultsOf(asked)).toHaveLength(1);
});

test("a runner that starts brings the results of another that never came back", async () => {
  const first = runner("runner.journaled");
  const asked = await request("append", { file: scene.file() });
  await first.exited;
  await scene.runner({ id: `${id}-other` });
  expect(await scene.result(asked)).toMatchObject({ runner: id, outcome: { status: "succeeded" } });
});

test("killed before its result is on the disk, an attempt's files are swept by the next life", async () => {
  const first = runner("runner.worked");
  const asked = await request("copy", {}, { files: [await scene.keep("a.txt", "came with it")] });
  await first.exited;
  expect(scene.desks()).toHaveLength(1);
  await nextLife();
  expect((await scene.result(asked)).outcome).toMatchObject({ status: "abandoned" });
  await expect.poll(scene.desks).toEqual([]);
});

test.each(["its own next life", "another runner"])("killed before its files are stored, they are stored and told by %s", async (who) => {
  const first = runner("runner.journaled");
  const asked = await request("copy", {}, { files: [await scene.keep("a.txt", `for ${who}`)] });
  await first.exited;
  if (who === "another runner") await scene.runner({ id: `${id}-other` });
  else await nextLife();
  const { status, files } = (await scene.result(asked)).outcome;
  expect(status).toBe("succeeded");
  expect(await scene.read(files?.[0])).toBe(`for ${who}`);
  await expect.poll(scene.desks).toEqual([]);
});

test("half an entry of the journal is passed over", async () => {
  const folder = join(scene.folder, "runner", id, "attempts");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "1.log"), '{"v":1,"attempt":{"run":"A","ta');
  await scene.runner({ id, pools: [id] });
  expect((await scene.result(await request("noop", {}))).outcome.status).toBe("succeeded");
});

/** The next attempt, as an engine would hand it out. */
async function again({ run, attempt, input }: ActionRequested): Promise<ActionRequested> {
  return await request("append", input, { run, attempt: attempt + 1 });
}
