import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { scaled, spans, traceOf } from "@bellhop/contracts";
import { afterEach, expect, test } from "vitest";
import type { CommonConfig } from "./config.ts";
import { silentLog, type Log } from "./log.ts";
import { figure } from "./metrics.ts";
import { openObservatory, withTelemetry, type Observatory, type Telemetry } from "./telemetry.ts";
import type { Service } from "./run-main.ts";

const common: CommonConfig = { nats: { url: "" }, folder: "", durations: scaled(1), logLevel: "silent", file: {} };
const http = { host: "127.0.0.1", port: 0 };
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function observatory(config: Partial<CommonConfig>, log: Log = silentLog): Promise<Observatory> {
  const open = await openObservatory({ config: { ...common, ...config }, name: "test", log });
  if (open === undefined) throw new Error("nothing was opened");
  undo.push(() => open.close());
  return open;
}

async function get(at: Observatory, path: string, method = "GET"): Promise<{ status: number; text: string }> {
  const response = await fetch(`${at.url}${path}`, { method });
  return { status: response.status, text: await response.text() };
}

/** Everything is shown anew at each look. */
const eager = { durations: { ...common.durations, figuresEvery: 0 } };

test("without an address and a collector nothing is opened, nor are the libraries for it loaded", async () => {
  expect(await openObservatory({ config: common, name: "test", log: silentLog })).toBeUndefined();
  const script = `
    import { withTelemetry, silentLog } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const service = await withTelemetry({ config: {}, part: "p", log: silentLog }, async (telemetry) => {
      telemetry.count("bellhop_decisions_total", { verdict: "run" });
      await telemetry.span(() => ({}), {}, async () => console.log("worked"));
      return { stop: async () => {}, failed: new Promise(() => {}) };
    });
    await service.stop();
    console.log(process.moduleLoadList.includes("NativeModule _http_server"));`;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
  expect([run.stdout, run.stderr]).toEqual(["worked\nfalse\n", ""]);
});

test("a part is ready once it has started and all its checks hold; until then each says what to do", async () => {
  const shared = await observatory({ http });
  const started = Promise.withResolvers<Service>();
  let linked = false;
  const starting = withTelemetry({ config: { ...common, observatory: shared }, part: "engine", log: silentLog }, (telemetry) => {
    telemetry.check("nats", () => ({
      ok: linked,
      found: linked ? "connected" : "no connection",
      ...(linked ? {} : { hint: "Start it." }),
    }));
    return started.promise;
  });
  const ready = async () => {
    const { status, text } = await get(shared, "/readyz");
    const { checks } = JSON.parse(text) as { checks: { name: string; ok: boolean; hint?: string }[] };
    return [status, ...checks.map(({ name, ok, hint }) => `${name} ${ok} ${hint === undefined ? "" : "with a hint"}`.trim())];
  };
  expect((await get(shared, "/healthz")).status).toBe(200);
  expect(await ready()).toEqual([503, "engine.state false with a hint", "engine.nats false with a hint"]);
  started.resolve({ stop: async () => {}, failed: new Promise<never>(() => {}) });
  const service = await starting;
  expect(await ready()).toEqual([503, "engine.state true", "engine.nats false with a hint"]);
  linked = true;
  expect(await ready()).toEqual([200, "engine.state true", "engine.nats true"]);
  await service.stop();
  expect(await ready()).toEqual([503, "engine.state false with a hint"]);
});

test("a part that can't start takes its own listener with it", async () => {
  let url: string | undefined;
  const log: Log = { ...silentLog, info: (fields) => void ("url" in fields && (url = String(fields.url))) };
  const failing = withTelemetry({ config: { ...common, http }, part: "engine", log }, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test("counts, times and figures come out as Prometheus reads them, and what is told no more is gone", async () => {
  const open = await observatory({ http, ...eager });
  const telemetry = open.open("engine");
  let pools = ["default", "gpu"];
  telemetry.figures(() => pools.map((queue) => figure("bellhop_queue_messages", { stream: "ACTION", queue }, 3)));
  telemetry.figures(async () => [figure("bellhop_nats_reconnects_total", { part: "engine" }, 4)]);
  telemetry.count("bellhop_decisions_total", { verdict: "run" });
  telemetry.count("bellhop_decisions_total", { verdict: "run" });
  telemetry.observe("bellhop_reply_seconds", { platform: "slack" }, 0.07);
  const { text } = await get(open, "/metrics");
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "# TYPE bellhop_decisions_total counter",
      'bellhop_decisions_total{verdict="run"} 2',
      'bellhop_reply_seconds_bucket{le="0.05",platform="slack"} 0',
      'bellhop_reply_seconds_bucket{le="0.1",platform="slack"} 1',
      'bellhop_reply_seconds_count{platform="slack"} 1',
      'bellhop_queue_messages{stream="ACTION",queue="gpu"} 3',
      'bellhop_nats_reconnects_total{part="engine"} 4',
      'bellhop_ready{part="engine"} 1',
    ]),
  );
  expect(text).toMatch(/^process_resident_memory_bytes \d{6,}$/m);
  pools = ["default"];
  const later = (await get(open, "/metrics")).text;
  expect(later).toContain('bellhop_queue_messages{stream="ACTION",queue="default"} 3');
  expect(later).not.toContain("gpu");
  expect(later).toContain('bellhop_nats_reconnects_total{part="engine"} 4');
});

