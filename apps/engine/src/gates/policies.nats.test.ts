import {
  buckets,
  gateKey,
  messageIds,
  passName,
  problem,
  runId,
  shardOfKey,
  subjects,
  type ActionRequested,
  type PackVersion,
  type PolicyDefinition,
  type RunAsked,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import type { Service } from "@bellhop/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
const patience = { timeout: 60_000 };
const source = { file: "x.yaml", line: 1, column: 1 };

let scene: Scene;
let engine: Service;
beforeAll(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: packOf(), files: { v: 1, digest: "g1", files: [] } });
  engine = await scene.startEngine();
}, 60_000);
afterAll(() => scene.end());

/** For each action its policies; `left` and `right` are workflows, each of which calls the other where it is told to go `deep`. */
function packOf(digest = "g1", oneAtATime = 1): PackVersion {
  const common = { pack: "gated", enabled: true, description: "", pool: "default", source, repeatable: false };
  const parameters = { name: { type: "string" as const }, key: { type: "string" as const, secret: true } };
  const policies: PolicyDefinition[] = [];
  const policy = (action: string, type: PolicyDefinition["type"], given: Record<string, unknown>) => {
    const name = `${action}-${type.slice("action.".length)}`;
    const about = { ref: `gated.${name}`, pack: "gated", name, description: "", enabled: true, source };
    policies.push({ ...about, action: `gated.${action}`, type, parameters: given });
  };
  policy("two", "action.concurrency", { threshold: 2, action: "delay" });
  policy("one", "action.concurrency", { threshold: oneAtATime, action: "delay" });
  policy("each", "action.concurrency.attr", { threshold: 1, action: "delay", attributes: ["key"] });
  policy("heal", "action.cooldown", { seconds: 3_600, attributes: ["name"], action: "cancel", after: "success" });
  policy("paced", "action.rate", { threshold: 1, seconds: 0.5 });
  policy("flaky", "action.retry", { retry_on: "failure", max_retry_count: 2, delay: 0.1 });
  policy("patient", "action.concurrency", { threshold: 1, action: "delay" });
  policy("patient", "action.wait", { seconds: 0.3 });
  policy("narrow", "action.concurrency", { threshold: 1, action: "delay" });
  policy("left", "action.concurrency", { threshold: 1, action: "delay" });
  policy("right", "action.concurrency", { threshold: 1, action: "delay" });
  const flow = (tasks: object) => ({ version: 1, input: [{ deep: false }], tasks });
  const on = (other: string) =>
    flow({
      first: { action: "gated.free", next: [{ when: "<% ctx().deep %>", do: "second" }] },
      second: { action: `gated.${other}` },
    });
  const workflows = {
    calling: flow({ a: { action: "gated.narrow" }, b: { action: "gated.narrow" } }),
    left: on("right"),
    right: on("left"),
  };
  const names = ["two", "one", "each", "heal", "paced", "flaky", "patient", "narrow", "free"];
  return {
    v: 1,
    name: "gated",
    version: "1.0.0",
    description: "",
    digest,
    actions: [
      ...names.map((name) => ({ ...common, kind: "typescript", ref: `gated.${name}`, name, parameters })),
      ...Object.entries(workflows).map(([name, workflow]) => ({
        ...common,
        kind: "orquesta",
        ref: `gated.${name}`,
        name,
        parameters: { deep: { type: "boolean" as const, default: false } },
        workflow,
      })),
    ],
    aliases: names.map((name) => ({
      ...common,
      ref: `gated.${name}`,
      name,
      action: `gated.${name}`,
      immutableParameters: {},
      formats: [{ display: name, representation: [`${name} {{ name }}`], matchMultiple: false }],
      result: { enabled: true },
    })),
    policies,
  };
}

let count = 0;
/** Asks for a run, from where the answer is seen. @returns its id */
async function ask(action: string, input: Record<string, unknown> = {}): Promise<string> {
  const key = `ask ${count++}`;
  const askedAt = new Date(Date.UTC(2026, 0, 1) + count * 1000).toISOString();
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const asked: RunAsked = { v: 1, kind: "start", key, run, action: `gated.${action}`, input, asker: ana, replyTo, askedAt };
  await scene.bus.publish(subjects.run.asked, asked, { id: messageIds.asked(key) });
  return run;
}

function requestsOf(...runs: string[]): ActionRequested[] {
  return scene.requests.filter(({ run }) => runs.includes(run));
}

async function requested(run: string, which = 0): Promise<ActionRequested> {
  await until(() => requestsOf(run).length > which);
  const found = requestsOf(run)[which];
  if (found === undefined) throw new Error("it was there");
  return found;
}

