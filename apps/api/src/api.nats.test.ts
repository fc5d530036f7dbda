import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, scaled, streams, subjects, type RuleDefinition, type TriggerFired } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { Secret, silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeApiKey } from "./api-keys.ts";
import type { ApiConfig } from "./config.ts";
import { start, type Api } from "./start.ts";

let nats: TestNats;
let bus: Bus;
let api: Api;
const fired: TriggerFired[] = [];
const keys = { all: "", github: "", revoked: "" };
const at = "2026-01-01T00:00:00.000Z";

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  for (const [name, scopes] of Object.entries({
    all: ["webhooks", "events", "triggers"],
    github: ["webhooks:git*"],
    revoked: ["events"],
  })) {
    const { text, key } = makeApiKey({ name, scopes, by: "ana", at });
    keys[name as keyof typeof keys] = text;
    await bus.bucket(buckets.apiKey).create(key.id, { ...key, ...(name === "revoked" ? { revokedAt: at } : {}) });
  }
  await bus.consume({
    subject: subjects.trigger.fired,
    stream: streams.trigger,
    filter: "trigger.fired.*",
    durable: "trigger_test",
    concurrency: 1,
    keyOf: () => "all",
    handle: async (event) => void fired.push(event),
  });
  api = await start(config);
});
afterAll(async () => {
  await api.stop();
  await bus.drain();
  await nats.stop();
});
beforeEach(() => void fired.splice(0));

test("a webhook that a rule waits for is stored before it is answered, without what proves who sent it", async () => {
  const { status, body } = await post("/v1/webhooks/github/push", { ref: "main" }, { "X-GitHub-Event": "push", Cookie: "a=b" });
  expect(status).toBe(202);
  await until(() => fired.length === 1);
  expect(body).toEqual({ event: fired[0]?.event, again: false, trigger: "core.st2.webhook" });
  expect(fired[0]).toMatchObject({
    trigger: "core.st2.webhook",
    parameters: { url: "github/push" },
    source: { kind: "webhook", name: "github/push by all" },
    payload: { inline: { body: { ref: "main" }, headers: { "X-GitHub-Event": "push", "X-Github-Event": "push" } } },
  });
  const text = JSON.stringify(fired[0]);
  expect(text).not.toContain(keys.all.slice(-20));
  expect(text.toLowerCase()).not.toContain("cookie");
});

test("what is sent again under its sender's name is the same event", async () => {
  const first = await post("/v1/webhooks/github/push", { n: 1 }, { "Idempotency-Key": "one" });
  const second = await post("/v1/webhooks/github/push", { n: 1 }, { "Idempotency-Key": "one" });
  expect([first.body, second.body]).toMatchObject([{ again: false }, { again: true, event: (first.body as { event: string }).event }]);
});

test.each([
  ["no key", "/v1/webhooks/github/push", { Authorization: "" }, 401, "No API key"],
  ["a key that nobody made", "/v1/events", { Authorization: `Bearer bellhop_${"0".repeat(12)}_${"a".repeat(43)}` }, 401, "not known"],
  ["a revoked key", "/v1/events", { Authorization: () => `Bearer ${keys.revoked}` }, 401, "revoked"],
  ["a key for something else", "/v1/events", { Authorization: () => `Bearer ${keys.github}` }, 403, "may not send events"],
  ["a path that no rule waits for", "/v1/webhooks/nobody", {}, 404, "No rule waits"],
  ["a type that can't be taken", "/v1/webhooks/github/push", { "Content-Type": "text/plain" }, 415, "can't be taken"],
  ["something else than an event", "/v1/events", {}, 415, "no CloudEvent"],
  ["a trigger that nobody has", "/v1/webhooks/st2", {}, 400, "no trigger"],
  ["a path that is nowhere", "/v2/x", {}, 404, "nothing here"],
])("%s is refused, with what to do", async (_, path, headers, status, message) => {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === "function" ? value() : value]));
  const answer = await post(path, { a: 1 }, given);
  expect(answer.status).toBe(status);
  expect((answer.body as { error: { message: string } }).error.message).toContain(message);
});

test.each([
  ["{", 400, "no JSON"],
  ["7", 400, "object or a list"],
  [`${"[".repeat(100)}${"]".repeat(100)}`, 400, "64 levels"],
  [`{"a":"${"x".repeat(70_000)}"}`, 413, "larger"],
])("a body that can't be taken is told why (%#)", async (text, status, message) => {
  const answer = await send("/v1/webhooks/github/push", text, { "Content-Type": "application/json" });
  expect(answer.status).toBe(status);
  expect((answer.body as { error: { message: string } }).error.message).toContain(message);
});

