import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { openChat, runAction, type Attachment } from "@bellhop/sdk/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import attach from "./actions/attach.ts";
import echo from "./actions/echo.ts";
import error from "./actions/error.ts";
import fileInfo from "./actions/file_info.ts";
import http from "./actions/http.ts";
import kvDelete from "./actions/kv_delete.ts";
import kvGet from "./actions/kv_get.ts";
import kvList from "./actions/kv_list.ts";
import kvSet from "./actions/kv_set.ts";
import noop from "./actions/noop.ts";
import pause from "./actions/pause.ts";
import sleep from "./actions/sleep.ts";
import uuid from "./actions/uuid.ts";

test("echo says it back in the shape of a shell's result", async () => {
  expect(await runAction(echo, { message: "it's fine" })).toEqual({
    stdout: "it's fine",
    stderr: "",
    return_code: 0,
    succeeded: true,
    failed: false,
  });
  // @ts-expect-error message is a text
  await expect(runAction(echo, { message: 5 })).rejects.toThrow("message of");
});

test("error says it on the other stream", async () => {
  expect(await runAction(error, { message: "no luck" })).toMatchObject({ stdout: "", stderr: "no luck", return_code: 0 });
});

test("noop succeeds", async () => {
  expect(await runAction(noop, {})).toEqual({ succeeded: true, failed: false, return_code: 0 });
});

