import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  buckets,
  configKey,
  PackVersion,
  sensorKey,
  streams,
  subjects,
  token,
  type SensorDefinition,
  type SensorStatus,
  type SensorSwitch,
  type TriggerFired,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { until } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openStatus } from "./sensors/status.ts";
import { markedBy, startScene, type Scene } from "./testing.ts";

let scene: Scene;
let fired: TriggerFired[] = [];
let collecting: { drain(): Promise<void> };
let packs = 0;

beforeAll(async () => {
  // Of runners within this process, of which none is killed: they lose no lease on a machine that has much to do. Those that are processes have half a second.
  scene = await startScene({ durations: { lease: 100_000 } });
  collecting = await scene.bus.consume({
    subject: subjects.trigger.fired,
    stream: streams.trigger,
    filter: "trigger.fired.>",
    durable: "test",
    concurrency: 1,
    keyOf: ({ event }) => event,
    handle: async (one) => void fired.push(one),
  });
});
beforeEach(() => (fired = []));
afterEach(() => scene.clear());
afterAll(async () => {
  await collecting.drain();
  await scene.end();
});

interface Program {
  /** A program in sh, or the spec of a sensor in TypeScript. */
  sh?: string;
  ts?: string;
  more?: Partial<SensorDefinition>;
}

/** A pack with these sensors becomes active, under a name of its own or as another version of one. */
async function activate(programs: Record<string, Program>, name = `shop${++packs}`, config?: PackVersion["config"]) {
  const file = (path: string, text: string) => ({ path, executable: path.endsWith(".sh"), base64: Buffer.from(text).toString("base64") });
  const pathOf = (sensor: string, { ts }: Program) => `sensors/${sensor}${ts === undefined ? ".sh" : ".mjs"}`;
  const digest = createHash("sha256")
    .update(JSON.stringify([name, programs]))
    .digest("hex")
    .slice(0, 32);
  const source = { file: "sensors/x", line: 1, column: 1 };
  const version = PackVersion.parse({
    v: 1,
    name,
    version: "1.0.0",
    digest,
    config,
    actions: [],
    aliases: [],
    triggers: [
      { ref: `${name}.number`, pack: name, name: "number", source },
      { ref: `${name}.typed`, pack: name, name: "typed", payload: { type: "object", properties: { n: { type: "integer" } } }, source },
    ],
    sensors: Object.entries(programs).map(([sensor, program]) => ({
      ref: `${name}.${sensor}`,
      pack: name,
      name: sensor,
      kind: program.ts === undefined ? "executable" : "typescript",
      entryPoint: pathOf(sensor, program),
      triggers: [`${name}.number`],
      source,
      ...program.more,
    })),
  });
  const files = Object.entries(programs).map(([sensor, program]) => {
    const { sh, ts } = program;
    const module = `import { defineSensor, z } from "@bellhop/sdk";
      import { appendFileSync, readFileSync } from "node:fs";
      export default defineSensor({ description: "", triggers: { number: z.object({ n: z.number() }) }, ${ts} });`;
    return file(pathOf(sensor, program), ts === undefined ? `#!/bin/sh\n${sh}` : module);
  });
  await activatePack(scene.bus, { version, files: { v: 1, digest, files } });
  return { name, remove: () => scene.bus.bucket(buckets.catalog).delete(`active.${name}`) };
}

async function statusOf(sensor: string, index = 0): Promise<SensorStatus | undefined> {
  return (await scene.bus.bucket(buckets.sensorStatus).get(sensorKey({ sensor, index })))?.value;
}

async function say(sensor: string, what: Partial<SensorSwitch>): Promise<void> {
  await scene.bus.bucket(buckets.sensor).put(token(sensor), { v: 1, sensor, by: "test", at: new Date().toISOString(), ...what });
}

function readable(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}

const soon = { timeout: 25_000, interval: 50 };
const numbers = (pack: string) =>
  fired.filter(({ trigger }) => trigger === `${pack}.number`).map(({ payload }) => (payload as { inline: { n: number } }).inline.n);

