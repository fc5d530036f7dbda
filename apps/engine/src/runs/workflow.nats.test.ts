import {
  buckets,
  messageIds,
  objectStores,
  runId,
  shardOfKey,
  subjects,
  type ActionRequested,
  type Outcome,
  type PackVersion,
  type Run,
  type RunAsked,
  type RunRecord,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ana, startScene, until, type Scene } from "../testing.ts";

const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
const patience = { timeout: 60_000 };

let scene: Scene;
let asked = 0;
/** Whoever works in a test. */
let working: { on: boolean };
beforeEach(async () => {
  scene = await startScene();
  working = { on: true };
});
afterEach(async () => {
  working.on = false;
  await scene.end();
});

const source = { file: "x.yaml", line: 1, column: 1 };

/** A pack of workflows over one action, `flow.step`, whose parameters are `say`, anything, and `secret`. */
function packOf(workflows: Record<string, unknown>, digest = "f1"): PackVersion {
  const common = { pack: "flow", enabled: true, description: "", pool: "default", source };
  const parameters = { say: {}, password: { type: "string" as const, secret: true } };
  const open = { say: {}, names: {}, password: { type: "string" as const, secret: true } };
  return {
    v: 1,
    name: "flow",
    version: "1.0.0",
    description: "",
    digest,
    actions: [
      { ...common, kind: "typescript", ref: "flow.step", name: "step", repeatable: false, parameters },
      ...Object.entries(workflows).map(([name, workflow]) => ({
        ...common,
        kind: "orquesta",
        ref: `flow.${name}`,
        name,
        repeatable: false,
        parameters: open,
        workflow,
      })),
    ],
    aliases: [],
  };
}

async function install(workflows: Record<string, unknown>, digest?: string): Promise<void> {
  const version = packOf(workflows, digest);
  await activatePack(scene.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
}

/** Asks for a run. @returns its id */
async function start(action: string, input: Record<string, unknown> = {}): Promise<string> {
  const [key, askedAt] = [`ask-${asked++}`, new Date().toISOString()];
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  await ask({ v: 1, kind: "start", key, run, action, input, asker: ana, replyTo, askedAt });
  return run;
}

async function ask(what: RunAsked): Promise<void> {
  await scene.bus.publish(subjects.run.asked, what, { id: messageIds.asked(what.key) });
}

async function askOf(kind: "cancel" | "pause" | "resume", run: string): Promise<void> {
  await ask({ v: 2, kind, key: `${kind}-${asked++}`, run, asker: ana, replyTo, askedAt: new Date().toISOString() });
}

async function records(run: string): Promise<RunRecord[]> {
  return (await scene.bus.log.records(run, { from: 1 })).map(({ record }) => record);
}

async function stateOf(run: string): Promise<Run | undefined> {
  return (await scene.bus.log.last(run))?.record.state;
}

async function over(run: string): Promise<Run> {
  await until(async () => (await stateOf(run))?.endedAt !== undefined);
  return (await stateOf(run)) as Run;
}

/** What a run gave. */
async function outputOf(run: string): Promise<unknown> {
  const { output } = await over(run);
  return output === undefined ? undefined : await scene.bus.loadValue(output);
}

const said = () => scene.requests.map(({ input }) => input["say"]);

/** What people read first of each reply; below it stand the tasks. */
const firstLines = () => scene.seen().map((text) => text.split("\n")[0]);

/** Does what is asked for, as it comes. */
function work(does: (request: ActionRequested) => Partial<Outcome> = ({ input }) => ({ output: { inline: input["say"] ?? null } })): void {
  const there = scene;
  const here = working;
  const turn = async () => {
    for (let at = 0; here.on;) {
      const request = there.requests[at];
      if (request === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      else {
        at += 1;
        await there.finish(request, does(request));
      }
    }
  };
  turn().catch(() => {});
}

const chain = (names: readonly string[]) => ({
  version: 1,
  tasks: Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        action: "flow.step",
        input: { say: `<% ctx(last) + 1 %>` },
        next: [{ when: "<% succeeded() %>", publish: [{ last: "<% result() %>" }], do: names[index + 1] ?? "noop" }],
      },
    ]),
  ),
  vars: [{ last: 0 }],
  output: [{ last: "<% ctx(last) %>" }],
});

