import { createServer, type ServerResponse } from "node:http";
import { listen } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "./failure.ts";
import { request } from "./request.ts";
import { LogLevel, WebClient } from "./sdk.ts";

let base = "";
let answer: (response: ServerResponse) => void = (response) => response.end();
const server = createServer((asked, response) => asked.resume().on("end", () => answer(response)));
beforeAll(async () => {
  base = `http://127.0.0.1:${await listen(server)}/api/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const options = { fetch: request, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logLevel: LogLevel.ERROR };
const call = (timeout = 10_000) => new WebClient("xoxb-x", { ...options, slackApiUrl: base, timeout }).auth.test();

test("the SDK reads Slack's answer, and what its headers say", async () => {
  answer = (response) => response.setHeader("X-OAuth-Scopes", "chat:write, im:read").end('{"ok":true,"user_id":"Ü1"}');
  expect(await call()).toMatchObject({ user_id: "Ü1", response_metadata: { scopes: ["chat:write", "im:read"] } });
});

test.each([
  ["a limit", [429, { "Retry-After": "7" }], { kind: "unavailable", why: "ratelimited", retryAfterMs: 7_000 }],
  ["a limit without its time", [429, {}], { kind: "unavailable", why: "ratelimited" }],
  ["an error of Slack's", [503, {}], { kind: "unsure", why: "HTTP 503" }],
  ["a way elsewhere", [302, { Location: "/" }], { kind: "unsure", why: "led elsewhere: HTTP 302" }],
] as const)("%s is told as what it is", async (_, [status, headers], expected) => {
  answer = (response) => response.writeHead(status, headers).end("{}");
  expect(await call().catch(failureOf)).toEqual(expected);
});

test("an answer that does not come in time leaves it unsure", async () => {
  answer = () => {};
  expect(await call(100).catch(failureOf)).toEqual({ kind: "unsure", why: "no answer in time" });
});
