import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKv, type Kv } from "@bellhop/bus";
import {
  buckets,
  configKey,
  kvKey,
  kvPurpose,
  messageIds,
  runId,
  shardOfKey,
  subjects,
  type ActionDefinition,
  type ActionRequested,
  type KvPlace,
  type PackVersion,
  type RuleDefinition,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { openKeyring, type Keyring } from "@bellhop/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweepKv } from "../upkeep/housekeeping.ts";
import { ruleOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
let kv: Kv;
let keyring: Keyring;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-datastore-"));
  scene = await startScene();
  kv = openKv(scene.bus);
  keyring = await openKeyring(join(folder, "key"));
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterAll(async () => {
  await scene.end();
  await rm(folder, { recursive: true, force: true });
});

const room: KvPlace = { scope: "system", name: "ops.room" };
const start = () => scene.startEngine({ folder });

test("what was set before something happens is seen by its rules, each time", async () => {
  await start();
  for (let round = 1; round <= 20; round++) {
    await kv.set(room, { value: `room ${round}`, by: "test" });
    await happen(`round ${round}`, "demo.said");
    const request = await requested((one) => one.input["name"] === `in room ${round}`);
    expect(request.action).toBe("hello.greet");
  }
});

test("a task of a workflow sees what was set while the one before it was at work", async () => {
  await happen("flow", "demo.flow");
  for (let round = 1; round <= 3; round++) {
    const request = await requested((one) => one.input["name"] === `task ${round}: room ${round === 1 ? 20 : 20 + round}`);
    await kv.set(room, { value: `room ${21 + round}`, by: "test" });
    await scene.finish(request, { text: "done" });
  }
});

test("what a secret goes into is sealed in all that is stored, and is what the template made of it", async () => {
  const secret = keyring.seal("t0ken-1", kvPurpose);
  await kv.set({ scope: "system", name: "token" }, { value: secret, secret: true, by: "test" });
  const event = await happen("login", "demo.login");
  const { input, run } = await requested(({ action }) => action === "demo.login");
  expect(keyring.openAll(input)).toMatchObject({ plain: "Bearer t0ken-1", given: "t0ken-1 by default" });
  for (const log of [event, run]) expect(JSON.stringify((await scene.bus.log.last(log))?.record)).not.toContain("t0ken-1");
});

test("a default takes from the pack's configuration what is set when it is asked for, and its secrets are sealed", async () => {
  const configs = scene.bus.bucket(buckets.config);
  for (const region of ["eu", "us"]) {
    await configs.put(configKey({ pack: "demo" }), { v: 1, values: { region, token: keyring.seal("c0nfig-1") } });
    const event = await happen(`configured ${region}`, "demo.configured");
    const { input, run } = await requested((one) => one.input["region"] === `${region}-1`);
    expect(keyring.openAll(input)).toMatchObject({ key: "Bearer c0nfig-1", limit: 3 });
    for (const log of [event, run]) expect(JSON.stringify((await scene.bus.log.last(log))?.record)).not.toContain("c0nfig-1");
  }
});

test("what a task gives sealed goes into the next one's texts, and into nothing that is stored in the open", async () => {
  await happen("handing on", "demo.handing");
  const first = await requested(({ input }) => input["name"] === "give me one");
  await scene.finish(first, { output: { inline: { token: keyring.seal("res0lt-1"), host: "db1" } } });
  const second = await requested(({ input }) => input["host"] === "db1");
  expect(keyring.openAll(second.input)).toMatchObject({ header: "Bearer res0lt-1", host: "db1" });
  expect(JSON.stringify((await scene.bus.log.last(second.run))?.record)).not.toContain("res0lt-1");
});

test("a value that looks sealed and came with an event is given to nobody", async () => {
  const known = (await kv.get({ scope: "system", name: "token" }))?.value;
  const event = await happen("looks", "demo.passed", { name: known });
  await until(async () => (await scene.bus.log.last(event)) !== undefined);
  const run = (await scene.bus.log.last(event))?.record.fired?.enforcements[0]?.run ?? "";
  await until(async () => (await scene.bus.log.last(run)) !== undefined);
  const record = (await scene.bus.log.last(run))?.record;
  expect(record?.intake?.verdict).toBe("refused");
  expect(JSON.stringify(record?.commands)).toContain("a value without `$sealed`");
});

test("what is over is not there, whether it was swept or not, and nobody hears of it", async () => {
  const place: KvPlace = { scope: "system", name: "short" };
  await kv.set(place, { value: "x", ttl: 0.2, by: "test" });
  await until(async () => (await kv.get(place)) === undefined);
  expect(await scene.bus.bucket(buckets.kv).get(kvKey(place))).toBeDefined();
  await sweepKv(scene.bus, { olderThanMs: 0 });
  expect(await scene.bus.bucket(buckets.kv).get(kvKey(place))).toBeUndefined();
  expect(await kv.set(place, { value: "y", by: "test" })).toMatchObject({ kind: "set", created: true });
});

test("two who set at once don't undo one another, and who names a revision is told", async () => {
  const place: KvPlace = { scope: "pack", owner: "demo", name: "count" };
  const first = await kv.set(place, { value: 1, by: "test" });
  if (first.kind !== "set") throw new Error("nobody else sets it");
  expect(await kv.set(place, { value: 2, by: "test", ifRevision: first.revision })).toMatchObject({ kind: "set", created: false });
  expect(await kv.set(place, { value: 3, by: "test", ifRevision: first.revision })).toEqual({ kind: "conflict" });
  expect(await kv.set(place, { value: 3, by: "test", ifRevision: 0 })).toEqual({ kind: "conflict" });
  expect(await kv.delete(place, { by: "test", ifRevision: first.revision })).toBe(false);
  expect(await kv.get(place)).toMatchObject({ value: 2 });
  await Promise.all([4, 5, 6].map((value) => kv.set(place, { value, by: "test" })));
  expect((await kv.list({ scope: "pack", owner: "demo" })).map(({ name }) => name)).toEqual(["count"]);
  await expect(kv.set(place, { value: "x".repeat(300_000), by: "test" })).rejects.toMatchObject({ code: "kv_too_large" });
});

test("each change is told once, also of what changed while no engine lived, and when a killed one tells it again", async () => {
  const lone = await startScene();
  try {
    const watching = ["create", "update", "value_change", "delete"].map((what) => {
      const said = what === "value_change" ? "{{ trigger.old_object.value }} {{ trigger.new_object.value }}" : "{{ trigger.object.value }}";
      const trigger = { type: `core.st2.key_value_pair.${what}`, parameters: {} };
      return rule(what, { trigger, action: { ref: "hello.greet", parameters: { name: `${what} ${said}` } } });
    });
    const version = { ...pack, digest: "demo-kv", rules: watching };
    await activatePack(lone.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
    const store = openKv(lone.bus);
    const place: KvPlace = { scope: "system", name: "a" };
    const other: KvPlace = { scope: "user", owner: "slack:T1/U1", name: "b" };
    const names = () => [...new Map(lone.requests.map(({ run, input }) => [run, String(input["name"])])).values()].toSorted();
    const engine = await lone.startEngine();
    await until(async () => (await lone.bus.bucket(buckets.checkpoint).get("kv")) !== undefined);
    await engine.stop();

    await store.set(place, { value: "1", by: "test" });
    await store.set(place, { value: "2", by: "test" });
    await store.set(place, { value: "2", description: "the same", by: "test" });
    await store.delete(place, { by: "test" });
    // It dies with the first of what they lead to in its log.
    expect(await lone.crashEngine("engine.saved")).toBe("engine.saved");
    await lone.startEngine();
    const expected = ["create 1", "delete 2", "update 2", "update 2", "value_change 1 2"];
    await until(() => names().length >= expected.length);
    await lone.handled();
    expect(names()).toEqual(expected);

    // As if it had been killed before it wrote down how far it was.
    await lone.bus.bucket(buckets.checkpoint).put("kv", { v: 1, liveFrom: 1 });
    await lone.startEngine().then((second) => second.stop());
    await store.set(other, { value: "3", by: "test" });
    await until(() => names().includes("create 3"));
    await lone.handled();
    expect(names()).toEqual([...expected, "create 3"].toSorted());
  } finally {
    await lone.end();
  }
});

async function requested(which: (request: ActionRequested) => boolean): Promise<ActionRequested> {
  await until(() => scene.requests.some(which));
  const found = scene.requests.find(which);
  if (found === undefined) throw new Error("it was there");
  return found;
}

async function happen(key: string, trigger: string, payload: unknown = {}): Promise<string> {
  const firedAt = new Date().toISOString();
  const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
  const fired = { v: 1, key, event, trigger, payload: { inline: payload }, source: { kind: "person", name: "ana" }, firedAt } as const;
  await scene.bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(key) });
  return event;
}

function rule(name: string, more: Partial<RuleDefinition>): RuleDefinition {
  const action = { ref: "hello.greet", parameters: {} };
  return ruleOf("demo", name, { trigger: { type: `demo.${name}`, parameters: {} }, action, ...more });
}

function action(name: string, more: Partial<ActionDefinition>): ActionDefinition {
  const source = { file: "x.yaml", line: 1, column: 1 };
  const common = { pack: "demo", pool: "default", description: "", enabled: true, repeatable: false, parameters: {}, source };
  return { ...common, ref: `demo.${name}`, name, kind: "local-shell-script", ...more };
}

const told = (task: number, next?: string) => ({
  action: "hello.greet",
  input: { name: `task ${task}: <% st2kv('system.ops.room') %>` },
  ...(next === undefined ? {} : { next: [{ do: next }] }),
});

const pack: PackVersion = {
  v: 1,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  config: {
    region: { type: "string" },
    token: { type: "string", secret: true },
    limit: { type: "integer", default: "{{ st2kv.system.limit | default(3) }}" },
  },
  aliases: [],
  actions: [
    action("login", {
      parameters: {
        plain: { type: "string" },
        fields: { type: "object" },
        given: { default: "{{ st2kv.system.token | decrypt_kv }} by default" },
      },
    }),
    action("configured", {
      parameters: {
        region: { default: "{{ config_context.region }}-1" },
        key: { default: "Bearer {{ config_context.token }}" },
        limit: { type: "integer", default: "{{ config_context.limit }}" },
      },
    }),
    action("take", { parameters: { header: { type: "string" }, host: { type: "string" } } }),
    action("handing", {
      kind: "orquesta",
      workflow: {
        version: 1,
        tasks: {
          one: {
            action: "hello.greet",
            input: { name: "give me one" },
            next: [{ publish: [{ token: "<% result().token %>" }, { host: "<% result().host %>" }], do: "two" }],
          },
          two: { action: "demo.take", input: { header: "Bearer <% ctx(token) %>", host: "<% ctx(host) %>" } },
        },
      },
    }),
    action("flow", {
      kind: "orquesta",
      workflow: { version: 1, tasks: { one: told(1, "two"), two: told(2, "three"), three: told(3) } },
    }),
  ],
  rules: [
    rule("said", { action: { ref: "hello.greet", parameters: { name: "in {{ st2kv.system.ops.room }}" } } }),
    rule("configured", { action: { ref: "demo.configured", parameters: {} } }),
    rule("handing", { action: { ref: "demo.handing", parameters: {} } }),
    rule("flow", { action: { ref: "demo.flow", parameters: {} } }),
    rule("login", { action: { ref: "demo.login", parameters: { plain: "Bearer {{ st2kv.system.token | decrypt_kv }}" } } }),
    rule("passed", { action: { ref: "demo.login", parameters: { fields: "{{ trigger.name | to_json_string }}" } } }),
  ],
};
