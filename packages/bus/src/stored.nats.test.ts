import { buckets, streams } from "@bellhop/contracts";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import { startScene, type Scene } from "./scene.ts";

let scene: Scene;
let nc: NatsConnection;
let manager: JetStreamManager;
let bus: Bus;

beforeAll(async () => {
  scene = await startScene();
  nc = await connect({ servers: scene.nats.url });
  manager = await jetstreamManager(nc);
  bus = await scene.connect();
});
afterAll(async () => {
  await nc.close();
  await scene.end();
});

/** As streams with copies on several servers are: nobody but their leader answers. */
async function readByLeader(stream: string, direct: boolean): Promise<void> {
  await manager.streams.update(stream, { allow_direct: direct });
}

test.each([true, false])("a key reads the same whoever answers (direct access: %s)", async (direct) => {
  await readByLeader(`KV_${buckets.owners.name}`, direct);
  const owners = bus.bucket(buckets.owners);
  expect(await owners.get("none")).toBeUndefined();
  const revision = await owners.create("owners", { v: 1, owners: ["slack:T1/Ü"] });
  expect(revision).toBeDefined();
  expect(await owners.get("owners")).toMatchObject({
    value: { owners: ["slack:T1/Ü"] },
    revision,
    createdAt: expect.any(Number) as number,
  });
  // A mark's header has to be read too.
  await owners.delete("owners");
  expect(await owners.get("owners")).toBeUndefined();
  expect(await owners.create("owners", { v: 1, owners: [] })).toBeDefined();
  await owners.delete("owners");
});

test.each([true, false])("a log and objects read the same whoever answers (direct access: %s)", async (direct) => {
  for (const stream of [streams.run.name, "OBJ_values"]) await readByLeader(stream, direct);
  const run = `01M80TECA6BGBNK5DE3EH9N${direct ? "W" : "X"}02`;
  expect(await bus.log.last(run)).toBeUndefined();
  const record = (revision: number) => ({
    v: 1 as const,
    run,
    revision,
    event: { id: `e${revision}`, kind: "asked" },
    commands: [],
    at: "2026-01-01T00:00:00.000Z",
  });
  const first = await bus.log.append(record(1), { after: 0 });
  if (first.kind !== "appended") throw new Error("the log is new");
  await bus.log.append(record(2), { after: first.sequence });
  expect(await bus.log.first(run)).toMatchObject({ record: { revision: 1 }, sequence: first.sequence });
  expect(await bus.log.last(run)).toMatchObject({ record: { revision: 2 } });
  const name = `by-${direct}`;
  await bus.objects("values").put(name, new Uint8Array(300_000).fill(7));
  expect(await bus.objects("values").get(name)).toEqual(new Uint8Array(300_000).fill(7));
  expect(await bus.objects("values").has("none")).toBe(false);
});
