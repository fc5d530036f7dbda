import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, runId, scaled, type RunRecord } from "@bellhop/contracts";
import { openHistory, type History, type PastRunInFull } from "@bellhop/history";
import { Secret, silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { historyPlace } from "./history-settings.ts";

let nats: TestNats;
let bus: Bus;
let folder = "";
let history: History;
const engines: ChildProcess[] = [];
const durations = scaled(0.2);

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-history-"));
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  await bus.bucket(buckets.catalog).create("active.none", { v: 1, name: "none", version: "1", digest: "none" }).catch(() => undefined);
  await bus.bucket(buckets.catalog).delete("active.none");
});
afterAll(async () => {
  await Promise.all(engines.map(kill));
  await history?.close();
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a place is a file in the folder, or what a URL names, whose password is shown nowhere", () => {
  expect(historyPlace({ keepDays: 1 }, "/x")).toEqual({ kind: "sqlite", file: "/x/history.db" });
  const settings = { url: new Secret("postgres://u:hush@h/d"), keepDays: 1 };
  expect(historyPlace(settings, "/x")).toEqual({ kind: "postgres", url: "postgres://u:hush@h/d" });
  expect(JSON.stringify(settings)).not.toContain("hush");
});