test("figures are asked for once, however often somebody looks", async () => {
  const open = await observatory({ http, durations: { ...common.durations, figuresEvery: 3_600_000 } });
  let asked = 0;
  open.open("engine").figures(() => [figure("bellhop_shards_unheld", {}, ++asked)]);
  const looks = await Promise.all(Array.from({ length: 20 }, () => get(open, "/metrics")));
  expect([asked, new Set(looks.map(({ text }) => text)).size]).toEqual([1, 1]);
});

test("figures that never come hold up nothing else, and are asked for no second time", async () => {
  const open = await observatory({ http, ...eager });
  let asked = 0;
  const part = open.open("engine");
  part.figures(() => {
    asked++;
    return new Promise(() => {});
  });
  part.figures(() => Promise.reject(new Error("denied")));
  part.figures(() => [figure("bellhop_shards_unheld", {}, 2)]);
  for (let look = 0; look < 2; look++) expect((await get(open, "/metrics")).text).toContain("bellhop_shards_unheld 2");
  expect(asked).toBe(1);
});

test.each([
  ["/", "GET", 404],
  ["/metrics?x=1", "GET", 200],
  ["/metrics", "HEAD", 200],
  ["/metrics", "POST", 405],
])("%s by %s is answered %i", async (path, method, status) => {
  const open = await observatory({ http });
  expect((await get(open, path, method)).status).toBe(status);
});

test("a port that is taken is said with what to do", async () => {
  const first = await observatory({ http });
  const port = Number(new URL(first.url ?? "").port);
  await expect(observatory({ http: { ...http, port } })).rejects.toThrow(`127.0.0.1:${port} can't be listened on: something else`);
});

interface Sent {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string } }[];
}

/** An OTLP receiver. */
async function collector(answer: "takes" | "hangs"): Promise<{ url: string; spans: Sent[]; paths: Set<string> }> {
  const received: Sent[] = [];
  const paths = new Set<string>();
  const server: Server = createServer((request, response) => {
    paths.add(request.url ?? "");
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      if (answer === "hangs") return;
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
      received.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans: received, paths };
}

async function told(telemetry: Telemetry, key: string): Promise<string> {
  return await telemetry.span(
    () => spans.receive(key),
    { platform: "slack" },
    async () =>
      telemetry.span(
        () => spans.decide(key),
        {},
        async (note) => {
          note({ verdict: "run" });
          return "answer";
        },
      ),
  );
}

test("spans reach an OTLP collector under the ids that follow from the message", async () => {
  const { url, spans: received, paths } = await collector("takes");
  const open = await observatory({ otlp: url });
  const key = "slack/A1/T1/C1/1.1";
  expect(await told(open.open("engine"), key)).toBe("answer");
  await open.close();
  expect([...paths]).toEqual(["/v1/traces"]);
  const [receive, decide] = [spans.receive(key), spans.decide(key)];
  expect(
    received.map(({ name, traceId, spanId, parentSpanId = "" }) => [name, traceId, spanId, parentSpanId].join(" ")).toSorted(),
  ).toEqual([`decide ${traceOf(key)} ${decide.span} ${receive.span}`, `receive ${traceOf(key)} ${receive.span} `]);
  const words = received.flatMap(({ attributes }) => attributes.map(({ key: name, value }) => `${name}=${value.stringValue}`));
  expect(words.toSorted()).toEqual(["bellhop.part=engine", "bellhop.part=engine", "platform=slack", "verdict=run"]);
});

test.each(["hangs", "is not there"])("a collector that %s holds up neither work nor the end", async (fault) => {
  const url = fault === "hangs" ? (await collector("hangs")).url : "http://127.0.0.1:1";
  const open = await observatory({ otlp: url });
  const telemetry = open.open("engine");
  const answers = await Promise.all(Array.from({ length: 5_000 }, (_, nth) => told(telemetry, `slack/A1/T1/C1/${nth}`)));
  expect(answers).toHaveLength(5_000);
  await open.close();
});