test("tasks run one after the other, each with what the one before published, and the output is the answer", patience, async () => {
  await install({ chain: chain(["a", "b", "c"]) });
  await scene.startEngine();
  work();
  const run = await start("flow.chain");
  expect(await outputOf(run)).toEqual({ output: { last: 3 } });
  expect(said()).toEqual([1, 2, 3]);
  // On a slow machine it takes long enough to be shown.
  const log = (await records(run)).filter(({ event }) => event.kind !== "printed");
  expect(log.map(({ event, held }) => `${event.kind} ${held?.kind ?? ""}`)).toEqual([
    "asked whole",
    "finished changes",
    "finished changes",
    "finished changes",
  ]);
  expect(log.flatMap(({ progress }) => (progress ?? []).map(({ name, status }) => `${name} ${status}`))).toEqual([
    "a running",
    "a succeeded",
    "b running",
    "b succeeded",
    "c running",
    "c succeeded",
  ]);
  await until(() => scene.seen().length > 0);
  expect(firstLines()).toEqual(["**last**: 3"]);
});

test("a list of 120 items is as many actions as may be out at once, and its result is in their order", patience, async () => {
  const many = {
    action: "flow.step",
    with: "<% ctx(names) %>",
    input: { say: "<% item() %>" },
    next: [{ publish: [{ all: "<% result() %>" }] }],
  };
  await install({ many: { version: 1, input: ["names"], tasks: { many }, output: [{ all: "<% ctx(all) %>" }] } });
  await scene.startEngine();
  const names = Array.from({ length: 120 }, (_, n) => `name ${n}`);
  const run = await start("flow.many", { names });
  await until(() => scene.requests.length === 50);
  expect(Object.keys((await scene.bus.log.last(run))?.record.held ?? {})).toContain("kind");
  work();
  expect(await outputOf(run)).toEqual({ output: { all: names } });
  expect(said()).toEqual(names);
  for (const record of await records(run)) expect(JSON.stringify(record).length).toBeLessThan(64 * 1024);
});

test("results that come while a step is written are one step together", patience, async () => {
  const many = {
    action: "flow.step",
    with: "<% ctx(names) %>",
    input: { say: "<% item() %>" },
    next: [{ publish: [{ all: "<% result() %>" }] }],
  };
  await install({ many: { version: 1, input: ["names"], tasks: { many }, output: [{ all: "<% ctx(all) %>" }] } });
  const engine = await scene.startEngine();
  const names = Array.from({ length: 40 }, (_, n) => `name ${n}`);
  const run = await start("flow.many", { names });
  await until(() => scene.requests.length === names.length);
  await engine.stop();
  for (const request of scene.requests) await scene.finish(request, { output: { inline: request.input["say"] } });
  await scene.startEngine();
  expect(await outputOf(run)).toEqual({ output: { all: names } });
  expect((await records(run)).length).toBeLessThan(names.length);
});

test("results that come together and lead to very many tasks are as many steps as their records have room for", patience, async () => {
  const rows = Array.from({ length: 16 }, (_, row) => row);
  const idle = (row: number) =>
    Array.from({ length: 100 }, (_, n) => `${"a_task_that_has_nothing_to_do_and_a_long_name_".repeat(2)}${row}_${n}`);
  const tasks = Object.fromEntries(
    rows.flatMap((row): [string, object][] => [
      [`first_${row}`, { action: "flow.step", next: [{ do: idle(row) }] }],
      ...idle(row).map((name): [string, object] => [name, {}]),
    ]),
  );
  await install({ wide: { version: 1, tasks } });
  const engine = await scene.startEngine();
  const run = await start("flow.wide");
  await until(() => scene.requests.length === rows.length);
  await engine.stop();
  for (const request of scene.requests) await scene.finish(request, {});
  await scene.startEngine();
  expect((await over(run)).status).toBe("succeeded");
  const ended = (await records(run)).flatMap(({ progress = [] }) => progress.filter(({ status }) => status === "succeeded"));
  expect(ended).toHaveLength(16 * 101);
});