async function stateOf(run: string) {
  return (await scene.bus.log.last(run))?.record.state;
}

/** Once the run waits at the gate of its action, with the why of it. */
async function waits(run: string): Promise<string> {
  await until(async () => (await stateOf(run))?.gate?.why !== undefined);
  return (await stateOf(run))?.gate?.why ?? "";
}

async function ended(run: string): Promise<string> {
  await until(async () => (await stateOf(run))?.endedAt !== undefined);
  return (await stateOf(run))?.status ?? "";
}

async function isEmpty(action: string): Promise<boolean> {
  return (await scene.bus.bucket(buckets.gate).get(gateKey(`gated.${action}`))) === undefined;
}

test("ten wait for a limit of two, and an engine dies over the end of one: never three at once, all are done", patience, async () => {
  const crashed = scene.crashEngine("engine.finished-saved");
  const engines = async () => (await scene.bus.bucket(buckets.member).entries()).filter(({ value }) => value.role === "engine");
  await until(async () => (await engines()).length === 2);
  const runs: string[] = [];
  for (let index = 0; index < 10; index++) runs.push(await ask("two"));
  const done = new Set<string>();
  let most = 0;
  while (done.size < runs.length) {
    await until(() => requestsOf(...runs).filter(({ run }) => !done.has(run)).length >= Math.min(2, runs.length - done.size));
    // Whoever comes in beside them without being let comes now.
    await scene.handled();
    const out = requestsOf(...runs).filter(({ run }) => !done.has(run));
    most = Math.max(most, out.length);
    const [first] = out;
    if (first === undefined) throw new Error("one is out");
    done.add(first.run);
    await scene.finish(first, { text: "done" });
  }
  for (const run of runs) expect(await ended(run)).toBe("succeeded");
  expect(most).toBe(2);
  expect(new Set(requestsOf(...runs).map(({ run }) => run)).size).toBe(runs.length);
  await until(() => isEmpty("two"));
  expect(await crashed).toBe("engine.finished-saved");
});

test(
  "an engine that dies with a pass in the record, and one that dies before it tells: whoever comes next tells, and nobody goes in twice",
  patience,
  async () => {
    await engine.stop();
    const runs = [await ask("narrow"), await ask("narrow")];
    expect(await scene.crashEngine("engine.passed")).toBe("engine.passed");
    expect(await scene.crashEngine("engine.telling")).toBe("engine.telling");
    engine = await scene.startEngine();
    await until(() => requestsOf(...runs).length === 1);
    const [first] = requestsOf(...runs);
    const second = runs.find((run) => run !== first?.run) ?? "";
    expect(await waits(second)).toBe("1 of 1 run is at work (policy gated.narrow-concurrency)");
    if (first === undefined) throw new Error("one is out");
    await scene.finish(first, {});
    await scene.finish(await requested(second), {});
    for (const run of runs) expect(await ended(run)).toBe("succeeded");
    expect(requestsOf(...runs)).toHaveLength(2);
    await until(() => isEmpty("narrow"));
  },
);

test("who is refused and did not hear of it is told again", patience, async () => {
  const runs = [await ask("narrow"), await ask("narrow")];
  await until(() => requestsOf(...runs).length === 1);
  const [inside] = requestsOf(...runs);
  const run = runs.find((one) => one !== inside?.run) ?? "";
  if (inside === undefined) throw new Error("one is out");
  await waits(run);
  // What a gate says is lost where something else had its id.
  const pass = { run, task: "main", attempt: 1 };
  const lost: RunAsked = {
    v: 2,
    kind: "gate",
    key: "lost",
    run: runId({ key: "nobody", at: "2026-01-01T00:00:00.000Z", shard: 0 }),
    task: "main",
    attempt: 1,
    verdict: { kind: "inside" },
    askedAt: "2026-01-01T00:00:00.000Z",
  };
  await scene.bus.publish(subjects.run.asked, lost, { id: messageIds.asked(`gate/${passName(pass)}/refused`) });
  const bucket = scene.bus.bucket(buckets.gate);
  const entry = await bucket.get(gateKey("gated.narrow"));
  if (entry === undefined) throw new Error("one is at work");
  const refused = problem("policy_line_full", { action: "gated.narrow", most: 1 }).data;
  await bucket.put(gateKey("gated.narrow"), { ...entry.value, line: entry.value.line.map((one) => ({ ...one, refused })) });
  expect(await ended(run)).toBe("canceled");
  await scene.finish(inside, {});
  await until(() => isEmpty("narrow"));
});

