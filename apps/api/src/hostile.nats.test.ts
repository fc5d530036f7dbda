import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { until } from "@bellhop/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openApi } from "./open-api.ts";
import { start, type Api } from "./start.ts";
import { setApiScene, signingSecret, type ApiScene } from "./testing.ts";

let scene: ApiScene;
let folder: string;

beforeAll(async () => {
  scene = await setApiScene();
  folder = await mkdtemp(join(tmpdir(), "bellhop-api-"));
});
afterAll(async () => {
  await scene.end();
  await rm(folder, { recursive: true });
});
beforeEach(() => scene.forget());

const hook = "/v1/webhooks/github/push";

test("whatever comes is taken or refused with a reason, and breaks nothing", async () => {
  const api = await start(scene.config);
  try {
    await fc.assert(
      fc.asyncProperty(requests(), async (request) => {
        const { status, body } = await sendRaw(api, request);
        expect(status, body).toBeGreaterThanOrEqual(200);
        expect(status, body).toBeLessThan(500);
        if (status >= 400 && request.method !== "HEAD") expect(reasonIn(body), `${status} ${body}`).toMatch(/\S/);
        const told = documented(request);
        if (told !== undefined) expect(told, `${request.method} ${request.target}: ${body}`).toContain(status);
      }),
      { numRuns: 900 },
    );
    expect((await push(api, "{}")).status).toBe(202);
  } finally {
    await api.stop();
  }
});

test("nothing that is packed is unpacked, whatever it is packed with, and a body that breaks off is nothing that happened", async () => {
  const api = await start(scene.config);
  try {
    const bomb = Buffer.alloc(20_000_000, "[");
    for (const [encoding, body] of [
      ["gzip", gzipSync(bomb)],
      ["deflate", deflateSync(bomb)],
      ["br", brotliCompressSync(bomb)],
      ["gzip, br", Buffer.from("{}")],
      ["zstd", Buffer.from("{}")],
    ] as const) {
      const headers: [string, string][] = [...authorized(), ["Content-Type", "application/json"], ["Content-Encoding", encoding]];
      const { status, body: told } = await sendRaw(api, { method: "POST", target: hook, headers, body, chunks: [] });
      expect({ encoding, status }).toEqual({ encoding, status: 415 });
      expect(reasonIn(told)).toMatch(/\S/);
    }
    for (const beginning of ['5\r\n{"a":\r\n', '5\r\n{"a', "zz\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}", "-1\r\n{}\r\n"]) {
      await sendLines(api, ["POST " + hook + " HTTP/1.1", "Host: x", ...authorizedLines(), "Transfer-Encoding: chunked"], beginning);
    }
    expect((await push(api, "{}")).status).toBe(202);
    await until(() => scene.fired.length > 0);
    expect(scene.fired).toHaveLength(1);
  } finally {
    await api.stop();
  }
});