const points = ["engine.saved", "engine.applied", "engine.finished-received", "engine.finished-saved", "engine.finished-applied"];
test.each(points)("an engine that dies at %s loses nothing, and begins nothing twice", patience, async (point) => {
  await install({ chain: chain(["a", "b", "c", "d"]) });
  work();
  const [crashed, run] = await Promise.all([scene.crashEngine(point), start("flow.chain")]);
  expect(crashed).toBe(point);
  await scene.startEngine();
  expect(await outputOf(run)).toEqual({ output: { last: 4 } });
  expect(new Set(scene.requests.map(({ task, attempt }) => `${task}/${attempt}`)).size).toBe(4);
  expect(new Set(said())).toEqual(new Set([1, 2, 3, 4]));
});

const large = "x".repeat(10_000);

test("what is large lies in the object store, once, and is there again when another engine goes on", patience, async () => {
  const first = { action: "flow.step", input: { say: "large" }, next: [{ publish: [{ big: "<% result() %>" }], do: "second" }] };
  const second = { action: "flow.step", input: { say: "<% len(ctx(big)) %>" }, next: [{ do: "third" }] };
  const third = { action: "flow.step", input: { say: "<% ctx(big) %>" } };
  await install({ large: { version: 1, tasks: { first, second, third }, output: [{ big: "<% ctx(big) %>" }] } });
  const does = ({ input }: ActionRequested) => ({ output: { inline: input["say"] === "large" ? large : "small" } });
  const engine = await scene.startEngine();
  const run = await start("flow.large");
  const request = async (n: number) => {
    await until(() => scene.requests.length >= n);
    return scene.requests[n - 1] as ActionRequested;
  };
  const one = await request(1);
  await scene.finish(one, does(one));
  const two = await request(2);
  await engine.stop();
  await scene.startEngine();
  await scene.finish(two, does(two));
  const three = await request(3);
  expect(three.input["say"]).toBe(large);
  await scene.finish(three, does(three));
  expect(await outputOf(run)).toEqual({ output: { big: large } });
  const apart = (await records(run)).flatMap((record) => record.apart ?? []).map(({ ref }) => ref.object);
  expect(new Set(apart).size).toBe(1);
  for (const record of await records(run)) expect(JSON.stringify({ ...record, commands: [] }).length).toBeLessThan(5_000);
});

test("a task waits for its time, also where the engine does not live so long, and is begun once", patience, async () => {
  const late = { action: "flow.step", delay: 5, input: { say: "late" } };
  await install({ late: { version: 1, tasks: { late } } });
  const engine = await scene.startEngine();
  const run = await start("flow.late");
  await until(async () => (await stateOf(run)) !== undefined);
  await engine.stop();
  await scene.startEngine();
  work();
  await over(run);
  expect(said()).toEqual(["late"]);
  await until(async () => (await scene.bus.bucket(buckets.timer).entries()).length === 0);
});

test("a task that takes too long is called back, and its workflow fails", patience, async () => {
  const slow = { action: "flow.step", timeout: 1 };
  await install({ slow: { version: 1, tasks: { slow } } });
  await scene.startEngine();
  const run = await start("flow.slow");
  expect((await over(run)).status).toBe("failed");
  const attempts = await scene.bus.bucket(buckets.attempt).entries(`${run}.>`);
  expect(attempts.map(({ value }) => [value.state, value.cancel])).toEqual([["revoked", true]]);
  await until(async () => (await scene.bus.bucket(buckets.timer).entries()).length === 0);
});

test("a run whose values are gone from the store ends, and says so", patience, async () => {
  await install({ chain: { ...chain(["a", "b"]), vars: [{ last: 0 }, { big: large }] } });
  const engine = await scene.startEngine();
  const run = await start("flow.chain");
  await until(() => scene.requests.length === 1);
  await engine.stop();
  const values = scene.bus.objects("values");
  for (const object of await values.old({ olderThanMs: 0 })) await values.remove(object);
  await scene.startEngine();
  expect((await over(run)).status).toBe("failed");
  await until(() => scene.seen().length > 0);
  expect(scene.seen()[0]).toContain("what it held is not kept any more");
});