test("signed hooks take bodies that are signed by their secret, and no others", async () => {
  const body = '{"zen":1}';
  const sign = (secret: string) => createHmac("sha256", secret).update(body).digest("hex");
  const json = { "Content-Type": "application/json", Authorization: "" };
  expect((await send("/v1/webhooks/signed", body, { ...json, "X-Hub-Signature-256": `sha256=${sign("s3cret")}` })).status).toBe(202);
  expect((await send("/v1/webhooks/signed", body, { ...json, "X-Hub-Signature-256": `sha256=${sign("other")}` })).status).toBe(401);
  expect((await send("/v1/webhooks/signed", body, json)).status).toBe(401);
  const stamp = String(Math.floor(Date.now() / 1000));
  const slack = (when: string) => ({
    ...json,
    "X-Slack-Request-Timestamp": when,
    "X-Slack-Signature": `v0=${createHmac("sha256", "s3cret").update(`v0:${when}:${body}`).digest("hex")}`,
  });
  expect((await send("/v1/webhooks/slack", body, slack(stamp))).status).toBe(202);
  expect((await send("/v1/webhooks/slack", body, slack(String(Number(stamp) - 600)))).status).toBe(401);
  expect((await send("/v1/webhooks/own", body, { ...json, "X-Mine": Buffer.from(sign("s3cret"), "hex").toString("base64") })).status).toBe(
    202,
  );
});

test("CloudEvents come structured, in batches and in headers; their type may be a trigger", async () => {
  const event = { specversion: "1.0", id: "1", source: "/shop", type: "shop.sold", data: { n: 1 }, mine: "x" };
  expect((await post("/v1/events", event, { "Content-Type": "application/cloudevents+json" })).status).toBe(202);
  const batch = [
    { ...event, id: "2" },
    { ...event, id: "3", type: "demo.push" },
  ];
  expect((await post("/v1/events", batch, { "Content-Type": "application/cloudevents-batch+json" })).status).toBe(202);
  const binary = {
    "ce-specversion": "1.0",
    "ce-id": "4",
    "ce-source": "/shop",
    "ce-type": "shop.sold",
    "Content-Type": "application/json",
  };
  expect((await post("/v1/events", { n: 4 }, binary)).status).toBe(202);
  expect((await post("/v1/events", event, { "Content-Type": "application/cloudevents+json" })).body).toMatchObject({
    events: [{ again: true }],
  });
  await until(() => new Set(fired.map(({ key }) => key)).size === 4);
  const by = (id: string) => fired.find(({ key }) => key === `cloudevent//shop/${id}`);
  expect(by("1")).toMatchObject({ trigger: "core.cloudevent", payload: { inline: { type: "shop.sold", mine: "x", data: { n: 1 } } } });
  expect(by("3")).toMatchObject({ trigger: "demo.push", payload: { inline: { n: 1 } } });
  expect(by("4")).toMatchObject({ payload: { inline: { data: { n: 4 } } } });
  const broken = await post("/v1/events", { specversion: "1.0" }, { "Content-Type": "application/cloudevents+json" });
  expect([broken.status, JSON.stringify(broken.body)]).toEqual([400, expect.stringContaining("id:")]);
});

test("any body on any endpoint is taken or refused with a reason, and never breaks anything", async () => {
  const paths = fc.constantFrom(
    "/v1/webhooks/github/push",
    "/v1/webhooks/signed",
    "/v1/webhooks/st2",
    "/v1/events",
    "/v1/openapi.json",
    "/",
  );
  const types = fc.constantFrom(
    "application/json",
    "application/x-www-form-urlencoded",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "text/plain; charset=x",
    "",
  );
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
  );
  const names = fc.constantFrom("ce-specversion", "ce-id", "ce-type", "ce-source", "Idempotency-Key", "X-Hub-Signature-256", "X-Odd");
  const headers = fc.dictionary(
    names,
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, "~")),
  );
  await fc.assert(
    fc.asyncProperty(paths, types, bodies, headers, fc.constantFrom("POST", "PUT", "GET"), async (path, type, body, more, method) => {
      const given = { ...more, ...(type === "" ? {} : { "Content-Type": type }), Authorization: `Bearer ${keys.all}` };
      const answer = await fetch(api.url + path, { method, headers: given, ...(method === "GET" ? {} : { body: new Uint8Array(body) }) });
      const text = await answer.text();
      expect(answer.status, text).toBeLessThan(500);
      if (answer.status >= 400) expect((JSON.parse(text) as { error: { message: string } }).error.message).not.toBe("");
    }),
    { numRuns: 300 },
  );
});

