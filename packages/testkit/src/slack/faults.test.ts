import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boltApp } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack } from "./fake-slack.ts";
import type { CallFault } from "./faults.ts";

let slack: FakeSlack;
let app: App;
let ops: string;

beforeEach(async () => {
  slack = await startFakeSlack();
  ops = slack.createChannel("ops");
  app = boltApp(slack);
});
afterEach(async () => {
  await app.stop();
  await slack.close();
});

const post = (from: App) => from.client.chat.postMessage({ channel: ops, text: "hi" });
const seen = () => slack.room(ops).length;

describe("a faulty call as the SDK sees it", () => {
  it.each<[string, CallFault, string, number]>([
    ["a lost request: an error, nothing said", { kind: "lose_request" }, "slack_webapi_request_error", 0],
    ["a lost answer: the same error, yet it was said", { kind: "lose_answer" }, "slack_webapi_request_error", 1],
    ["an error after the deed: HTTP 500, yet it was said", { kind: "error_after" }, "slack_webapi_http_error", 1],
    ["unavailable: HTTP 503, nothing said", { kind: "unavailable" }, "slack_webapi_http_error", 0],
    ["a rate limit: 429, nothing said", { kind: "rate_limit", retryAfter: 7 }, "slack_webapi_rate_limited_error", 0],
  ])("%s", async (_name, fault, code, said) => {
    const planned = slack.failCalls({ method: "chat.postMessage", fault });
    await expect(post(app)).rejects.toMatchObject({ code });
    expect([planned.hits(), seen()]).toEqual([1, said]);
    await expect(post(app)).resolves.toMatchObject({ ok: true });
    expect(seen()).toBe(said + 1);
  });

  it("tells the seconds of a rate limit", async () => {
    slack.failCalls({ fault: { kind: "rate_limit", retryAfter: 7 } });
    await expect(post(app)).rejects.toMatchObject({ retryAfter: 7 });
  });

  it("a held call: the caller gives up, and then it is said", async () => {
    slack.failCalls({ fault: { kind: "hold", ms: 4_000 } });
    // Long enough for the call to get there, on a machine with other work too.
    await expect(post(boltApp(slack, { timeout: 1_500 }))).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    expect(seen()).toBe(0);
    await slack.waitForMessage(({ text }) => text === "hi");
  });

  it("a lost answer under the SDK's own retries: said twice", async () => {
    slack.failCalls({ fault: { kind: "lose_answer" } });
    await post(boltApp(slack, { retries: 1 }));
    expect(seen()).toBe(2);
    expect(slack.requests().map(({ method, fault, answer }) => [method, fault, answer?.ok])).toEqual([
      ["chat.postMessage", "lose_answer", true],
      ["chat.postMessage", undefined, true],
    ]);
  });

  it("strikes only the calls that fit, as often as told, until it is cancelled", async () => {
    const planned = slack.failCalls({ fault: { kind: "unavailable" }, times: 3, when: ({ args }) => args.text === "hi" });
    await expect(post(app)).rejects.toThrow();
    await app.client.chat.postMessage({ channel: ops, text: "other" });
    await expect(post(app)).rejects.toThrow();
    planned.cancel();
    await post(app);
    expect(planned.hits()).toBe(2);
  });
});

describe("a disturbed event as the SDK sees it", () => {
  let heard: string[];
  let say: (text: string) => Promise<unknown>;

  beforeEach(async () => {
    heard = [];
    app.message(async ({ message }) => void heard.push("text" in message ? (message.text ?? "") : ""));
    await app.start();
    const user = slack.createUser("ann");
    say = (text) => slack.say({ channel: ops, user, text });
  });
  const settled = () => slack.waitUntil(() => slack.unsettled().length === 0 && slack.deliveries().every(({ acked }) => acked));

  it("comes twice with one event id", async () => {
    slack.disturbEvents({ fault: { kind: "twice" } });
    await say("a");
    await settled();
    expect(heard).toEqual(["a", "a"]);
    const [first, second] = slack.deliveries();
    expect([second?.eventId, second?.attempt]).toEqual([first?.eventId, 1]);
    expect(second?.envelopeId).not.toBe(first?.envelopeId);
  });

  it("comes after its successor", async () => {
    slack.disturbEvents({ fault: { kind: "late" } });
    await say("a");
    await say("b");
    await settled();
    expect(heard).toEqual(["b", "a"]);
  });

  it("comes late when nothing follows", async () => {
    slack.disturbEvents({ fault: { kind: "late", ms: 20 } });
    await say("a");
    expect(slack.deliveries()).toEqual([]);
    await settled();
    expect(heard).toEqual(["a"]);
  });

  it("never comes, though the room holds the message", async () => {
    slack.disturbEvents({ fault: { kind: "lost" } });
    await say("a");
    await say("b");
    await settled();
    expect(heard).toEqual(["b"]);
    expect(slack.room(ops).map(({ text }) => text)).toEqual(["a", "b"]);
  });
});
