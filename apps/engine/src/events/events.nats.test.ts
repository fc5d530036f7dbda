import {
  buckets,
  eventKey,
  messageIds,
  runId,
  shardOfKey,
  shardOfRun,
  subjects,
  token,
  traceOf,
  type PackVersion,
  type RuleDefinition,
  type TriggerFired,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keyOf, ruleOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterAll(async () => scene.end());

test("an event becomes a run of each rule it fits, and its log names them", async () => {
  await scene.startEngine();
  const asked: string[] = [];
  const listening = scene.bus.hear(subjects.run.asked, subjects.run.asked.filter(), ({ run }) => asked.push(run));
  const event = await fire("one", { payload: { user: "bo", ref: "main" } });
  await until(() => scene.requests.length === 2);
  expect(new Set(scene.requests.map(({ action, input }) => `${action} ${String(input["name"])}`))).toEqual(
    new Set(["hello.greet bo", "hello.greet main by bo"]),
  );
  const record = (await scene.bus.log.last(event))?.record;
  expect(record?.fired).toMatchObject({
    trigger: "demo.push",
    enforcements: [
      { rule: "demo.greet", action: "hello.greet", run: expect.any(String) },
      { rule: "demo.tell", action: "hello.greet", run: expect.any(String) },
      { rule: "demo.broken", failure: expect.stringContaining("criterion trigger.user") },
    ],
  });
  const runs = record?.fired?.enforcements.flatMap(({ run }) => run ?? []);
  expect(new Set(runs)).toEqual(new Set(scene.requests.map(({ run }) => run)));
  expect((await scene.bus.log.last(runs?.[0] ?? ""))?.record.state).toMatchObject({ rule: "demo.greet", depth: 1, status: "scheduled" });
  // Whoever decided on the event has begun them itself.
  expect(runs?.map(shardOfRun)).toEqual([shardOfRun(event), shardOfRun(event)]);
  expect(asked).toEqual([]);
  listening.stop();
});

test("what is said twice under one key happened once, and what a rule asked for is answered to nobody", async () => {
  const before = scene.requests.length;
  await fire("one", { payload: { user: "bo", ref: "main" } }, " again");
  const event = await fire("two", { payload: { user: "cy", ref: "main" } });
  await until(() => scene.requests.length === before + 2);
  for (const request of scene.requests.slice(before)) await scene.finish(request, { text: "done" });
  await until(async () => {
    const run = (await scene.bus.log.last(event))?.record.fired?.enforcements[0]?.run ?? "";
    return (await scene.bus.log.last(run))?.record.state?.status === "succeeded";
  });
  expect(scene.requests).toHaveLength(before + 2);
  expect(scene.sends).toEqual([]);
});

test("only rules that ask for an event's parameters hear of it, and a backstop only where no other did", async () => {
  const before = scene.requests.length;
  const other = await fire("three", { trigger: "demo.hook", parameters: { url: "/b/" }, payload: {} });
  const event = await fire("four", { trigger: "demo.hook", parameters: { url: "a" }, payload: {} });
  await until(() => scene.requests.length === before + 1);
  await until(async () => (await scene.bus.log.last(other)) !== undefined);
  expect((await scene.bus.log.last(other))?.record.fired?.enforcements).toEqual([]);
  expect((await scene.bus.log.last(event))?.record.fired?.enforcements).toMatchObject([{ rule: "demo.rest" }]);
});

test("a rule that somebody switched off hears of nothing until it is on again", async () => {
  const rules = scene.bus.bucket(buckets.rule);
  const turn = (enabled: boolean, end = {}) =>
    rules.put(token("demo.rest"), { v: 1, rule: "demo.rest", enabled, ...end, by: "ana", at: new Date().toISOString() });
  await turn(false);
  let fired = 0;
  const led = async () => {
    const event = await fire(`switched-${fired++}`, { trigger: "demo.hook", parameters: { url: "a" }, payload: {} });
    await until(async () => (await scene.bus.log.last(event)) !== undefined);
    return (await scene.bus.log.last(event))?.record.fired?.enforcements.length;
  };
  // The engine hears of a switch a moment after it was turned.
  await until(async () => (await led()) === 0);
  await turn(true);
  await until(async () => (await led()) === 1);
  await turn(false, { before: true, until: new Date(Date.now() + 60_000).toISOString() });
  await until(async () => (await led()) === 0);
  // Nobody says anything when its time is over.
  await turn(false, { before: true, until: new Date(Date.now() + 500).toISOString() });
  await until(async () => (await led()) === 1);
});

test("what a rule gives to a secret parameter is sealed wherever it is stored, and checked all the same", async () => {
  const login = () => scene.requests.find(({ action }) => action === "demo.login");
  const event = await fire("secret", { trigger: "demo.login", payload: { token: "hunter2", times: "3" } });
  await until(() => login() !== undefined);
  const { input, run } = login() ?? {};
  expect(input).toEqual({ token: { $sealed: expect.anything() }, times: 3 });
  const { fired: _, ...record } = (await scene.bus.log.last(event))?.record ?? {};
  expect(JSON.stringify([record, await scene.bus.log.last(run ?? "")])).not.toContain("hunter2");
});

test("what an action lets happen is part of the trace of what led to it, and under a key it happens once", async () => {
  const greeted = () => scene.requests.filter(({ input }) => input["name"] === "Zoe");
  const ids: string[] = [];
  for (const key of ["first", "second"]) ids.push(await fire(key, { trigger: "demo.first", payload: { user: "Zoe", key: "k" } }));
  const runs = async () =>
    await Promise.all(ids.map(async (id) => (await scene.bus.log.last(id))?.record.fired?.enforcements[0]?.run ?? ""));
  const state = async (run: string) => (run === "" ? undefined : (await scene.bus.log.last(run))?.record.state);
  await until(async () => (await Promise.all((await runs()).map(state))).every((run) => run?.status === "succeeded"));
  await until(() => greeted().length > 0);
  const [request] = greeted();
  const greeting = await state(request?.run ?? "");
  expect(greeting).toMatchObject({ rule: "demo.second", depth: 2, trace: request?.trace });
  expect(ids.map((id) => traceOf(eventKey(id)))).toContain(request?.trace);
  const second = (await scene.bus.log.last(greeting?.answers.split("/")[1] ?? ""))?.record.fired;
  expect(second).toMatchObject({ trigger: "demo.second", tag: "chain", trace: request?.trace, source: { kind: "run" } });
  expect(greeted()).toHaveLength(1);
});

test("what an action injects that does not fit its trigger's schema fails it, and never happened", async () => {
  const event = await fire("unfit", { trigger: "demo.first", payload: { user: "Z", key: "unfit" } });
  const run = async () => (await scene.bus.log.last(event))?.record.fired?.enforcements[0]?.run;
  await until(async () => (await run()) !== undefined);
  const record = async () => (await scene.bus.log.last((await run()) ?? ""))?.record;
  await until(async () => (await record()) !== undefined);
  const refused = {
    kind: "send",
    send: { outcome: "refused", body: { text: expect.stringContaining("does not fit demo.second: payload.user") } },
  };
  expect(await record()).toMatchObject({ intake: { verdict: "refused" }, commands: [refused] });
});

test("what people are asked is an event with the name under which it is answered", async () => {
  await scene.say("q", "question", { sentAt: new Date().toISOString() });
  const told = () => scene.requests.find(({ input }) => String(input["name"]).startsWith("asked "));
  await until(() => told() !== undefined);
  const [press] = await scene.bus.bucket(buckets.press).entries(">");
  expect(told()).toMatchObject({ input: { name: `asked ${press?.value.id ?? ""}` }, trace: traceOf(keyOf("q")) });
});

test("an event whose many rules hand on much of it leads to all their runs, over kills too", async () => {
  const lone = await startScene();
  try {
    const action = { ref: "hello.greet", parameters: { name: "{{ trigger.user * 4 }}" } };
    const many = Array.from({ length: 20 }, (_, n) => rule(`many${n}`, { trigger: { type: "demo.much", parameters: {} }, action }));
    const version = { ...pack, digest: "demo3", rules: many };
    await activatePack(lone.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
    const fired = firedOf("much", { trigger: "demo.much", payload: { user: "x".repeat(30_000) } });
    await lone.bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(fired.key) });
    expect(await lone.crashEngine("engine.saved")).toBe("engine.saved");
    // Amid the runs that it asked for.
    expect(await lone.crashEngine("engine.saved:5")).toBe("engine.saved");
    await lone.startEngine();
    await until(() => new Set(lone.requests.map(({ run }) => run)).size === many.length);
    const [request] = lone.requests;
    expect(request?.input).toEqual({ name: "x".repeat(120_000) });
    if (request !== undefined) await lone.finish(request, { text: "done" });
    await until(async () => (await lone.bus.log.last(request?.run ?? ""))?.record.state?.status === "succeeded");
  } finally {
    await lone.end();
  }
});