test("a failed task is tried again as its definition says, each time as an attempt of its own", patience, async () => {
  const shaky = { action: "flow.step", input: { say: "try" }, retry: { count: 2, delay: 1 } };
  await install({ shaky: { version: 1, tasks: { shaky } } });
  await scene.startEngine();
  let tries = 0;
  work(() => (++tries < 3 ? { status: "failed" } : {}));
  const run = await start("flow.shaky");
  expect((await over(run)).status).toBe("succeeded");
  expect(scene.requests.map(({ task, attempt }) => [task, attempt])).toEqual([
    ["0", 1],
    ["0-2", 1],
    ["0-3", 1],
  ]);
});

test("what a task can't be given fails it, and its workflow goes on as it says", patience, async () => {
  const wrong = {
    action: "flow.nothing",
    input: { say: 1 },
    next: [{ when: "<% failed() %>", publish: [{ why: "<% result().code %>" }], do: "after" }],
  };
  const after = { action: "flow.step", input: { say: "<% ctx(why) %>" } };
  await install({ wrong: { version: 1, tasks: { wrong, after } } });
  await scene.startEngine();
  work();
  const run = await start("flow.wrong");
  expect((await over(run)).status).toBe("succeeded");
  expect(said()).toEqual(["action_unknown"]);
});

test("what fails the workflow is told, with the task that failed", patience, async () => {
  await install({ chain: chain(["a", "b"]) });
  await scene.startEngine();
  work(() => ({ status: "failed", problem: { code: "action_failed", message: "no luck", hint: "", retry: false } }));
  const run = await start("flow.chain");
  expect((await over(run)).status).toBe("failed");
  await until(() => scene.seen().length > 0);
  expect(firstLines()).toEqual(["flow.chain ended failed: a: no luck"]);
});

test("a run goes on with the packs that it began with", patience, async () => {
  await install({ chain: chain(["a", "b", "c"]) });
  const engine = await scene.startEngine();
  const run = await start("flow.chain");
  await until(() => scene.requests.length === 1);
  await install({ chain: chain(["z"]) }, "f2");
  await engine.stop();
  await scene.startEngine();
  work();
  expect(await outputOf(run)).toEqual({ output: { last: 3 } });
  expect(new Set(scene.requests.map(({ digest }) => digest))).toEqual(new Set(["f1"]));
});

test("a run whose packs are gone from the store can be canceled", patience, async () => {
  const tasks = { only: { action: "flow.step", input: { say: "one" } } };
  await install({ main: { version: 1, tasks } });
  const before = await scene.startEngine();
  const run = await start("flow.main");
  await until(() => scene.requests.length === 1);
  await install({ main: { version: 1, tasks: {} } }, "f2");
  await before.stop();
  const packs = scene.bus.objects(objectStores.packs);
  for (const object of await packs.old({ olderThanMs: 0 })) if (object.name.startsWith("f1.")) await packs.remove(object);
  await scene.startEngine();
  await askOf("cancel", run);
  expect((await over(run)).status).toBe("canceled");
});

test("a secret stands sealed in the log, in requests and in what sub-workflows are asked with", patience, async () => {
  const password = "<% ctx(password) %>";
  const inner = { version: 1, input: ["password"], tasks: { use: { action: "flow.step", input: { password } } } };
  const outer = {
    version: 1,
    input: ["password"],
    tasks: { sub: { action: "flow.inner", input: { password } }, own: { action: "flow.step", input: { password: "plain-literal" } } },
  };
  await install({ inner, outer });
  await scene.startEngine();
  work();
  const run = await start("flow.outer", { password: "s3cret" });
  expect((await over(run)).status).toBe("succeeded");
  expect(scene.requests.map(({ input }) => Object.keys(input["password"] as object))).toEqual([["$sealed"], ["$sealed"]]);
  const children = (await records(run)).flatMap(({ commands }) => commands.flatMap((one) => (one.kind === "ask" ? [one.ask.run] : [])));
  const logs = JSON.stringify(await Promise.all([run, ...children].map(records)));
  expect(logs).not.toContain("s3cret");
  expect(logs).not.toContain("plain-literal");
});

