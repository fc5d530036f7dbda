import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { PackVersion, scaled } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { start } from "@bellhop/runner";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callBellhop } from "../testing.ts";

let nats: TestNats;
let bus: Bus;
let folder: string;
let runner: Service;
beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-sensor-"));
  // Leases in full: a sensor that moves says its event again.
  const durations = scaled(0.1, { lease: 50_000, runnerLease: 150_000, runnerIsolation: 120_000 });
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  const files = [
    { path: "sensors/tell.sh", text: `#!/bin/sh\necho 'hello there' >&2; echo '{"trigger": "told", "payload": {"n": 1}}'; sleep 300\n` },
    { path: "sensors/fail.sh", text: "#!/bin/sh\necho 'no luck' >&2; exit 3\n" },
  ].map(({ path, text }) => ({ path, executable: true, base64: Buffer.from(text).toString("base64") }));
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files } });
  const common = { nats: { url: nats.url }, folder, durations, logLevel: "silent", file: {} };
  runner = await start({ ...common, id: "r1", pools: ["default"], concurrency: 1, memoryMb: 64, sensors: true });
});
afterAll(async () => {
  await runner.stop();
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const source = { file: "sensors/x.yaml", line: 1, column: 1 };
const sensor = (name: string, more: object = {}) => {
  return {
    ref: `demo.${name}`,
    pack: "demo",
    name,
    description: `It may ${name}`,
    kind: "executable",
    entryPoint: `sensors/${name}.sh`,
    triggers: ["demo.told"],
    source,
    ...more,
  };
};
const pack = PackVersion.parse({
  v: 1,
  name: "demo",
  version: "1.0.0",
  digest: "demo1",
  actions: [],
  aliases: [],
  triggers: [{ ref: "demo.told", pack: "demo", name: "told", source }],
  sensors: [sensor("tell"), sensor("fail", { enabled: false })],
});

const bellhop = async (...args: string[]) =>
  await callBellhop(args, { env: { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats.url } });

const soon = { timeout: 25_000, interval: 100 };
const out = async (...args: string[]) => (await bellhop(...args)).out;

test("the list says how each sensor fares, and a switch is followed", async () => {
  await expect
    .poll(() => out("sensor", "list"), soon)
    .toMatch(/demo\.fail +off\ndemo\.tell +running +r1 +\d[-:\d ]+? +0 +1 +\d[-:\d ]+\n$/);
  expect((await bellhop("sensor", "enable", "demo.fail")).out).toBe("demo.fail is on.\n");
  await expect.poll(() => out("sensor", "list"), soon).toMatch(/demo\.fail +failed, again at .* exit code 3: no luck\n/);
  expect((await bellhop("sensor", "disable", "demo.fail", "--json")).out).toBe('{"sensor":"demo.fail","enabled":false}\n');
  await expect
    .poll(() => out("sensor", "show", "demo.fail"), soon)
    .toMatch(/is +off, by [\s\S]*state +off[\s\S]*fault +exit code 3: no luck/);
});

test("a sensor is shown, has a log, and begins anew when somebody says so", async () => {
  const shown = async () =>
    JSON.parse(await out("sensor", "show", "demo.tell", "--json")) as { instances: { events?: number; state: string }[] };
  await expect
    .poll(shown, soon)
    .toMatchObject({ ref: "demo.tell", enabled: true, instances: [{ state: "running", runner: "r1", events: 1 }] });
  const log = () => out("sensor", "log", "demo.tell");
  await expect.poll(log, soon).toMatch(/^\S+ \S+ {2}info {3}it begins on r1\n\S+ \S+ {2}info {3}hello there\n$/);
  expect((await bellhop("sensor", "restart", "demo.tell")).out).toBe("demo.tell begins anew.\n");
  await expect.poll(log, soon).toMatch(/hello there\n[\s\S]*hello there\n$/);
  expect(JSON.parse((await out("sensor", "log", "demo.tell", "--json")).split("\n")[0] ?? "")).toMatchObject({
    level: "info",
    partition: 0,
  });
});

test("a name that nobody has is told with the one that is near", async () => {
  const { code, err } = await bellhop("sensor", "show", "demo.tel");
  expect(code).toBe(1);
  expect(err).toContain("There is no sensor demo.tel. Did you mean demo.tell?");
});
