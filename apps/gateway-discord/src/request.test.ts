import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRequest } from "./request.ts";
import { REST } from "./sdk.ts";

let base = "";
const server = createServer((request, response) => void answer(request, response));
beforeAll(async () => {
  base = `http://127.0.0.1:${await listen(server)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("says what it is given, and gives the answer as the SDK reads it", async () => {
  const init = { method: "POST", headers: { Authorization: "Bot x", "Content-Type": "application/json" }, body: '{"content":"grüße"}' };
  const response = await makeRequest(`${base}/echo`, init);
  expect({ status: response.status, ok: response.ok, statusText: response.statusText }).toEqual({
    status: 200,
    ok: true,
    statusText: "OK",
  });
  expect(response.headers.get("X-RateLimit-Bucket")).toBe("b");
  expect(response.headers.has("X-RateLimit-Global")).toBe(false);
  expect(await response.json()).toEqual({
    method: "POST",
    authorization: "Bot x",
    type: "application/json",
    length: "21",
    body: init.body,
  });
});

test("sends the SDK's files as a form, each with its name and type", async () => {
  const rest = new REST({ api: base, makeRequest }).setToken("x");
  const files = [{ name: "a b.png", data: new Uint8Array([0, 255]), contentType: "image/png" }];
  const { type, body, length } = (await rest.post("/echo", { files, body: { content: "here" } })) as Echo;
  expect(type).toMatch(/^multipart\/form-data; boundary=/);
  expect(body).toContain('name="files[0]"; filename="a b.png"\r\nContent-Type: image/png\r\n\r\n\0\u00ff\r\n');
  expect(body).toContain('name="payload_json"\r\n\r\n{"content":"here"}');
  expect(Number(length)).toBe(body.length);
});

test("an answer without content is one, and a refusal keeps its words", async () => {
  expect((await makeRequest(`${base}/nothing`, { method: "DELETE", headers: {}, body: null })).status).toBe(204);
  const refused = await makeRequest(`${base}/refused`, { method: "GET", headers: {}, body: null });
  expect([refused.ok, refused.status, await refused.text()]).toEqual([false, 403, "no"]);
});

interface Echo {
  method: string;
  authorization?: string;
  type: string;
  length: string;
  /** One character for each byte where it is no UTF-8. */
  body: string;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { authorization, "content-type": type = "", "content-length": length = "" } = request.headers;
  switch ((request.url ?? "").replace("/v10", "")) {
    case "/echo": {
      const body = bytes.toString(type.startsWith("multipart") ? "latin1" : "utf8");
      const echo: Echo = { method: request.method ?? "", authorization, type, length, body };
      response.setHeader("X-RateLimit-Bucket", "b").setHeader("Content-Type", "application/json");
      return void response.end(JSON.stringify(echo));
    }
    case "/nothing":
      return void response.writeHead(204).end();
    case "/refused":
      return void response.writeHead(403).end("no");
    default:
      return;
  }
}