test("a chain of events that lead to one another ends, and says so", async () => {
  const event = await fire("deep", { payload: { user: "bo", ref: "main" }, depth: 64 });
  await until(async () => (await scene.bus.log.last(event)) !== undefined);
  const fired = (await scene.bus.log.last(event))?.record.fired;
  expect(fired?.refused).toContain("64 events");
  expect(fired?.enforcements.length).toBeGreaterThan(0);
  expect(fired?.enforcements.filter(({ run }) => run !== undefined)).toEqual([]);
});

test.each([
  ["engine.saved", "the event's record, before its runs"],
  ["engine.saved:2", "the first run's record, before the others"],
  ["engine.applied", "a run's request"],
])("an engine killed at %s, after %s, leads to the same runs", async (at) => {
  const lone = await startScene();
  try {
    await activatePack(lone.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
    const fired = firedOf("killed", { payload: { user: "bo", ref: "main" } });
    await lone.bus.publish(subjects.trigger.fired, fired, { id: messageIds.fired(fired.key) });
    expect(await lone.crashEngine(at)).toBe(at.split(":")[0]);
    const recorded = (await lone.bus.log.last(fired.event))?.record.fired?.enforcements.flatMap(({ run }) => run ?? []);
    await lone.startEngine();
    await until(() => lone.requests.length === 2);
    expect(new Set(lone.requests.map(({ run }) => run))).toEqual(new Set(recorded));
    expect(recorded).toHaveLength(2);
  } finally {
    await lone.end();
  }
});

test.each(["engine.saved", "engine.applied"])(
  "the end of a run is an event for the rules that wait for it, killed at %s too",
  async (at) => {
    const lone = await startScene();
    try {
      const after = rule("after", {
        trigger: { type: "core.st2.generic.actiontrigger", parameters: {} },
        action: {
          ref: "hello.greet",
          parameters: { name: "{{ trigger.action_ref }} {{ trigger.status }} {{ trigger.result }}{{ trigger.why }}" },
        },
      });
      const version = { ...pack, digest: "demo4", rules: [after] };
      await activatePack(lone.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
      const engine = await lone.startEngine();
      await lone.say("1", "greet bo");
      await until(() => lone.requests.length === 1);
      await engine.stop();
      const [request] = lone.requests;
      if (request === undefined) throw new Error("there is one");
      await lone.finish(request, { text: "done" });
      expect(await lone.crashEngine(at)).toBe(at);
      await lone.startEngine();
      // It follows from the end of what it followed from, and so on: the chain ends.
      const names = () => [...new Map(lone.requests.map(({ run, input }) => [run, input["name"]])).values()];
      for (let seen = 1; seen < 17; seen++) {
        await until(() => names().length > seen);
        const next = lone.requests.at(-1);
        if (next !== undefined) await lone.finish(next, { text: String(seen) });
      }
      expect(names().slice(0, 3)).toEqual(["bo", "hello.greet succeeded done", "hello.greet succeeded 1"]);
      const last = await lone.bus.log.last(lone.requests.at(-1)?.run ?? "");
      expect(last?.record.state?.depth).toBe(16);
    } finally {
      await lone.end();
    }
  },
);

test("the end of a run that no rule could fit is no event", async () => {
  const lone = await startScene();
  try {
    const criteria = { "trigger.action_ref": { type: "equals", pattern: "hello.other" } };
    const after = rule("after", { trigger: { type: "core.st2.generic.actiontrigger", parameters: {} }, criteria });
    const version = { ...pack, digest: "demo5", rules: [after] };
    await activatePack(lone.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
    await lone.startEngine();
    await lone.say("1", "greet bo");
    await until(() => lone.requests.length === 1);
    const [request] = lone.requests;
    if (request === undefined) throw new Error("there is one");
    await lone.finish(request, { text: "done" });
    await expect.poll(async () => (await lone.bus.log.last(request.run))?.record.state?.status).toBe("succeeded");
    const { record } = (await lone.bus.log.last(request.run)) ?? {};
    expect(record?.commands.map(({ kind }) => kind)).not.toContain("fire");
  } finally {
    await lone.end();
  }
});

type Given = Partial<Pick<TriggerFired, "trigger" | "parameters" | "depth">> & { payload: unknown };

/** @param again with an id of its own, as if it came after the duplicate window */
async function fire(key: string, given: Given, again = ""): Promise<string> {
  const fired = firedOf(key, given);
  const id = messageIds.fired(fired.key) + again;
  await scene.bus.publish(subjects.trigger.fired, fired, { id });
  return fired.event;
}

function firedOf(key: string, { payload, trigger = "demo.push", ...rest }: Given): TriggerFired {
  const event = runId({ key, at: firedAt, shard: shardOfKey(key) });
  return { v: 1, key, event, trigger, payload: { inline: payload }, source: { kind: "person", name: "ana" }, firedAt, ...rest };
}

const firedAt = "2026-01-01T00:00:00.000Z";

function rule(name: string, more: Partial<RuleDefinition>): RuleDefinition {
  const action = { ref: "hello.greet", parameters: { name: "{{ trigger.user }}" } };
  return ruleOf("demo", name, { trigger: { type: "demo.push", parameters: {} }, action, ...more });
}

const source = { file: "x.yaml", line: 1, column: 1 };
const pack: PackVersion = {
  v: 1,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  actions: [
    ...(["fire", "inquirer"] as const).map((kind) => {
      const name = kind === "fire" ? "inject" : "question";
      const common = { pack: "demo", pool: "default", description: "", enabled: true, repeatable: false, parameters: {}, source };
      return { ...common, ref: `demo.${name}`, name, kind };
    }),
    {
      ref: "demo.login",
      pack: "demo",
      name: "login",
      kind: "typescript",
      pool: "default",
      description: "",
      enabled: true,
      repeatable: false,
      parameters: { token: { type: "string", secret: true }, times: { type: "integer", secret: false } },
      source: { file: "x.yaml", line: 1, column: 1 },
    },
  ],
  aliases: [
    {
      ref: "demo.question",
      pack: "demo",
      name: "question",
      description: "",
      enabled: true,
      action: "demo.question",
      immutableParameters: {},
      formats: [{ display: "question", representation: ["question"], matchMultiple: false }],
      result: { enabled: true },
      source,
    },
  ],
  triggers: [
    {
      ref: "demo.second",
      pack: "demo",
      name: "second",
      description: "",
      payload: { type: "object", properties: { user: { type: "string", minLength: 2 } } },
      source,
    },
  ],
  rules: [
    rule("login", {
      trigger: { type: "demo.login", parameters: {} },
      action: { ref: "demo.login", parameters: { token: "{{ trigger.token }}", times: "{{ trigger.times }}" } },
    }),
    rule("greet", { criteria: { "trigger.ref": { type: "eq", pattern: "main" } } }),
    rule("tell", { action: { ref: "hello.greet", parameters: { name: "{{ trigger.ref }} by {{ trigger.user }}" } } }),
    rule("first", {
      trigger: { type: "demo.first", parameters: {} },
      action: {
        ref: "demo.inject",
        parameters: { trigger: "demo.second", key: "{{ trigger.key }}", trace_tag: "chain", payload: { user: "{{ trigger.user }}" } },
      },
    }),
    rule("second", { trigger: { type: "demo.second", parameters: {} } }),
    rule("asked", {
      trigger: { type: "core.st2.generic.inquiry", parameters: {} },
      action: { ref: "hello.greet", parameters: { name: "asked {{ trigger.id }}" } },
    }),
    rule("broken", { criteria: { "trigger.user": { type: "gt", pattern: 5 } } }),
    rule("off", { enabled: false }),
    rule("rest", {
      type: "backstop",
      trigger: { type: "demo.hook", parameters: { url: "a" } },
      action: { ref: "hello.greet", parameters: {} },
    }),
  ],
};
