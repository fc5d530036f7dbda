import { openKv, type Kv } from "@bellhop/bus";
import { kvKey, messageIds, runId, shardOfKey, subjects, type PackVersion, type RunAsked } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ana, ruleOf, startScene, until, type Scene } from "../testing.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "loop", enabled: true, description: "", source };
const step = { ...common, kind: "typescript", pool: "default", repeatable: false, parameters: { round: { type: "string" as const } } };
const updated = "core.st2.key_value_pair.update";
/** A rule that waits for what it brings about, by way of a workflow within a workflow. */
const pack: PackVersion = {
  v: 1,
  name: "loop",
  version: "1.0.0",
  description: "",
  digest: "l1",
  actions: [
    { ...step, ref: "loop.count", name: "count" },
    ...(["outer", "inner"] as const).map((name) => ({
      ...step,
      kind: "orquesta",
      ref: `loop.${name}`,
      name,
      parameters: {},
      workflow: { version: 1, tasks: { one: { action: name === "outer" ? "loop.inner" : "loop.count" } } },
    })),
  ],
  aliases: [],
  rules: [ruleOf("loop", "again", { trigger: { type: updated, parameters: {} }, action: { ref: "loop.outer", parameters: {} } })],
};

let scene: Scene;
let kv: Kv;
beforeAll(async () => {
  scene = await startScene();
  kv = openKv(scene.bus);
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  await scene.startEngine({ chain: { depth: 3, runs: 1_000 } });
}, 60_000);
afterAll(() => scene.end());

test("a rule that changes what it waits for is cut, and its event says so", { timeout: 60_000 }, async () => {
  const place = { scope: "system", name: "counter" } as const;
  await kv.set(place, { value: 0, by: "test" });
  const key = "ask";
  const at = "2026-01-01T00:00:00.000Z";
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
  const run = runId({ key, at, shard: shardOfKey(key) });
  const asked: RunAsked = { v: 1, kind: "start", key, run, action: "loop.outer", input: {}, asker: ana, replyTo, askedAt: at };
  await scene.bus.publish(subjects.run.asked, asked, { id: messageIds.asked(key) });
  let event = "";
  // One that somebody asked for, and three that the rule did.
  for (let round = 0; round < 4; round++) {
    await until(() => scene.requests.length > round);
    const { [round]: request } = scene.requests;
    if (request?.trace === undefined) throw new Error("whatever is asked for has a trace");
    const { trace, depth } = request;
    expect(depth).toBe(round === 0 ? undefined : round);
    const chain = { trace, ...(depth === undefined ? {} : { depth }) };
    const set = await kv.set(place, { value: round + 1, by: "test", chain });
    const { at: changed = "" } = (await kv.get(place)) ?? {};
    const name = `kv/${kvKey(place)}/${set.kind === "set" ? set.revision : 0}/${updated}`;
    event = runId({ key: name, at: changed, shard: shardOfKey(name) });
    await scene.finish(request, {});
  }
  const told = async () => (await scene.bus.log.last(event))?.record.fired;
  await until(async () => (await told()) !== undefined);
  const fired = await told();
  expect(fired).toMatchObject({ depth: 3, trace: scene.requests[0]?.trace, enforcements: [{ rule: "loop.again" }] });
  expect(fired?.refused).toMatch(/^3 events led to one another: this one runs nothing, although loop\.again would fire\./);
  expect(fired?.enforcements[0]?.run).toBeUndefined();
});