test("a sensor goes on elsewhere when its runner is killed: nothing is lost, and nothing is told twice", async () => {
  const file = scene.file();
  const { name, remove } = await activate({
    count: {
      ts: `every: 0.01, poll: async ({ emit, state }) => {
        const n = Number((await state.get("n")) ?? 0) + 1;
        appendFileSync(${JSON.stringify(file)}, process.pid + "\\n");
        await emit("number", { n }, { key: String(n) });
        // Every third is told twice, as one whose answer was late would be.
        if (n % 3 === 0) await emit("number", { n }, { key: String(n) });
        await state.set("n", n);
      }`,
    },
  });
  const runners = new Map(["a", "b"].map((id) => [id, scene.process({ BELLHOP_RUNNER_ID: id })]));
  let killed = 0;
  for (const least of [20, 40]) {
    await expect.poll(() => numbers(name).length, soon).toBeGreaterThan(least * (killed + 1));
    const holder = (await statusOf(`${name}.count`))?.runner ?? "";
    runners.get(holder)?.child.kill("SIGKILL");
    await runners.get(holder)?.exited;
    killed++;
    runners.set(holder, scene.process({ BELLHOP_RUNNER_ID: holder }));
    await expect.poll(async () => (await statusOf(`${name}.count`))?.runner, soon).not.toBe(holder);
    const before = numbers(name).length;
    await expect.poll(() => numbers(name).length, soon).toBeGreaterThan(before + 10);
  }
  await remove();
  await expect
    .poll(
      async () =>
        (await markedBy({ folder: scene.folder, id: "a" }))
          .concat(await markedBy({ folder: scene.folder, id: "b" }))
          .filter(({ mark }) => mark.includes(".s")),
      soon,
    )
    .toEqual([]);
  const all = numbers(name);
  expect(all).toEqual(all.map((_, index) => index + 1));
  const life = readFileSync(file, "utf8").trim().split("\n");
  // One process at a time: the next begins when the one before has said its last word.
  expect(life.filter((pid, index) => pid !== life[index - 1])).toHaveLength(new Set(life).size);
  expect(new Set(life).size).toBeGreaterThan(killed);
});

test("a runner that was stopped for a while says nothing more of a sensor that another has by then", async () => {
  const { name, remove } = await activate({
    beat: {
      sh: `while :; do echo "{\\"trigger\\": \\"number\\", \\"payload\\": {\\"n\\": $$}}"; sleep 0.2; done`,
    },
  });
  // Leases of three seconds: nobody but who is stopped is to lose his, however much there is to do beside.
  const env = { BELLHOP_TIME_FACTOR: "0.6" };
  const runners = new Map(["c", "d"].map((id) => [id, scene.process({ ...env, BELLHOP_RUNNER_ID: id })]));
  await expect.poll(() => numbers(name).length, soon).toBeGreaterThan(5);
  const [first = 0] = numbers(name);
  await expect.poll(async () => (await statusOf(`${name}.beat`))?.runner, soon).toBeDefined();
  const holder = (await statusOf(`${name}.beat`))?.runner ?? "";
  // Between two events: one that was on its way to NATS would get there once the runner goes on.
  const said = numbers(name).length;
  await until(() => numbers(name).length > said);
  runners.get(holder)?.child.kill("SIGSTOP");
  await expect.poll(() => numbers(name).at(-1), soon).not.toBe(first);
  // Its sensor went on meanwhile, and nobody read what it said.
  const goesOn = () => readable(`/proc/${first}/stat`);
  expect(goesOn()).toBe(true);
  runners.get(holder)?.child.kill("SIGCONT");
  await expect.poll(goesOn, soon).toBe(false);
  const heard = numbers(name).length;
  await expect.poll(() => numbers(name).length, soon).toBeGreaterThan(heard + 5);
  const all = numbers(name);
  expect(all.slice(all.findIndex((pid) => pid !== first))).not.toContain(first);
  await remove();
});