test("who waits is told why and can be taken out; a raised limit lets the next in", patience, async () => {
  await scene.say("w1", "one a");
  await until(() => scene.requests.some(({ action, input }) => action === "gated.one" && input["name"] === "a"));
  await scene.say("w2", "one b");
  const told = () =>
    scene.seen().find((text) => text.startsWith("gated.one waits: 1 of 1 run is at work (policy gated.one-concurrency). It is the next"));
  await until(() => told() !== undefined);
  const waiting = /run `(\w+)`/.exec(told() ?? "")?.[1] ?? "";
  expect((await stateOf(waiting))?.status).toBe("delayed");
  await scene.say("w3", "one c");
  await until(() => scene.seen().some((text) => text.includes("It is number 2 in line")));
  await scene.say("s1", "status");
  const place = "gated.one: delayed, for ";
  await until(() => scene.seen().some((text) => text.includes(place)));
  expect(scene.seen().find((text) => text.includes(place))).toContain(
    "; it waits: number 2 in line: 1 of 1 run is at work (policy gated.one-concurrency)",
  );
  await scene.say("w4", `cancel ${waiting}`);
  expect(await ended(waiting)).toBe("canceled");
  await until(() => scene.seen().includes(`Canceled gated.one, run \`${waiting}\`.`));
  expect(requestsOf(waiting)).toEqual([]);
  await activatePack(scene.bus, { version: packOf("g2", 2), files: { v: 1, digest: "g2", files: [] } });
  await until(() => scene.requests.some(({ action, input }) => action === "gated.one" && input["name"] === "c"));
});

test("runs that agree in a secret wait for each other, and nobody can read it where they wait", patience, async () => {
  const first = await ask("each", { key: "hunter2" });
  await requested(first);
  const [same, other] = [await ask("each", { key: "hunter2" }), await ask("each", { key: "x" })];
  await requested(other);
  expect(await waits(same)).toBe("1 of 1 run with the same key is at work (policy gated.each-concurrency.attr)");
  expect(JSON.stringify((await scene.bus.bucket(buckets.gate).get(gateKey("gated.each")))?.value)).not.toContain("hunter2");
  expect(requestsOf(same)).toEqual([]);
  await scene.finish(await requested(first), { status: "failed" });
  await scene.finish(await requested(same), {});
  expect(await ended(same)).toBe("succeeded");
});

test("one that comes while it cools down ends canceled, and says since when and until when", patience, async () => {
  const failing = await ask("heal", { name: "web-1" });
  await scene.finish(await requested(failing), { status: "failed" });
  await ended(failing);
  await until(() => isEmpty("heal"));
  const healing = await ask("heal", { name: "web-1" });
  await scene.finish(await requested(healing), {});
  await ended(healing);
  const [again, another] = [await ask("heal", { name: "web-1" }), await ask("heal", { name: "web-2" })];
  expect(await ended(again)).toBe("canceled");
  await requested(another);
  const words =
    /^gated\.heal is not run: one with name web-1 ended at .* UTC, the next may begin at .* UTC \(policy gated\.heal-cooldown\)/;
  await until(() => scene.seen().some((text) => words.test(text)));
  expect(requestsOf(again)).toEqual([]);
});

test("what cools down does so too where the engine died before a pass was given back", patience, async () => {
  const bucket = scene.bus.bucket(buckets.gate);
  const healed = await ask("heal", { name: "web-3" });
  await requested(healed);
  const gate = (await bucket.get(gateKey("gated.heal")))?.value;
  const inside = gate?.inside.filter(({ run }) => run === healed) ?? [];
  expect(inside).toHaveLength(1);
  await scene.finish(await requested(healed), {});
  await ended(healed);
  const lately = { "gated.heal-cooldown": {} };
  await scene.handled();
  await bucket.put(gateKey("gated.heal"), { v: 1, action: "gated.heal", inside, line: [], lately });
  await until(async () => (await bucket.get(gateKey("gated.heal")))?.value?.inside.length === 0);
  expect(await ended(await ask("heal", { name: "web-3" }))).toBe("canceled");
});

test("what may begin once in half a second does so, one after the other", patience, async () => {
  const runs: string[] = [];
  // Asks of two shards are taken at once: who is first is told by who is asked first alone where that one is in, or waits.
  for (let count = 0; count < 3; count++) {
    const run = await ask("paced");
    await until(async () => requestsOf(run).length > 0 || (await stateOf(run))?.gate?.why !== undefined);
    runs.push(run);
  }
  for (const run of runs) await scene.finish(await requested(run), {});
  const order = requestsOf(...runs).map(({ run }) => run);
  expect(order).toEqual(runs);
});

