import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPlatform, type Platform } from "../platforms.ts";
import { startStage, type LogLine, type PartName, type Stage } from "../stage.ts";
import { ask } from "../team.ts";
import { corePack } from "./packs.ts";
import { until } from "../until.ts";

const parts = ["slack-1", "engine-1", "runner-1"] as const;
const cli = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");

let collector: { url: string; spans: Span[]; close(): void };
let slack: Platform;
let stage: Stage;

beforeAll(async () => {
  collector = await startCollector();
  slack = await openPlatform("slack", { rooms: ["ops"] });
  const durations = { figuresEvery: 100 };
  const env = { BELLHOP_HTTP: "127.0.0.1:0", OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  stage = await startStage({ factor: 1, packs: [corePack], durations, env, keepLogs: true });
  stage.configure({ owners: [slack.identity("ana")], durations });
  stage.start("engine-1");
  stage.start("runner-1");
  stage.start("slack-1", { env: slack.env });
  await Promise.all(parts.map(ready));
});
afterAll(async () => {
  await stage.end();
  await slack.close();
  collector.close();
});

test("one trace id leads through the logs of all processes, from the message to the reply", async () => {
  const { answer } = await ask(slack, { text: "!echo hello" });
  expect(answer.text).toBe("hello");
  const trace = await traceOfLast();
  await until(() => said("slack-1", trace).includes("the reply was sent"), { instead: () => said("slack-1", trace).join() });
  await until(() => said("engine-1", trace).includes("action finished"), { instead: () => said("engine-1", trace).join() });
  await until(() => said("runner-1", trace).includes("attempt finished"), { instead: () => said("runner-1", trace).join() });
  expect(Object.fromEntries(parts.map((part) => [part, said(part, trace)]))).toEqual({
    "slack-1": ["stored what was heard", "the reply was sent"],
    "engine-1": ["message decided", "action finished"],
    "runner-1": ["attempt started", "attempt finished"],
  });
});

test("the same command is one trace in the collector, across the processes", async () => {
  const trace = await traceOfLast();
  const inTrace = () => collector.spans.filter(({ traceId }) => traceId === trace);
  const names = ["attempt", "decide", "finish", "receive", "send"];
  await until(() => new Set(inTrace().map(({ name }) => name)).size === names.length, { instead: () => JSON.stringify(inTrace()) });
  const byName = new Map(inTrace().map((span) => [span.name, span]));
  const parentOf = (name: string) => inTrace().find(({ spanId }) => spanId === byName.get(name)?.parentSpanId)?.name;
  expect(names.map((name) => `${parentOf(name) ?? "nothing"} -> ${name} (${byName.get(name)?.service})`)).toEqual([
    "decide -> attempt (bellhop-runner)",
    "receive -> decide (bellhop-engine)",
    "attempt -> finish (bellhop-engine)",
    "nothing -> receive (bellhop-gateway-slack)",
    "decide -> send (bellhop-gateway-slack)",
  ]);
});

test("the trace is the same after -9 of each of them and what that has delivered again", async () => {
  const crashes = { "slack-1": "gateway.stored", "engine-1": "engine.saved", "runner-1": "runner.published" } as const;
  for (const part of parts) {
    await stage.stop(part);
    stage.start(part, { crash: crashes[part] });
  }
  await Promise.all(parts.map(ready));
  await ask(slack, { text: "!echo again" });
  await until(() => stage.crashes().length === parts.length, { instead: () => stage.crashes().join() });
  const trace = await traceOfLast();
  const stations = ["stored what was heard", "message decided", "attempt started", "action finished", "the reply was sent"];
  const found = () => parts.flatMap((part) => said(part, trace));
  await until(() => stations.every((station) => found().includes(station)), { instead: () => found().join() });
  // Nothing of it is anywhere under another trace.
  const run = stage.logLines("engine-1").findLast((line) => line.trace === trace)?.run;
  const ofRun = parts.flatMap((part) => stage.logLines(part)).filter((line) => line.run === run && line.trace !== undefined);
  expect(new Set(ofRun.map((line) => line.trace))).toEqual(new Set([trace]));
});

test("what waits for a runner is counted, with its age, until one takes it", async () => {
  await Promise.all(parts.map(ready));
  await stage.stop("runner-1");
  const said = await slack.say({ text: "!echo patience" });
  const waiting = async () => {
    const figures = await metrics("engine-1");
    const of = { stream: "ACTION", queue: "default" };
    return [value(figures, "bellhop_queue_messages", of), value(figures, "bellhop_queue_oldest_age_seconds", of)];
  };
  await until(async () => {
    const [messages = 0, age = 0] = await waiting();
    return messages === 1 && age > 0;
  });
  expect(value(await metrics("engine-1"), "bellhop_runs", { status: "scheduled" })).toBe(1);
  stage.start("runner-1");
  await until(() => said.answers().length > 0, { instead: () => "no answer" });
  await until(async () => (await waiting())[0] === undefined);
});

test("each process shows its part of the work, and nobody's words", async () => {
  await Promise.all(parts.map(ready));
  await ask(slack, { text: "!echo counted" });
  const shown = async () => (await Promise.all(parts.map(metrics))).join("\n");
  const wanted: [name: string, labels: Record<string, string>, atLeast: number][] = [
    ["bellhop_messages_total", { platform: "slack", outcome: "stored" }, 1],
    ["bellhop_decisions_total", { verdict: "run" }, 1],
    ["bellhop_attempts_total", { pool: "default", outcome: "succeeded" }, 1],
    ["bellhop_attempt_seconds_count", { pool: "default" }, 1],
    ["bellhop_runs_ended_total", { status: "succeeded" }, 1],
    ["bellhop_platform_calls_total", { platform: "slack", call: "post", outcome: "sent" }, 1],
    ["bellhop_sends_total", { platform: "slack", outcome: "sent" }, 1],
    ["bellhop_reply_seconds_count", { platform: "slack" }, 1],
    ["bellhop_members", { role: "runner" }, 1],
    ["bellhop_leases_held", { part: "engine", lease: "shard" }, 16],
    ["bellhop_leases_held", { part: "gateway-slack", lease: "sender" }, 1],
    ["bellhop_shards_unheld", {}, 0],
    ["bellhop_nats_round_trip_seconds", { part: "runner" }, 0],
    ["process_resident_memory_bytes", {}, 1],
  ];
  let text = "";
  const missing = () => wanted.filter(([name, labels, atLeast]) => (value(text, name, labels) ?? -1) < atLeast);
  await until(
    async () => {
      text = await shown();
      return missing().length === 0;
    },
    { instead: missing },
  );
  const secrets = ["counted", "echo", slack.roomId("ops"), slack.identity("ana").split("/").at(-1) ?? "", ...Object.values(slack.env)];
  for (const secret of secrets.filter(({ length }) => length > 3)) expect(text).not.toContain(secret);
});

test("up shows all of its parts at one address", async () => {
  const env = {
    PATH: process.env.PATH,
    HOME: stage.folder,
    BELLHOP_FOLDER: join(stage.folder, "up"),
    NATS_URL: stage.nats.url,
    BELLHOP_HTTP: "127.0.0.1:0",
  };
  const up = spawn(process.execPath, [cli, "up", "--json"], { cwd: stage.folder, env, stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(up.stdout.setEncoding("utf8"), "data")) as [string];
    const { http } = JSON.parse(line) as { http: string };
    await until(async () => (await fetch(`${http}/readyz`)).status === 200);
    const { checks } = (await (await fetch(`${http}/readyz`)).json()) as { checks: { name: string }[] };
    const names = checks.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["up.parts", "engine.state", "engine.nats", "engine.shards", "runner.nats", "runner.contact"]),
    );
    const figures = await (await fetch(`${http}/metrics`)).text();
    for (const part of ["engine", "runner"]) expect(value(figures, "bellhop_nats_connected", { part })).toBe(1);
  } finally {
    up.kill("SIGTERM");
    await once(up, "exit");
  }
});