test("a program says events line by line, hears what is stored, remembers, and a line that is wrong costs no other", async () => {
  const told = scene.file();
  const { name } = await activate({
    say: {
      sh: `read -r hello; echo "$hello" >> ${told}
        echo 'no json'
        echo '{"trigger": "number", "payload": {"n": 1}, "key": "one"}'
        read -r answer; echo "$answer" >> ${told}
        echo '{"trigger": "number", "payload": {"n": 1}, "key": "one"}'
        read -r answer; echo "$answer" >> ${told}
        echo '{"trigger": "nobody.knows", "payload": {}, "id": 7}'
        read -r answer; echo "$answer" >> ${told}
        echo '{"trigger": "typed", "payload": {"n": "two"}}'
        read -r answer; echo "$answer" >> ${told}
        echo '{"trigger": "typed", "payload": {}, "key": "a line\\u000aand another"}'
        read -r answer; printf '%s\\n' "$answer" >> ${told}
        echo '{"get": "", "id": 8}'
        read -r answer; echo "$answer" >> ${told}
        echo '{"set": "odd", "value": {"$sealed": {"kid": "k", "iv": "", "data": "", "tag": ""}}}'; echo '{"get": "odd"}'
        read -r answer; read -r answer; echo "$answer" >> ${told}
        echo '{"set": "after", "value": 5, "ttl": 1e18}'; echo '{"get": "after"}'
        read -r answer; echo "$answer" >> ${told}; read -r answer; echo "$answer" >> ${told}
        echo "for people, $BELLHOP_SENSOR" >&2
        echo '{"trigger": "number", "payload": {"n": 2}}'
        sleep 300`,
    },
  });
  await scene.runner({ sensors: true });
  await expect.poll(() => numbers(name), soon).toEqual([1, 2]);
  const [hello, ...answers] = scene.lines(told).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(hello).toEqual({ sensor: `${name}.say`, config: {}, partition: { index: 0, count: 1 } });
  const [first] = fired.filter(({ trigger }) => trigger === `${name}.number`);
  const event = first?.event;
  expect(answers).toEqual([
    { stored: "one", event, again: false },
    { stored: "one", event, again: true },
    { id: 7, refused: expect.stringContaining("there is no trigger nobody.knows") },
    { refused: "payload.n should be a whole number" },
    expect.objectContaining({ stored: "a line\nand another", again: false }),
    { id: 8, failed: expect.stringMatching(/^get: /) },
    { get: "odd", value: "[secret]" },
    { set: "after" },
    { get: "after", value: 5 },
  ]);
  expect(first).toMatchObject({ key: `sensor/${name}.say/number/one`, source: { kind: "sensor", name: `${name}.say` } });
  await expect.poll(async () => (await statusOf(`${name}.say`))?.events, soon).toBe(3);
  const log = (await statusOf(`${name}.say`))?.log.map(({ level, text }) => `${level} ${text}`);
  expect(log).toEqual([
    expect.stringMatching(/^info it begins on /),
    expect.stringMatching(/^error line 1 is not understood: it is no JSON object: /),
    expect.stringContaining("error an event of nobody.knows was dropped"),
    expect.stringContaining("warn an event of "),
    expect.stringMatching(/^error line \d+ is not understood: get: /),
    `info for people, ${name}.say`,
  ]);
});