test("a run that fails is tried again by another, and answers once", patience, async () => {
  await scene.say("f1", "flaky a");
  const tries = () => scene.requests.filter(({ action }) => action === "gated.flaky");
  for (let count = 0; count < 3; count++) {
    await until(() => tries().length > count);
    const request = tries()[count];
    if (request === undefined) throw new Error("it was there");
    await scene.finish(request, count < 2 ? { status: "failed" } : { text: "at last" });
  }
  await until(() => scene.seen().includes("at last"));
  const states = await Promise.all(tries().map(({ run }) => stateOf(run)));
  expect(states.map((state) => [state?.status, state?.retry?.count, state?.answers])).toEqual([
    ["failed", undefined, states[0]?.answers],
    ["failed", 1, states[0]?.answers],
    ["succeeded", 2, states[0]?.answers],
  ]);
  expect(states.map((state) => state?.retried)).toEqual([tries()[1]?.run, tries()[2]?.run, undefined]);
  const answers = scene.sends.filter((send) => send.answers === keyOf("f1") && send.gesture === undefined);
  expect(answers.map(({ body }) => body.text)).toEqual(["at last"]);
});

test("who waited for as long as a policy allows fails", patience, async () => {
  const first = await ask("patient");
  await requested(first);
  const second = await ask("patient");
  expect(await ended(second)).toBe("failed");
  await until(() =>
    scene.seen().some((text) => text.startsWith("gated.patient waited 1 second, longer than policy gated.patient-wait allows.")),
  );
  await scene.finish(await requested(first), {});
  await until(() => isEmpty("patient"));
});

test("tasks of workflows wait as runs do, and nothing is left when they are done", patience, async () => {
  const runs = [await ask("calling"), await ask("calling")];
  for (let done = 0; done < 4; done++) {
    await until(() => requestsOf(...runs).length === done + 1);
    await scene.handled();
    expect(requestsOf(...runs)).toHaveLength(done + 1);
    const request = requestsOf(...runs)[done];
    if (request === undefined) throw new Error("it was there");
    await scene.finish(request, {});
  }
  for (const run of runs) expect(await ended(run)).toBe("succeeded");
  await until(() => isEmpty("narrow"));
});

test("workflows that wait for each other are found: one gives way and says so", patience, async () => {
  const [left, right] = [await ask("left", { deep: true }), await ask("right", { deep: true })];
  // Both hold theirs when they come to the other's.
  for (const first of [await requested(left), await requested(right)]) await scene.finish(first, {});
  const finished = new Set([left, right]);
  await until(async () => {
    for (const request of scene.requests) {
      if (request.action !== "gated.free" || finished.has(request.run)) continue;
      finished.add(request.run);
      await scene.finish(request, {});
    }
    return (await Promise.all([left, right].map(stateOf))).every((state) => state?.endedAt !== undefined);
  });
  expect([await ended(left), await ended(right)].toSorted()).toEqual(["failed", "succeeded"]);
  expect(scene.seen().some((text) => text.includes("is part of a workflow that others wait for"))).toBe(true);
  await until(async () => (await isEmpty("left")) && (await isEmpty("right")));
});

test("a pass that no run knows is taken back", patience, async () => {
  const nobody = runId({ key: "nobody", at: "2026-01-01T00:00:00.000Z", shard: 0 });
  const pass = { run: nobody, task: "main", attempt: 1, at: 1 };
  const action = "gated.narrow";
  await scene.bus.bucket(buckets.gate).put(gateKey(action), { v: 1, action, inside: [pass], line: [], lately: {} });
  const run = await ask("narrow");
  await scene.finish(await requested(run), {});
  expect(await ended(run)).toBe("succeeded");
});

test(
  "those who are refused while the queue of asks is full hear of it, although what tells them has to wait for what they asked",
  patience,
  async () => {
    const healed = await ask("heal", { name: "full" });
    await scene.finish(await requested(healed), {});
    await ended(healed);
    await until(async () => (await scene.bus.bucket(buckets.gate).get(gateKey("gated.heal")))?.value.inside.length === 0);
    await engine.stop();
    await scene.bus.setUp({ limits: { ASKED: { messagesPerSubject: 3 } } });
    const refused: string[] = [];
    while (refused.length < 3) {
      // The next key of one shard.
      while (shardOfKey(`ask ${count}`) !== 0) count++;
      refused.push(await ask("heal", { name: "full" }));
    }
    engine = await scene.startEngine({ concurrency: 2 });
    for (const run of refused) expect(await ended(run)).toBe("canceled");
    await scene.bus.setUp({ limits: { ASKED: { messagesPerSubject: -1 } } });
  },
);