describe("a sub-workflow", () => {
  const inner = {
    version: 1,
    input: ["say"],
    tasks: { one: { action: "flow.step", input: { say: "<% ctx(say) %>" } } },
    output: [{ got: "<% ctx(say) %>" }],
  };
  const outer = {
    version: 1,
    tasks: {
      first: {
        action: "flow.inner",
        input: { say: "hello" },
        next: [{ when: "<% succeeded() %>", publish: [{ got: "<% result().output.got %>" }], do: "last" }],
      },
      last: { action: "flow.step", input: { say: "<% ctx(got) %>" } },
    },
    output: [{ got: "<% ctx(got) %>" }],
  };
  const childOf = async (run: string): Promise<string> => {
    for (;;) {
      for (const { commands } of await records(run))
        for (const one of commands) if (one.kind === "ask" && one.ask.kind === "start") return one.ask.run;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  test("is a run of its own, whose end is the task's result, and about which nobody else hears", patience, async () => {
    await install({ inner, outer });
    await scene.startEngine();
    work();
    const run = await start("flow.outer");
    expect(await outputOf(run)).toEqual({ output: { got: "hello" } });
    expect(said()).toEqual(["hello", "hello"]);
    expect(await stateOf(await childOf(run))).toMatchObject({ status: "succeeded", parent: { run, task: "0", attempt: 1 } });
    await until(() => scene.seen().length > 0);
    expect(firstLines()).toEqual(["**got**: hello"]);
  });

  test("is canceled with what it is part of", patience, async () => {
    await install({ inner, outer });
    await scene.startEngine();
    const run = await start("flow.outer");
    await until(() => scene.requests.length === 1);
    const child = await childOf(run);
    await askOf("cancel", run);
    // Nobody claimed the attempt, so it is revoked and reported.
    expect((await over(child)).status).toBe("canceled");
    expect((await over(run)).status).toBe("canceled");
    expect(said()).toEqual(["hello"]);
  });

  test("pauses with it, and goes on with it", patience, async () => {
    await install({ inner, outer });
    await scene.startEngine();
    const run = await start("flow.outer");
    await until(() => scene.requests.length === 1);
    const child = await childOf(run);
    await askOf("pause", run);
    await until(async () => (await stateOf(child))?.status === "pausing");
    await scene.finish(scene.requests[0] as ActionRequested, { output: { inline: "hello" } });
    await until(async () => (await stateOf(child))?.status === "paused");
    await until(async () => (await stateOf(run))?.status === "paused");
    expect(scene.requests).toHaveLength(1);
    await askOf("resume", run);
    work();
    expect(await outputOf(run)).toEqual({ output: { got: "hello" } });
  });

  test("that can't be begun fails its task", patience, async () => {
    const strict = { ...inner, tasks: {} };
    await install({ inner: strict, outer });
    await scene.startEngine();
    const run = await start("flow.outer");
    expect((await over(run)).status).toBe("failed");
  });
});

test("a run that failed goes on from the task that failed, as a run of its own", patience, async () => {
  await install({ chain: chain(["a", "b", "c"]) });
  await scene.startEngine();
  let broken = true;
  work(({ input }) => (broken && input["say"] === 2 ? { status: "failed" } : { output: { inline: input["say"] } }));
  const run = await start("flow.chain");
  expect((await over(run)).status).toBe("failed");
  broken = false;
  const [key, askedAt] = ["again", new Date().toISOString()];
  const second = runId({ key, at: askedAt, shard: 3 });
  await ask({ v: 2, kind: "again", key, run: second, of: run, tasks: [], asker: ana, replyTo, askedAt });
  expect(await outputOf(second)).toEqual({ output: { last: 3 } });
  expect(said()).toEqual([1, 2, 2, 3]);
});

test("only workflows pause, and a run that is over does not", patience, async () => {
  const isSeen = (words: string) => scene.seen().some((text) => text.includes(words));
  await install({ chain: chain(["a"]) });
  await scene.startEngine();
  const [single, run] = [await start("flow.step", { say: 1 }), await start("flow.chain")];
  await until(() => scene.requests.length === 2);
  await askOf("pause", single);
  await until(() => isSeen("flow.step can't pause: it is no workflow"));
  work();
  await Promise.all([over(single), over(run)]);
  await askOf("resume", run);
  await until(() => isSeen("already over: succeeded"));
});
