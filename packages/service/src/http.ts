import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { problem } from "@bellhop/contracts";

/** What can be asked for. */
export interface Answers {
  ready(): { ready: boolean; checks: readonly object[] };
  metrics(): Promise<string>;
  readonly metricsType: string;
}

/** Serves /healthz, /readyz and /metrics. @throws Problem config_invalid where the address can't be had */
export async function listen(
  { host, port }: { host: string; port: number },
  answers: Answers,
): Promise<{ url: string; close(): Promise<void> }> {
  // Nobody has anything to send: a short time keeps those who hold a socket open from holding many.
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 });
  server.maxConnections = 64;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(request, answers).then(
      ({ status, type, body }) => respond(response, { status, type, body: request.method === "HEAD" ? "" : body }),
      () => respond(response, { status: 500, type: plain, body: "the figures can't be had now\n" }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(unusable({ host, port }, error)));
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reply {
  status: number;
  type: string;
  body: string;
}

const plain = "text/plain; charset=utf-8";
const json = "application/json; charset=utf-8";

async function answer({ method, url = "/" }: IncomingMessage, answers: Answers): Promise<Reply> {
  if (method !== "GET" && method !== "HEAD") return { status: 405, type: plain, body: "only GET and HEAD\n" };
  switch (url.replace(/\?.*$/, "")) {
    case "/healthz":
      return { status: 200, type: json, body: `${JSON.stringify({ ok: true, uptimeSeconds: Math.round(process.uptime()) })}\n` };
    case "/readyz": {
      const found = answers.ready();
      return { status: found.ready ? 200 : 503, type: json, body: `${JSON.stringify(found, undefined, 2)}\n` };
    }
    case "/metrics":
      return { status: 200, type: answers.metricsType, body: await answers.metrics() };
    default:
      return { status: 404, type: plain, body: "there are /healthz, /readyz and /metrics\n" };
  }
}

function respond(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}

function unusable({ host, port }: { host: string; port: number }, error: NodeJS.ErrnoException): Error {
  const why = error.code === "EADDRINUSE" ? "something else listens there; each process needs a port of its own" : error.message;
  return problem("config_invalid", { count: 1, faults: `  BELLHOP_HTTP: ${host}:${port} can't be listened on: ${why}` }, { cause: error });
}