test("uuid gives another one each time", async () => {
  const [one, other] = [await runAction(uuid, {}), await runAction(uuid, {})];
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(other).not.toBe(one);
  const before = Date.now();
  const timed = await runAction(uuid, { uuid_type: "uuid1" });
  const [low = "", middle = "", high = "", clock = "", node = ""] = timed.split("-");
  const at = Number(BigInt(`0x${high.slice(1)}${middle}${low}`) / 10_000n - 12_219_292_800_000n);
  expect(high).toMatch(/^1/);
  expect(clock).toMatch(/^[89ab]/);
  expect(Number.parseInt(node.slice(0, 2), 16) & 1).toBe(1);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test("what is kept is found, listed and deleted", async () => {
  const kv = new Map<string, unknown>([["own", 1]]);
  expect(await runAction(kvSet, { key: "a.b", value: { c: 1 } }, { kv })).toEqual({ key: "a.b" });
  expect(await runAction(kvGet, { key: "a.b" }, { kv })).toEqual({ c: 1 });
  expect(await runAction(kvList, { prefix: "a" }, { kv })).toEqual(["a.b"]);
  expect(await runAction(kvDelete, { key: "a.b" }, { kv })).toEqual({ key: "a.b", deleted: true });
  await expect(runAction(kvGet, { key: "a.b" }, { kv })).rejects.toThrow("There is no value a.b");
  expect(await runAction(kvGet, { key: "a.b", default: 7 }, { kv })).toBe(7);
  expect([...kv]).toEqual([["own", 1]]);
});

test("pause waits as long as it is told to, or less where that is drawn by lot", async () => {
  expect(await runAction(pause, { max_pause: 0 })).toEqual({ seconds: 0 });
  const { seconds } = await runAction(pause, { max_pause: 0, random: true });
  expect(seconds).toBe(0);
  // @ts-expect-error max_pause is missing
  await expect(runAction(pause, {})).rejects.toThrow("needs max_pause");
});

test("file_info tells what came with the command, with a table that no name can break", async () => {
  const files = { "a.csv": "1;2\n", "x`|y``": new Uint8Array() };
  const { files: told, table } = await runAction(fileInfo, {}, { files });
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  expect(told).toEqual([
    { name: "a.csv", type: "text/csv", bytes: 4, sha256: createHash("sha256").update("1;2\n").digest("hex") },
    { name: "x`|y``", type: "application/octet-stream", bytes: 0, sha256: empty },
  ]);
  expect(table.split("\n")).toEqual([
    "| Name | Type | Bytes | SHA-256 |",
    "| --- | --- | ---: | --- |",
    `| \`a.csv\` | \`text/csv\` | 4 | \`${told[0]?.sha256}\` |`,
    `| \`\`\` x\`\\|y\`\` \`\`\` | \`application/octet-stream\` | 0 | \`${empty}\` |`,
  ]);
  await expect(runAction(fileInfo, {})).rejects.toThrow("No file came with the command.");
});

test("attach gives a text back as a file that ends with a line end", async () => {
  const attached: Attachment[] = [];
  expect(await runAction(attach, { name: "notes.md", text: "é" }, { attached })).toEqual({ name: "notes.md", bytes: 3 });
  expect(attached).toMatchObject([{ name: "notes.md", type: "text/markdown", text: "é\n" }]);
});

describe("sleep", () => {
  test("waits", async () => {
    expect(await runAction(sleep, { seconds: 0.01 })).toEqual({ seconds: 0.01 });
  });

  test("ends at once when it is cancelled", async () => {
    const cancel = new AbortController();
    const sleeping = runAction(sleep, { seconds: 3600 }, { signal: cancel.signal });
    cancel.abort();
    await expect(sleeping).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("http", () => {
  let base = "";
  const server = createServer((request, response) => void answer(request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address === "object" && address !== null) base = `http://127.0.0.1:${address.port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("reads JSON where the server calls it JSON, and sends what it is given", async () => {
    const result = await runAction(http, {
      url: `${base}/json?a=1`,
      method: "POST",
      headers: { "x-test": "yes" },
      params: { b: 2 },
      body: "hello",
    });
    expect(result).toMatchObject({
      status_code: 200,
      parsed: true,
      body: { method: "POST", url: "/json?a=1&b=2", header: "yes", body: "hello" },
      headers: { "content-type": "application/json" },
    });
  });

  test("says who asks where it is told to, unless a header says so", async () => {
    const asked = { url: `${base}/who`, username: "ana", password: "s3cret" };
    expect(await runAction(http, asked)).toMatchObject({ body: `Basic ${Buffer.from("ana:s3cret").toString("base64")}` });
    expect(await runAction(http, { ...asked, headers: { Authorization: "Bearer x" } })).toMatchObject({ body: "Bearer x" });
  });

  test("leaves everything else a text", async () => {
    expect(await runAction(http, { url: `${base}/text` })).toMatchObject({ parsed: false, body: '{"not":"parsed"}' });
    expect(await runAction(http, { url: `${base}/lie` })).toMatchObject({ parsed: false, body: "{oops" });
  });

  test("fails with the result kept when the server says no", async () => {
    await expect(runAction(http, { url: `${base}/missing` })).rejects.toMatchObject({
      name: "ActionFailed",
      message: expect.stringContaining("said 404 Not Found."),
      result: { status_code: 404, body: "no such thing" },
    });
  });

  test("follows redirects only when it is told to", async () => {
    await expect(runAction(http, { url: `${base}/away` })).rejects.toMatchObject({ result: { status_code: 302 } });
    expect(await runAction(http, { url: `${base}/away`, allow_redirects: true })).toMatchObject({ status_code: 200 });
  });

  test("says who could not be reached, or did not answer in time", async () => {
    await expect(runAction(http, { url: `${base}/never`, timeout: 0.05 })).rejects.toThrow(/did not answer within 0.05 s/);
    await expect(runAction(http, { url: "http://127.0.0.1:1/" })).rejects.toThrow("127.0.0.1:1 can't be reached");
    await expect(runAction(http, { url: "file:///etc/passwd" })).rejects.toThrow("url of");
  });

  test("refuses a body that would be dropped", async () => {
    await expect(runAction(http, { url: base, body: "x" })).rejects.toThrow("GET takes no body");
  });
});

test("the README's transcript is what is said", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  await chat.expectTranscript("README.md");
});

test("an announcement is on its way to the room that it names, and a room that there is not is told so", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  expect((await chat.say("announce in slack:T1/C9: The door is open.")).text).toBe("On its way to slack:T1/C9.");
  expect((await chat.say("announce in #general: The door is open.")).text).toContain('"#general" names no room');
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  switch (new URL(request.url ?? "/", "http://here").pathname) {
    case "/json":
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method: request.method, url: request.url, header: request.headers["x-test"], body }));
      return;
    case "/text":
      response.setHeader("content-type", "text/plain").end('{"not":"parsed"}');
      return;
    case "/who":
      response.setHeader("content-type", "text/plain").end(request.headers.authorization);
      return;
    case "/lie":
      response.setHeader("content-type", "application/json").end("{oops");
      return;
    case "/away":
      response.writeHead(302, { location: "/text" }).end();
      return;
    case "/never":
      return;
    default:
      response.writeHead(404, { "content-type": "text/plain" }).end("no such thing");
  }
}