test("who sends too much is told when to come back", async () => {
  const lone = await start({ ...config, rate: 2 });
  try {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => send("/v1/webhooks/github/push", "{}", { "Content-Type": "application/json" }, lone.url)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
    expect(answers.find(({ status }) => status === 429)?.retryAfter).toMatch(/^\d+$/);
  } finally {
    await lone.stop();
  }
});

test("what carries another name is another event, wherever slashes stand", async () => {
  const event = { specversion: "1.0", type: "shop.sold", data: {} };
  const batch = [
    { ...event, source: "/shop", id: "a/1" },
    { ...event, source: "/shop/a", id: "1" },
    { ...event, source: "/shop", id: "a\n1\ud800" },
  ];
  const answer = await post("/v1/events", batch, { "Content-Type": "application/cloudevents-batch+json" });
  expect(answer).toMatchObject({ status: 202, body: { events: [{ again: false }, { again: false }, { again: false }] } });
  const long = "x".repeat(300);
  await post("/v1/webhooks/github/push", {}, { "Idempotency-Key": `${long}1` });
  expect((await post("/v1/webhooks/github/push", {}, { "Idempotency-Key": `${long}2` })).body).toMatchObject({ again: false });
});

test("whoever sends half a request does not keep the API from stopping", async () => {
  const lone = await start(config);
  const { hostname, port } = new URL(lone.url);
  const socket = connect(Number(port), hostname);
  const head = ["POST /v1/webhooks/github/push HTTP/1.1", "Host: x", `Authorization: Bearer ${keys.all}`, "Content-Length: 10"];
  const gone = once(socket, "close");
  socket.on("error", () => {}).write(`${head.join("\r\n")}\r\n\r\n{`);
  // It is in hand once a later one was answered.
  await send("/v1/webhooks/github/push", "{}", { "Content-Type": "application/json" }, lone.url);
  await lone.stop();
  await gone;
});

test("a rule that is switched off takes its webhook with it, and the API says what it offers", async () => {
  await bus.bucket(buckets.rule).put("off", { v: 1, rule: "demo.github_push", enabled: false, by: "ana", at });
  await until(async () => (await post("/v1/webhooks/github/push", {})).status === 404);
  await bus.bucket(buckets.rule).put("off", { v: 1, rule: "demo.github_push", enabled: true, by: "ana", at });
  await until(async () => (await post("/v1/webhooks/github/push", {})).status === 202);
  expect(await (await fetch(`${api.url}/v1/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
});

interface Answer {
  status: number;
  body: unknown;
  retryAfter: string | null;
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return send(path, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
}

async function send(path: string, body: string, headers: Record<string, string>, url = api.url): Promise<Answer> {
  const answer = await fetch(url + path, { method: "POST", body, headers: { Authorization: `Bearer ${keys.all}`, ...headers } });
  return { status: answer.status, body: await answer.json(), retryAfter: answer.headers.get("retry-after") };
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const secret = new Secret("s3cret");
const config: ApiConfig = {
  get nats() {
    return { url: nats.url };
  },
  folder: "",
  durations: scaled(0.1),
  logLevel: "silent",
  file: {},
  listen: { host: "127.0.0.1", port: 0 },
  bodyLimit: 65_536,
  rate: 10_000,
  hooks: {
    signed: { signature: "github", secret, header: "" },
    slack: { signature: "slack", secret, header: "" },
    own: { signature: "generic", secret, header: "X-Mine" },
  },
};

const source = { file: "x.yaml", line: 1, column: 1 };
function rule(url: string): RuleDefinition {
  const name = url.replaceAll("/", "_");
  return {
    ref: `demo.${name}`,
    pack: "demo",
    name,
    description: "",
    enabled: true,
    type: "standard",
    trigger: { type: "core.st2.webhook", parameters: { url } },
    criteria: {},
    action: { ref: "demo.x", parameters: {} },
    source,
  };
}
const pack = {
  v: 1 as const,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  actions: [],
  aliases: [],
  rules: [rule("github/push"), rule("signed"), rule("slack"), rule("own")],
  triggers: [{ ref: "demo.push", pack: "demo", name: "push", description: "", source }],
};
