import { createServer, STATUS_CODES, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { problem } from "@bellhop/contracts";
import { getRequestListener } from "@hono/node-server";
import { onlyPost, refusalBody, refusalOf, type Refusal } from "./refusal.ts";

/** Where requests come in. */
export interface Door {
  /** `http://127.0.0.1:8080` */
  url: string;
  /** Rejects when nobody can come in any more; never resolves. */
  failed: Promise<never>;
  /** Takes nothing more, and waits for what is in hand, no longer than that many milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** Senders have so long for a request, to its last byte, in milliseconds. */
const requestTimeout = 15_000;

/** So many connections at once. Whoever holds one longest without having said something whole makes room for the next: so those who trickle push out each other. */
const mostConnections = 1_000;

const maxHeaderSize = 16_384;

/** Listens. Whatever is no HTTP is told so as everything else is.
 *  @throws Problem config_invalid where the address can't be had */
export async function listen(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { host, port, most = mostConnections }: { host: string; port: number; most?: number },
): Promise<Door> {
  const answer = getRequestListener(fetch, { hostname: "localhost", errorHandler: () => refusalOf(noHttp) });
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize,
      // It says nothing that we need, and Node would refuse without a word.
      requireHostHeader: false,
    },
    (request, response) => void answer(request, response),
  );
  // Also for whoever does not take his answer.
  server.setTimeout(2 * requestTimeout);
  makeRoom(server, most);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseRaw(socket, clientFaults[error.code ?? ""] ?? noHttp));
  server.on("connect", (_request, socket) => refuseRaw(socket, onlyPost));
  server.on("checkExpectation", (_request, response) => {
    response
      .writeHead(417, { "Content-Type": "application/json" })
      .end(refusalBody({ code: "expectation", message: "Only 100-continue can be expected." }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(unusable({ host, port }, error)));
    server.listen(port, host, resolve);
  });
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  server.on("error", failure.reject);
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    failed: failure.promise,
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      // Node ends its own time-outs with the server: whoever trickles a body would hold it up for ever. What is being stored has its answer long before.
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function makeRoom(server: Server, most: number): void {
  /** Those that owe us the rest of a request, longest first. */
  const owing = new Set<Socket>();
  let connections = 0;
  const owes = (socket: Socket) => {
    owing.delete(socket);
    if (!socket.destroyed) owing.add(socket);
  };
  server.on("connection", (socket) => {
    owes(socket);
    connections += 1;
    socket.once("close", () => {
      connections -= 1;
      owing.delete(socket);
    });
    if (connections <= most) return;
    const [longest = socket] = owing;
    longest.destroy();
  });
  server.on("request", (request, response) => {
    const { socket } = request;
    request.once("end", () => void owing.delete(socket));
    response.once("close", () => owes(socket));
  });
}

/** What never became a request, or not wholly. */
function refuseRaw(socket: Duplex, { status, ...refusal }: Refusal): void {
  if (!socket.writable) return void socket.destroy();
  const body = refusalBody(refusal);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Connection: close", "Content-Type: application/json"];
  socket.end(`${head.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

function unusable({ host, port }: { host: string; port: number }, error: NodeJS.ErrnoException): Error {
  const why = error.code === "EADDRINUSE" ? "something else listens there" : error.message;
  return problem("config_invalid", { count: 1, faults: `  api.listen: ${host}:${port} can't be listened on: ${why}` }, { cause: error });
}

const noHttp: Refusal = { status: 400, code: "request_unreadable", message: "This is no HTTP/1.1 request." };
const clientFaults: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "request_slow", message: "The request did not come in time.", hint: "Send it again." },
  HPE_HEADER_OVERFLOW: { status: 431, code: "headers_large", message: `The headers are larger than ${maxHeaderSize} bytes.` },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: "body_large", message: "The chunks of the body have too much beside them." },
};
