import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOverHttp } from "./http.ts";
import { unanswered } from "./unanswered.ts";

let base = "";
/** Sockets that were opened. */
let sockets = 0;
const server = createServer((request, response) => void answer(request, response));
server.on("connection", () => sockets++);
beforeAll(async () => {
  base = `http://127.0.0.1:${await listen(server)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("says what it is given, and gives the whole answer, over a connection that stays", async () => {
  const call = { method: "POST", headers: { Authorization: "Bot x" }, body: "grüße" };
  const { status, headers, bytes } = await callOverHttp(`${base}/echo`, call);
  expect([status, headers["x-said"], bytes.toString()]).toEqual([200, "POST Bot x 7", "grüße"]);
  const before = sockets;
  await callOverHttp(`${base}/echo`, { method: "GET", headers: {} });
  expect(sockets).toBe(before);
});

test("a form goes with its boundary and its length", async () => {
  const form = new FormData();
  form.append("a", "b");
  const { bytes, headers } = await callOverHttp(`${base}/echo`, { method: "POST", headers: {}, body: form });
  expect(bytes.toString()).toContain('name="a"\r\n\r\nb\r\n');
  expect(headers["x-said"]).toBe(`POST undefined ${bytes.length}`);
  expect(headers["x-type"]).toMatch(/^multipart\/form-data; boundary=/);
});

test("goes nowhere else, wherever it is led", async () => {
  const { status, headers } = await callOverHttp(`${base}/elsewhere`, { method: "POST", headers: {}, body: "x" });
  expect([status, headers.location]).toEqual([302, "/echo"]);
});

test.each([
  ["nobody listens", "http://127.0.0.1:1/", { kind: "unavailable", why: "ECONNREFUSED" }],
  ["the answer never comes", "/never", { kind: "unsure", why: "no answer in time" }],
  ["the connection breaks before the answer", "/break", { kind: "unsure", why: "ECONNRESET" }],
  ["the connection breaks within the answer", "/half", { kind: "unsure", why: "ECONNRESET" }],
])("where %s it is told as what it is", async (_, path, result) => {
  const controller = new AbortController();
  if (path === "/never") setTimeout(() => controller.abort(), 100);
  const call = callOverHttp(new URL(path, base).href, { method: "POST", headers: {}, body: "{}", signal: controller.signal });
  const failure = await call.then(() => undefined, unanswered);
  expect(failure).toEqual(result);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  switch (request.url ?? "") {
    case "/echo": {
      const { authorization, "content-length": length, "content-type": type = "" } = request.headers;
      response.setHeader("X-Said", `${request.method} ${authorization} ${length}`).setHeader("X-Type", type);
      return void response.end(Buffer.concat(chunks));
    }
    case "/elsewhere":
      return void response.writeHead(302, { Location: "/echo" }).end();
    case "/break":
      return void response.destroy();
    case "/half":
      response.writeHead(200, { "Content-Length": "100" }).write("half");
      return void setImmediate(() => response.destroy());
    default:
      return;
  }
}