test("while NATS is away every process lives, and says that it is not ready and why", async () => {
  await stage.nats.kill9();
  for (const part of parts) {
    await until(async () => (await get(part, "/readyz")).status === 503);
    const { checks } = JSON.parse((await get(part, "/readyz")).text) as { checks: { name: string; ok: boolean; hint?: string }[] };
    expect(checks.find(({ name }) => name.endsWith(".nats"))).toMatchObject({ ok: false, hint: expect.stringContaining("nats-server") });
    expect((await get(part, "/healthz")).status).toBe(200);
    await until(async () => /^bellhop_nats_connected\{[^}]*\} 0$/m.test(await metrics(part)));
  }
  await stage.nats.restart();
  await Promise.all(parts.map(ready));
  await until(async () => value(await metrics("engine-1"), "bellhop_nats_round_trip_seconds", { part: "engine" }) !== undefined);
});

/** Resolves once the part, in the life that it lives now, is ready. */
async function ready(part: PartName): Promise<void> {
  await until(async () => (await get(part, "/readyz")).status === 200);
}

async function metrics(part: PartName): Promise<string> {
  return (await get(part, "/metrics")).text;
}

/** Status 0: nobody listens there now. */
async function get(part: PartName, path: string): Promise<{ status: number; text: string }> {
  const line = stage.logLines(part).findLast(({ msg }) => msg === "health and metrics are served");
  if (line === undefined || line.pid !== stage.pids().get(part)) return { status: 0, text: "" };
  try {
    const response = await fetch(`${String(line.url)}${path}`);
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: "" };
  }
}

function value(text: string, name: string, labels: Record<string, string>): number | undefined {
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    if (Object.entries(labels).every(([label, wanted]) => line.includes(`${label}="${wanted}"`))) return Number(line.split(" ").at(-1));
  }
  return undefined;
}

/** The trace of what Slack's gateway heard last. */
async function traceOfLast(): Promise<string> {
  const last = () => stage.logLines("slack-1").findLast(({ msg }: LogLine) => msg === "stored what was heard")?.trace;
  await until(() => last() !== undefined, { instead: () => "nothing was heard" });
  return last() ?? "";
}

/** Each once: Slack tells again what is acknowledged late. */
function said(part: PartName, trace: string): string[] {
  const lines = stage.logLines(part).filter((line) => line.trace === trace);
  return [...new Set(lines.map(({ msg }) => msg))];
}

interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

/** An OTLP/HTTP receiver. */
async function startCollector(): Promise<typeof collector> {
  interface Attribute {
    key: string;
    value: { stringValue?: string };
  }
  interface Batch {
    resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Omit<Span, "service">[] }[] }[];
  }
  const spans: Span[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      for (const { resource, scopeSpans } of (JSON.parse(body) as Batch).resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })));
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