test("no request hides in another, however its length is told", async () => {
  const api = await start(scene.config);
  try {
    const inner = [
      `POST ${hook} HTTP/1.1`,
      "Host: x",
      ...authorizedLines(),
      "Content-Type: application/json",
      "Content-Length: 2",
      "",
      "{}",
    ].join("\r\n");
    const hidden = `0\r\n\r\n${inner}`;
    const length = `Content-Length: ${hidden.length}`;
    for (const lengths of [
      [length, "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", length],
      [length, "Transfer-Encoding : chunked"],
      [length, "Transfer-Encoding: chunked, identity"],
      [length, "Transfer-Encoding: identity, chunked"],
      [length, "Transfer-Encoding: xchunked"],
      [length, "Transfer-Encoding:\r\n chunked"],
      [length, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"],
      ["Content-Length: 0", length],
      [length, "Content-Length: 5"],
      [`Content-Length: 5, ${hidden.length}`],
      [`Content-Length: +${hidden.length}`],
      [`Content-Length: -1`],
      ["Content-Length: 0x5"],
      [`X-A: b\nContent-Length: 5`, length],
      [`X-A: b\rTransfer-Encoding: chunked`, length],
      [`X-A: b\0`, length],
    ]) {
      const head = ["POST /v1/webhooks/own HTTP/1.1", "Host: x", "Content-Type: application/json", ...lengths];
      const answers = await sendLines(api, head, hidden);
      // What has no signature is refused; what follows it on the connection is its body, or nothing at all.
      expect(
        [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
        lengths.join(" | "),
      ).toEqual([expect.stringMatching(/^4/)]);
    }
    await push(api, '{"last":true}');
    await until(() => scene.fired.length > 0);
    expect(scene.fired.map(({ payload }) => payload)).toMatchObject([{ inline: { body: { last: true } } }]);
  } finally {
    await api.stop();
  }
});

test("neither keys nor secrets nor signatures stand in any log, however much it says", async () => {
  const logFile = join(folder, "api.log");
  const api = await start({ ...scene.config, logLevel: "trace", logFile });
  const wrong = `bellhop_${"0".repeat(12)}_${"w".repeat(43)}`;
  const signature = createHmac("sha256", signingSecret).update("{}").digest("hex");
  const tries: [string, Record<string, string>][] = [
    ...[scene.keys.all, scene.keys.github, scene.keys.revoked, wrong, "no key at all but a secret"].flatMap((key) => [
      [hook, { Authorization: `Bearer ${key}` }] satisfies [string, Record<string, string>],
      [hook, { "Bellhop-Api-Key": key }] satisfies [string, Record<string, string>],
      [`${hook}?st2-api-key=${encodeURIComponent(key)}`, {}] satisfies [string, Record<string, string>],
      ["/v1/events", { "St2-Api-Key": key, "ce-specversion": "1.0" }] satisfies [string, Record<string, string>],
    ]),
    ["/v1/webhooks/signed", { "X-Hub-Signature-256": `sha256=${signature}` }],
    ["/v1/webhooks/signed", { "X-Hub-Signature-256": `sha256=${signature.replaceAll("a", "b")}` }],
  ];
  const statuses: number[] = [];
  for (const [path, headers] of tries) {
    const answer = await fetch(api.url + path, { method: "POST", body: "{}", headers: { "Content-Type": "application/json", ...headers } });
    statuses.push(answer.status);
  }
  expect(new Set(statuses)).toEqual(new Set([202, 400, 401, 403]));
  await api.stop();
  const log = await readFile(logFile, "utf8");
  expect(log).toContain("api serves");
  const secrets = [...Object.values(scene.keys), wrong].map((key) => key.slice(-43));
  for (const secret of [...secrets, signingSecret, signature, "no key at all but a secret"]) expect(log).not.toContain(secret);
});

test.each(["api.received", "api.stored"] as const)("-9 at %s: its sender sends it again, and it happened once", async (point) => {
  const [batch, single] = [`batch-${point}`, `single-${point}`];
  const events = [1, 2, 3].map((n) => ({ specversion: "1.0", id: `${batch}-${n}`, source: "/shop", type: "shop.sold", data: { n } }));
  const sends = [
    (url: string) => post(url + hook, { n: 1 }, { "Content-Type": "application/json", "Idempotency-Key": single }),
    (url: string) => post(`${url}/v1/events`, events, { "Content-Type": "application/cloudevents-batch+json" }),
  ];
  for (const send of sends) {
    const doomed = await startChild({ BELLHOP_CRASH: point });
    await expect(send(doomed.url)).rejects.toThrow();
    expect(await doomed.exit).toBe("SIGKILL");
    const next = await startChild({});
    // What was stored before is stored: a sender who hears nothing has to be able to ask as often as he likes.
    expect([await send(next.url), await send(next.url)]).toEqual([202, 202]);
    next.kill();
    await next.exit;
  }
  await until(() => scene.fired.length >= 4);
  const keys = scene.fired.map(({ key }) => key.split("/").at(-1));
  expect(keys).toHaveLength(4);
  expect(new Set(keys)).toEqual(new Set([...events.map(({ id }) => id), single]));
});

interface Raw {
  method: string;
  target: string;
  headers: [string, string][];
  body: Buffer;
  /** Lengths of chunks; none: the length is told ahead. */
  chunks: number[];
}

function requests(): fc.Arbitrary<Raw> {
  const methods = fc.oneof(
    { arbitrary: fc.constant("POST"), weight: 5 },
    { arbitrary: fc.constantFrom("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND"), weight: 1 },
    { arbitrary: fc.stringMatching(/^[A-Z]{1,10}$/), weight: 1 },
  );
  const known = fc.constantFrom(hook, "/v1/webhooks/signed", "/v1/webhooks/slack", "/v1/webhooks/st2", "/v1/events", "/v1/openapi.json");
  const odd = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);
  const targets = fc.oneof(
    { arbitrary: known, weight: 4 },
    { arbitrary: fc.tuple(known, odd).map(([path, more]) => path + more), weight: 1 },
    { arbitrary: odd.map((path) => `/v1/webhooks/${path}`), weight: 1 },
    { arbitrary: odd, weight: 1 },
    {
      arbitrary: fc.constantFrom("*", "//", "/%", "/%ff", "/v1/webhooks/%2e%2e/%00", "http://x/v1/events", "/v1/webhooks//github//push//"),
      weight: 1,
    },
  );
  const types = fc.oneof(
    fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "application/x-www-form-urlencoded",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
      "multipart/form-data; boundary=x",
      "application/vnd.odd+json",
      "",
    ),
    fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,30}$/),
  );
  const names = fc.constantFrom(
    "ce-specversion",
    "ce-id",
    "ce-type",
    "ce-source",
    "ce-odd",
    "Idempotency-Key",
    "X-GitHub-Delivery",
    "X-Hub-Signature-256",
    "X-Slack-Signature",
    "X-Slack-Request-Timestamp",
    "X-Mine",
    "Content-Encoding",
    "Accept",
    "Cookie",
    "__proto__",
    "Upgrade",
    "Origin",
  );
  const values = fc.oneof(
    fc.constantFrom("1.0", "gzip", "deflate, br", "identity", "websocket", "demo.push", "", "x".repeat(4_000)),
    fc.stringMatching(/^[\x21-\x7e\x80-\xff]{0,30}$/),
  );
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc.webQueryParameters().map((form) => Buffer.from(form)),
    fc.oneof(cloudEvents(), fc.array(cloudEvents(), { maxLength: 5 })).map((events) => Buffer.from(JSON.stringify(events))),
    fc
      .record({ trigger: fc.constantFrom("demo.push", 1, null), payload: fc.jsonValue(), trace: fc.jsonValue() })
      .map((one) => Buffer.from(JSON.stringify(one))),
    fc.constantFrom(
      gzipSync(Buffer.alloc(1_000_000)),
      Buffer.from('{"__proto__":{"a":1},"constructor":1}'),
      Buffer.from('{"a":"\\ud800"}'),
      Buffer.from('{"trigger":"demo.push","payload":{"\\u0000":"\\u0000\\udfff"},"trace":"\\ud800"}'),
      Buffer.from('{"trigger":"__proto__"}'),
      Buffer.from('{"specversion":"1.0","id":"\\ud800","source":"\\u0000","type":"__proto__","data":1e999}'),
      Buffer.from('[{"specversion":"1.0","id":"1","source":"/","type":"demo.push","data_base64":"/w=="},null]'),
      Buffer.from("[".repeat(60_000)),
      Buffer.from('{"a":'.repeat(10_000)),
      Buffer.from(`${"[".repeat(60)}-1.7976931348623157e+309${"]".repeat(60)}`),
      Buffer.from([0xff, 0xfe, 0x7b, 0]),
      Buffer.from(`{"a":${"9".repeat(5_000)}}`),
      Buffer.from('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'),
      Buffer.alloc(70_000, 0x20),
    ),
  );
  return fc
    .record({
      method: methods,
      target: targets,
      type: types,
      more: fc.array(fc.tuple(names, values), { maxLength: 5 }),
      hasKey: fc.boolean(),
      body: bodies,
      chunks: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
    })
    .map(({ type, more, hasKey, ...rest }) => {
      const headers: [string, string][] = [...more];
      if (type !== "") headers.push(["Content-Type", type]);
      if (hasKey) headers.push(["Authorization", `Bearer ${scene.keys.all}`]);
      return { ...rest, headers };
    });
}

