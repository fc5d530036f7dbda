import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buckets, durations, streams, subjects, type ActionRequested } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus, BusLog, BusRole } from "./bus.ts";
import { connectBus } from "./connect.ts";
import { finished, until } from "./scene.ts";
import {
  accountConfig,
  ensureCredentialsIn,
  findNatsServer,
  roles,
  startNatsServer,
  leafAccountConfig,
  type NatsServer,
} from "./server/index.ts";

// A site with a nats-server of its own, which keeps nothing and passes everything on to the hub, where Bellhop has an account beside others'.
const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
const buses: Bus[] = [];
const servers: NatsServer[] = [];
let root = "";
let keys: Record<BusRole, string>;
let hub: NatsServer;
let leaf: NatsServer;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function as(role: BusRole, url: string): Promise<Bus> {
  const bus = await connectBus({ url, role, name: role, credentials: keys[role], durations: { ...durations }, log });
  buses.push(bus);
  return bus;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bellhop-leaf-"));
  const { binary } = await findNatsServer({ root: fileURLToPath(new URL("../../../.bellhop", import.meta.url)), env: process.env });
  const users = await ensureCredentialsIn(root, roles);
  keys = Object.fromEntries(users.map(({ role, file }) => [role, file])) as Record<BusRole, string>;
  const port = await freePort();
  const others = "OTHERS: { jetstream: enabled, users: [{ user: others, password: others }] }";
  const account = accountConfig({ name: "BELLHOP", users });
  const leafUser = `{ user: site-b, password: s3cret, account: BELLHOP }`;
  const config = `server_name: hub\njetstream: { domain: hub }\naccounts: {\n${others}\n${account}}\nleafnodes: { listen: "127.0.0.1:${port}", authorization: { users: [${leafUser}] } }\n`;
  hub = await startNatsServer({ binary, storeDir: join(root, "hub"), config });
  // Only runners are known here, by the rights that they have anywhere.
  const runners = leafAccountConfig({ name: "SITE", users: users.filter(({ role }) => role === "runner"), domain: "hub" });
  const toHub = `{ url: "nats-leaf://site-b:s3cret@127.0.0.1:${port}", account: SITE }`;
  const remote = `server_name: site-b\naccounts: {\n${runners}}\nleafnodes: { remotes: [${toHub}] }\n`;
  leaf = await startNatsServer({ binary, storeDir: join(root, "leaf"), config: remote, withoutJetStream: true });
  servers.push(leaf, hub);
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.drain()));
  for (const server of servers) await server.stop();
  await rm(root, { recursive: true, force: true });
});

const request: ActionRequested = {
  v: 1,
  run: "01M80TECA6BGBNK5DE3EH9NW02",
  task: "main",
  attempt: 1,
  pool: "site-b",
  action: "a.b",
  digest: "d",
  input: {},
  timeoutMs: 1_000,
  repeatable: false,
};

test("a runner behind a leaf node takes its pool's work, keeps its records and tells the result, with its own rights alone", async () => {
  await (await as("operator", hub.url)).setUp();
  const [engine, runner] = await Promise.all([as("engine", hub.url), as("runner", leaf.url)]);
  const results: string[] = [];
  await engine.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: "action.finished.*",
    durable: "finished_all",
    concurrency: 1,
    keyOf: ({ run }) => run,
    handle: async ({ outcome }) => void results.push(outcome.status),
  });
  const [watcher, member] = await Promise.all([
    engine.join({ role: "engine", lengthMs: 10_000, renewalMs: 500 }),
    runner.join({ role: "runner", id: "b1", lengthMs: 10_000, renewalMs: 500 }),
  ]);
  const told: string[] = [];
  runner.hear(subjects.control, "control.*", ({ kind }) => void told.push(kind));
  await runner.consume({
    subject: subjects.action.requested,
    stream: streams.action,
    filter: subjects.action.requested.filter({ pool: "site-b" }),
    durable: "pool_site-b",
    concurrency: 1,
    prefetch: 0,
    keyOf: ({ run }) => run,
    async handle({ run }, delivery) {
      const claim = {
        v: 1 as const,
        run,
        task: "main",
        attempt: 1,
        runner: "b1",
        epoch: member.epoch,
        state: "claimed" as const,
        repeatable: false,
        at: "2026-01-01T00:00:00.000Z",
      };
      expect(await runner.bucket(buckets.attempt).create("r.main.1", claim)).toBeDefined();
      await delivery.ack();
      expect(await runner.bucket(buckets.attempt).get("r.main.1")).toMatchObject({ value: claim });
      const output = await runner.storeValue("x".repeat(100_000));
      await runner.publish(subjects.action.finished, finished(1, { run, outcome: { status: "succeeded", output } }), { id: "fin" });
    },
  });
  await engine.publish(subjects.action.requested, request, { id: "req" });
  await until(() => results.length === 1 && watcher.members("runner").length === 1);
  expect(results).toEqual(["succeeded"]);
  engine.tell(subjects.control, { v: 1, run: request.run, kind: "cancel" });
  await until(() => told.length === 1);
  await expect(
    runner.publish(
      subjects.run.changed,
      { v: 1, run: request.run, revision: 1, event: { id: "e", kind: "k" }, commands: [], at: "2026-01-01T00:00:00.000Z" },
      { id: "no" },
    ),
  ).rejects.toMatchObject({ code: "nats_denied" });
});