test("a trigger of another pack is fired where bellhop.yaml allows it, checked by that pack's schema, and refused with the setting elsewhere", async () => {
  const { name: other } = await activate({});
  const told = scene.file();
  const say = (n: unknown) =>
    `echo '{"trigger": "${other}.typed", "payload": {"n": ${JSON.stringify(n)}}, "key": "k"}'; read -r answer; echo "$answer" >> ${told}`;
  const { name } = await activate({ foreign: { sh: `read -r hello; ${say("two")}; ${say(2)}; ${say(2)}; sleep 300` } }, "allowed");
  await activate({ foreign: { sh: `read -r hello; ${say(3)}; sleep 300` } });
  await scene.runner({ sensors: true, foreignTriggers: { allowed: [`${other}.*`] } });
  await expect.poll(() => scene.lines(told).length, soon).toBe(4);
  const answers = scene.lines(told).map((line) => JSON.parse(line) as Record<string, unknown>);
  const [refused, first, again, setting] = answers.toSorted((a, b) => Number(inTurn(a)) - Number(inTurn(b)));
  expect(refused).toMatchObject({ refused: "payload.n should be a whole number" });
  expect([first, again]).toMatchObject([{ again: false }, { again: true }]);
  expect(setting?.["refused"]).toMatch(
    /another pack's trigger, and `runner: \{foreignTriggers: \{shop\d+: \[shop\d+\.typed\]\}\}` of bellhop\.yaml/,
  );
  const [event, ...others] = fired.filter(({ trigger }) => trigger === `${other}.typed`);
  expect(event).toMatchObject({ key: `sensor/${name}.foreign//${other}.typed/k`, source: { name: `${name}.foreign` } });
  expect(others).toEqual([]);

  /** What is said to the two sensors comes in any order between them. */
  function inTurn({ refused: why, again: isAgain }: Record<string, unknown>): number {
    return typeof why === "string" ? (why.startsWith("payload") ? 0 : 3) : isAgain === true ? 2 : 1;
  }
});

test("one that fails begins anew with growing pauses, and at once when somebody says so", async () => {
  const starts = scene.file();
  const { name } = await activate({ fail: { sh: `echo started >> ${starts}; echo 'no luck' >&2; exit 3` } });
  const sensor = `${name}.fail`;
  await scene.runner({ sensors: true });
  await expect.poll(async () => (await statusOf(sensor))?.failures ?? 0, soon).toBeGreaterThanOrEqual(4);
  const status = await statusOf(sensor);
  expect(status).toMatchObject({ state: "waiting", error: { why: "exit code 3: no luck" } });
  expect(status?.restarts).toBe(status?.failures);
  // The fifth pause has begun by now: at least 0.8 s at a tenth of the usual.
  const before = scene.lines(starts).length;
  await say(sensor, { restart: "now" });
  await expect.poll(() => scene.lines(starts).length, soon).toBeGreaterThan(before);
  await expect.poll(async () => (await statusOf(sensor))?.restart, soon).toBe("now");
  await say(sensor, { enabled: false });
  await expect.poll(async () => (await statusOf(sensor))?.state, soon).toBe("stopped");
});

test("secrets of its configuration are in nothing that it says, and not in why it failed", async () => {
  const { name } = await activate(
    {
      tell: {
        sh: `echo "{\\"trigger\\": \\"number\\", \\"payload\\": {\\"n\\": 1, \\"url\\": \\"https://x.test/$BELLHOP_CONFIG_token\\"}}"
          echo "word $BELLHOP_CONFIG_token"; echo "no luck with $BELLHOP_CONFIG_token" >&2; exit 3`,
      },
    },
    undefined,
    { token: { type: "string", secret: true, required: true } },
  );
  await scene.bus.bucket(buckets.config).put(configKey({ pack: name }), { v: 1, values: { token: scene.keyring.seal("t0p-secret") } });
  await scene.runner({ sensors: true });
  await expect.poll(async () => (await statusOf(`${name}.tell`))?.error?.why, soon).toBe("exit code 3: no luck with [secret]");
  await expect.poll(() => fired.some(({ trigger }) => trigger === "core.st2.sensor.process_exit"), soon).toBe(true);
  expect(fired.find(({ trigger }) => trigger === `${name}.number`)?.payload).toEqual({ inline: { n: 1, url: "https://x.test/[secret]" } });
  expect(JSON.stringify([fired, await statusOf(`${name}.tell`)])).not.toContain("t0p");
});