/** Events that are right, and events of which one attribute or more is not. */
function cloudEvents(): fc.Arbitrary<object> {
  const odd = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.constant("x".repeat(3_000)));
  const or = (right: string) => fc.oneof({ arbitrary: fc.constant(right), weight: 6 }, { arbitrary: odd, weight: 1 });
  return fc.record(
    {
      specversion: or("1.0"),
      id: or("1"),
      source: or("/shop"),
      type: fc.oneof(or("demo.push"), or("shop.sold")),
      time: odd,
      datacontenttype: or("application/json"),
      data: odd,
      data_base64: or("e30="),
      __proto__: odd,
    },
    { requiredKeys: ["specversion", "id", "source", "type"] },
  );
}

/** What the document says that may be answered there; undefined where it is no request of the document. */
function documented({ method, target }: Raw): number[] | undefined {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  const { paths } = openApi;
  const found =
    method === "POST" && (path === "/v1/webhooks/st2" || path === "/v1/events")
      ? paths[path].post
      : method === "POST" && path === hook
        ? paths["/v1/webhooks/{path}"].post
        : method === "GET" && path === "/v1/openapi.json"
          ? paths[path].get
          : undefined;
  return found === undefined ? undefined : Object.keys(found.responses).map(Number);
}

function authorized(): [string, string][] {
  return [["Authorization", `Bearer ${scene.keys.all}`]];
}

