import { connectBus, several, type DeadLetter } from "@bellhop/bus";
import {
  messageIds,
  problem,
  runId,
  scaled,
  shardOfRun,
  streams,
  subjects,
  traceOf,
  type ActionRequested,
  type RunAsked,
} from "@bellhop/contracts";
import { readLetter, replayOf } from "@bellhop/core";
import { silentLog } from "@bellhop/service";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.end());

async function requested(index: number): Promise<ActionRequested> {
  await until(() => scene.requests.length > index);
  return there(scene.requests[index]);
}

/** Delivers a message so often that it must be what kills its handlers. */
async function deadly(): Promise<void> {
  const bus = await connectBus({ url: scene.url, name: "deadly", durations: scaled(0.01), log: silentLog });
  const { received, edited, deleted, reacted, pressed, submitted } = subjects.message;
  const heard = { received, edited, deleted, reacted, pressed, submitted };
  let deliveries = 0;
  const shards = Array.from({ length: 16 }, (_, shard) => shard);
  await Promise.all(
    shards.map((shard) =>
      bus.consume({
        subject: several(heard),
        stream: streams.message,
        // As the engine has it: another filter would make the server forget how often it delivered.
        filter: Object.values(heard).map((subject) => subject.filter({ shard })),
        durable: `message_${shard}`,
        concurrency: 1,
        keyOf: () => "all",
        retry: "anywhere",
        async handle(_, delivery) {
          deliveries = delivery.deliveries;
          throw problem("platform_unavailable", { platform: "test", why: "it is given back" });
        },
      }),
    ),
  );
  await until(() => deliveries > 20);
  await bus.drain();
}

async function letter(): Promise<DeadLetter> {
  let found: DeadLetter[] = [];
  await until(async () => (found = await scene.bus.dead.list((one) => one)).length > 0);
  return there(found[0]);
}

/** What `bellhop dead replay` does, up to where it would take the letter away. */
async function replay({ number }: DeadLetter): Promise<string> {
  const { bus } = scene;
  const found = there(await bus.dead.get(number));
  const payload: unknown = JSON.parse(new TextDecoder().decode(found.data));
  const { run } = readLetter({ subject: found.subject, payload });
  const state = run === undefined ? undefined : (await bus.log.last(run))?.record.state;
  const decision = replayOf({ number, subject: found.subject, payload, run: state });
  if (decision.kind === "changed") await bus.dead.replay(found, decision.payload);
  if (decision.kind === "same") await bus.dead.replay(found);
  return decision.kind;
}

test("a message that killed its handlers is answered with that, and when it is replayed it runs, once, however often that is repeated", async () => {
  await scene.say("1", "greet Ana");
  await deadly();
  await scene.startEngine();
  const dead = await letter();
  await until(() => scene.seen().length === 1);
  expect(scene.seen()[0]).toMatch(/handlers died/);
  // Killed after the first, whoever replays does not know.
  expect([await replay(dead), await replay(dead)]).toEqual(["changed", "changed"]);
  await scene.finish(await requested(0), { text: "Hello Ana" });
  await until(() => scene.seen().length === 2);
  expect(scene.seen()[1]).toBe("Hello Ana");
  await scene.handled();
  expect(scene.requests).toHaveLength(1);
  expect(scene.sends.map(({ answers }) => answers)).toEqual([keyOf("1"), `${keyOf("1")}/replay${dead.number}`]);
});

test("a result that can't be dealt with ends its run, and takes the place of that answer when it is replayed and can", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const request = await requested(0);
  const bytes = new TextEncoder().encode(JSON.stringify("Hello at last"));
  const object = "0".repeat(64);
  await scene.finish(request, { output: { ref: { object, bytes: bytes.length } } });
  const dead = await letter();
  await until(() => scene.seen().length === 1);
  expect((await scene.bus.log.last(request.run))?.record.state).toMatchObject({ status: "failed" });
  await scene.bus.objects("values").put(object, bytes);
  expect([await replay(dead), await replay(dead)]).toEqual(["same", "same"]);
  await until(() => scene.seen()[0] === "Hello at last");
  await scene.handled();
  expect(scene.seen()).toEqual(["Hello at last"]);
  expect((await scene.bus.log.last(request.run))?.record).toMatchObject({ revision: 3, state: { status: "succeeded" } });
});

test("whoever sent what can't be read is told, and a run whose result can't be read ends", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const { run, task, attempt } = await requested(0);
  const unread = { ...subjects.action.finished, of: () => subjects.action.finished.filter({ shard: shardOfRun(run) }) };
  await scene.bus.publish(unread, { v: 1, run, task, attempt } as never, { id: "unreadable" });
  await until(() => scene.seen().length === 1);
  expect(scene.seen()[0]).toMatch(/can't be read/);
  await scene.say("2", "greet Bob", { origin: "nowhere" as never });
  await until(() => scene.sends.some(({ answers }) => answers === keyOf("2")));
  expect(scene.sends.find(({ answers }) => answers === keyOf("2"))).toMatchObject({ final: true, outcome: "failed" });
  await scene.handled();
  expect(scene.seen()).toHaveLength(2);
  expect(scene.seen()[0]).toMatch(/can't be read/);
});

test("a run is done once more with what it was given, and an ask for one that there is not is answered", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const first = await requested(0);
  await scene.finish(first, { text: "Hello" });
  const at = new Date().toISOString();
  const replyTo = { platform: "slack", account: "A1", channel: "C1" };
  const again = (of: string): RunAsked => {
    const key = `${of}/replay1`;
    const run = runId({ key, at, shard: 3 });
    return { v: 1, kind: "again", key, run, of, asker: ana, replyTo, askedAt: at };
  };
  const ask = again(first.run);
  for (const id of ["a", "b"]) await scene.bus.publish(subjects.run.asked, ask, { id: messageIds.asked(id) });
  const second = await requested(1);
  expect(second).toEqual({ ...first, run: ask.run, trace: traceOf(ask.key) });
  const unknown = again(runId({ key: "nobody", at, shard: 3 }));
  await scene.bus.publish(subjects.run.asked, unknown, { id: messageIds.asked("c") });
  await until(() => scene.sends.some(({ answers, outcome }) => answers === unknown.key && outcome === "refused"));
  expect(scene.requests).toHaveLength(2);
});