test("one that ended stays so, wherever it would be next, until there is a new version", async () => {
  const starts = scene.file();
  const { name } = await activate({ end: { sh: `echo one >> ${starts}` } });
  const sensor = `${name}.end`;
  const first = await scene.runner({ sensors: true });
  await expect.poll(async () => (await statusOf(sensor))?.state, soon).toBe("ended");
  await first.stop();
  await scene.runner({ sensors: true });
  const second = await activate({ go: { sh: `echo '{"trigger": "number", "payload": {"n": 9}}'; sleep 300` } });
  await expect.poll(() => numbers(second.name), soon).toEqual([9]);
  expect(scene.lines(starts)).toEqual(["one"]);
  await activate({ end: { sh: `echo two >> ${starts}; sleep 300` } }, name);
  await expect.poll(() => scene.lines(starts), soon).toEqual(["one", "two"]);
  await activate({ end: { sh: `echo three >> ${starts}; sleep 300` } }, name);
  await expect.poll(() => scene.lines(starts), soon).toEqual(["one", "two", "three"]);
});

test("how an instance ended is written also when its lease is over by then, but not over what another says of it", async () => {
  const known = {
    v: 1,
    sensor: "shop.end",
    partition: { index: 0, count: 1 },
    digest: "d",
    runner: "one",
    since: new Date().toISOString(),
  } as const;
  const first: SensorStatus = { ...known, state: "running", failures: 0, restarts: 0, events: 0, log: [] };
  const bucket = scene.bus.bucket(buckets.sensorStatus);
  const open = (revision: number) => openStatus({ bus: scene.bus, first, revision, mayWrite: () => false, everyMs: 1, log: silentLog });
  const late = open(0);
  late.change({ state: "ended" });
  await late.settle();
  expect(await statusOf("shop.end")).toMatchObject({ state: "ended", runner: "one" });
  const begun = await bucket.put(sensorKey({ sensor: "shop.end", index: 0 }), { ...first, runner: "two" });
  const later = open(begun - 1);
  later.change({ state: "ended" });
  await later.settle();
  expect(await statusOf("shop.end")).toMatchObject({ state: "running", runner: "two" });
});

test("a look that takes too long is ended, and a program with an interval is one process for each look", async () => {
  const looks = scene.file();
  const { name } = await activate({
    hang: { ts: `every: 0.01, poll: () => { for (;;); }`, more: { pollInterval: 0.01, timeoutMs: 300 } },
    look: { sh: `echo $$ >> ${looks}; echo '{"trigger": "number", "payload": {"n": 1}, "key": "same"}'`, more: { pollInterval: 0.01 } },
    python: { sh: "", more: { kind: "python", entryPoint: "sensors/python.py" } },
  });
  await scene.runner({ sensors: true });
  await expect.poll(async () => (await statusOf(`${name}.hang`))?.error?.why, soon).toBe("one look took longer than 0.3 s");
  await expect.poll(() => new Set(scene.lines(looks)).size, soon).toBeGreaterThan(3);
  expect(numbers(name)).toEqual([1]);
  await expect
    .poll(async () => await statusOf(`${name}.python`), soon)
    .toMatchObject({ state: "refused", error: { why: expect.stringContaining("Python") } });
});

test("partitions are shared out evenly, and follow runners that come and go", async () => {
  const { name } = await activate({
    part: {
      sh: `echo "{\\"trigger\\": \\"number\\", \\"payload\\": {\\"n\\": $BELLHOP_PARTITION}}"; sleep 300`,
      more: { partitions: 4, pool: "parts" },
    },
  });
  const holders = async () => {
    const all = await Promise.all([0, 1, 2, 3].map((index) => statusOf(`${name}.part`, index)));
    return all.map((status) => status?.runner ?? "").toSorted((a, b) => a.localeCompare(b));
  };
  const first = await scene.runner({ sensors: true, id: "one", pools: ["parts"] });
  await expect.poll(holders, soon).toEqual(["one", "one", "one", "one"]);
  await scene.runner({ sensors: true, id: "two", pools: ["parts"] });
  await expect.poll(holders, soon).toEqual(["one", "one", "two", "two"]);
  await first.stop();
  await expect.poll(holders, soon).toEqual(["two", "two", "two", "two"]);
  // Four at first, and each of those that moved once more.
  await expect.poll(() => numbers(name).toSorted((a, b) => a - b), soon).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
});