function authorizedLines(): string[] {
  return authorized().map(([name, value]) => `${name}: ${value}`);
}

/** Sends lines and a body as they are, and no more. @returns all that is answered until the connection ends */
async function sendLines(api: Api, lines: string[], body: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.end(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"));
  return await text(socket).catch(() => "");
}

/** Not by a client of Node's, which would refuse half of it itself. */
async function sendRaw(api: Api, { method, target, headers, body, chunks }: Raw): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  // Whoever is refused may find the connection closed while he still sends.
  socket.on("error", () => {});
  const length = chunks.length === 0 ? ["Content-Length", String(body.length)] : ["Transfer-Encoding", "chunked"];
  const lines = [...headers, ["Host", "x"], ["Connection", "close"], length].map(([name, value]) => `${name}: ${value}`);
  socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1"));
  if (chunks.length === 0) socket.write(body);
  else {
    let from = 0;
    for (const size of [...chunks, body.length]) {
      const chunk = body.subarray(from, from + size);
      from += size;
      if (chunk.length > 0) socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
    }
    socket.write("0\r\n\r\n");
  }
  const answer = await text(socket).catch(() => "");
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), body: rest.join("\r\n\r\n") };
}

function reasonIn(body: string): string {
  const json = /\{[^]*\}/.exec(body)?.[0] ?? "{}";
  return (JSON.parse(json) as { error?: { message?: string } }).error?.message ?? "";
}

async function push({ url }: Api, body: string): Promise<Response> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${scene.keys.all}` };
  return await fetch(url + hook, { method: "POST", body, headers });
}

async function post(url: string, body: unknown, headers: Record<string, string>): Promise<number> {
  const all = { Authorization: `Bearer ${scene.keys.all}`, ...headers };
  return (await fetch(url, { method: "POST", body: JSON.stringify(body), headers: all })).status;
}

/** The program as it is shipped. */
async function startChild(env: Record<string, string>): Promise<{ url: string; exit: Promise<unknown>; kill(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NATS_URL: scene.nats.url,
      BELLHOP_API_LISTEN: "127.0.0.1:0",
      BELLHOP_LOG: "info",
      ...env,
    },
  });
  const exit = once(child, "exit").then(([, signal]: unknown[]) => signal);
  for await (const line of createInterface({ input: child.stderr })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url === undefined) continue;
    child.stderr.resume();
    return { url, exit, kill: () => child.kill("SIGKILL") };
  }
  throw new Error("it never served");
}
