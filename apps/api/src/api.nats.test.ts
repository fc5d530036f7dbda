import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { buckets } from "@bellhop/contracts";
import { until } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { start, type Api } from "./start.ts";
import { at, setApiScene, signingSecret, type ApiScene } from "./testing.ts";

let scene: ApiScene;
let api: Api;

beforeAll(async () => {
  scene = await setApiScene();
  api = await start(scene.config);
});
afterAll(async () => {
  await api.stop();
  await scene.end();
});
beforeEach(() => scene.forget());

test("a webhook that a rule waits for is stored before it is answered, without what proves who sent it", async () => {
  const { status, body } = await post("/v1/webhooks/github/push", { ref: "main" }, { "X-GitHub-Event": "push", Cookie: "a=b" });
  expect(status).toBe(202);
  await until(() => scene.fired.length === 1);
  expect(body).toEqual({ event: scene.fired[0]?.event, again: false, trigger: "core.st2.webhook" });
  expect(scene.fired[0]).toMatchObject({
    trigger: "core.st2.webhook",
    parameters: { url: "github/push" },
    source: { kind: "webhook", name: "github/push by all" },
    payload: { inline: { body: { ref: "main" }, headers: { "X-GitHub-Event": "push", "X-Github-Event": "push" } } },
  });
  const text = JSON.stringify(scene.fired[0]);
  expect(text).not.toContain(scene.keys.all.slice(-20));
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
  ["a revoked key", "/v1/events", { Authorization: () => `Bearer ${scene.keys.revoked}` }, 401, "revoked"],
  ["a key for something else", "/v1/events", { Authorization: () => `Bearer ${scene.keys.github}` }, 403, "may not send events"],
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
  expect((await send("/v1/webhooks/signed", body, { ...json, "X-Hub-Signature-256": `sha256=${sign(signingSecret)}` })).status).toBe(202);
  expect((await send("/v1/webhooks/signed", body, { ...json, "X-Hub-Signature-256": `sha256=${sign("other")}` })).status).toBe(401);
  expect((await send("/v1/webhooks/signed", body, json)).status).toBe(401);
  const stamp = String(Math.floor(Date.now() / 1000));
  const slack = (when: string) => ({
    ...json,
    "X-Slack-Request-Timestamp": when,
    "X-Slack-Signature": `v0=${createHmac("sha256", signingSecret).update(`v0:${when}:${body}`).digest("hex")}`,
  });
  expect((await send("/v1/webhooks/slack", body, slack(stamp))).status).toBe(202);
  expect((await send("/v1/webhooks/slack", body, slack(String(Number(stamp) - 600)))).status).toBe(401);
  expect(
    (await send("/v1/webhooks/own", body, { ...json, "X-Mine": Buffer.from(sign(signingSecret), "hex").toString("base64") })).status,
  ).toBe(202);
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
  await until(() => new Set(scene.fired.map(({ key }) => key)).size === 4);
  const by = (id: string) => scene.fired.find(({ key }) => key === `cloudevent//shop/${id}`);
  expect(by("1")).toMatchObject({ trigger: "core.cloudevent", payload: { inline: { type: "shop.sold", mine: "x", data: { n: 1 } } } });
  expect(by("3")).toMatchObject({ trigger: "demo.push", payload: { inline: { n: 1 } } });
  expect(by("4")).toMatchObject({ payload: { inline: { data: { n: 4 } } } });
  const broken = await post("/v1/events", { specversion: "1.0" }, { "Content-Type": "application/cloudevents+json" });
  expect([broken.status, JSON.stringify(broken.body)]).toEqual([400, expect.stringContaining("id:")]);
});

test("who sends too much is told when to come back", async () => {
  const lone = await start({ ...scene.config, rate: 2 });
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
  const lone = await start(scene.config);
  const { hostname, port } = new URL(lone.url);
  const socket = connect(Number(port), hostname);
  const head = ["POST /v1/webhooks/github/push HTTP/1.1", "Host: x", `Authorization: Bearer ${scene.keys.all}`, "Content-Length: 10"];
  const gone = once(socket, "close");
  socket.on("error", () => {}).write(`${head.join("\r\n")}\r\n\r\n{`);
  // It is in hand once a later one was answered.
  await send("/v1/webhooks/github/push", "{}", { "Content-Type": "application/json" }, lone.url);
  await lone.stop();
  await gone;
});

test("what names its trigger has to fit that trigger's schema", async () => {
  const fire = (payload: unknown) => post("/v1/webhooks/st2", { trigger: "demo.typed", payload });
  const events = (...data: unknown[]) => {
    const body = data.map((one, id) => ({ specversion: "1.0", id: `typed-${id}`, source: "/x", type: "demo.typed", data: one }));
    return send("/v1/events", JSON.stringify(body), { "Content-Type": "application/cloudevents-batch+json" });
  };
  expect((await fire({ n: 1 })).status).toBe(202);
  expect(await fire({ n: "two" })).toMatchObject({
    status: 400,
    body: { error: { code: "payload_unfit", message: "This does not fit demo.typed: payload.n should be a whole number." } },
  });
  expect(await fire({})).toMatchObject({ status: 400 });
  expect((await events({ n: 1 }, { n: 2 })).status).toBe(202);
  expect(await events({ n: 3 }, { n: "four" })).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("event 1: ") } },
  });
});

test("a rule that is switched off takes its webhook with it, and the API says what it offers", async () => {
  await scene.bus.bucket(buckets.rule).put("off", { v: 1, rule: "demo.github_push", enabled: false, by: "ana", at });
  await until(async () => (await post("/v1/webhooks/github/push", {})).status === 404);
  await scene.bus.bucket(buckets.rule).put("off", { v: 1, rule: "demo.github_push", enabled: false, by: "ana", at, until: at });
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
  const answer = await fetch(url + path, { method: "POST", body, headers: { Authorization: `Bearer ${scene.keys.all}`, ...headers } });
  return { status: answer.status, body: await answer.json(), retryAfter: answer.headers.get("retry-after") };
}
