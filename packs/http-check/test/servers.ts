import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { generate } from "selfsigned";

/** Servers of one test on 127.0.0.1: plain, with a certificate of their own making that is good for 30 days, and with one that is over. */
export interface Servers {
  readonly plain: string;
  readonly tls: string;
  readonly over: string;
  /** The authority of `tls`, as PEM. */
  readonly ca: string;
  /** How often a path was asked for. */
  readonly asked: Map<string, number>;
  close(): void;
}

export async function startServers(): Promise<Servers> {
  const asked = new Map<string, number>();
  const day = 86_400_000;
  const [good, old] = await Promise.all([
    certificate({ from: Date.now() - day, to: Date.now() + 30 * day }),
    certificate({ from: Date.now() - 3 * day, to: Date.now() - day }),
  ]);
  const listener = answers(asked);
  const servers = [
    createServer(listener),
    createTlsServer({ key: good.private, cert: good.cert }, listener),
    createTlsServer({ key: old.private, cert: old.cert }, listener),
  ];
  const ports = await Promise.all(servers.map(listening));
  return {
    plain: `http://127.0.0.1:${ports[0]}`,
    tls: `https://127.0.0.1:${ports[1]}`,
    over: `https://127.0.0.1:${ports[2]}`,
    ca: `${good.cert}\n${old.cert}`,
    asked,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function certificate({ from, to }: { from: number; to: number }) {
  return generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(from),
    notAfterDate: new Date(to),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

/** `/503` says 503, `/to?URL` sends on to there, `/again` to itself, `/never` does not answer, `/long` holds "needle" after a megabyte; the rest says hello. */
function answers(asked: Map<string, number>): RequestListener {
  return (request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://here");
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
    if (/^\/\d{3}$/.test(pathname)) response.writeHead(Number(pathname.slice(1))).end("so it is");
    else if (pathname === "/to") response.writeHead(302, { location: decodeURIComponent(search.slice(1)) }).end();
    else if (pathname === "/again") response.writeHead(307, { location: "/again" }).end();
    else if (pathname === "/long") response.end(`${" ".repeat(1024 * 1024)}needle`);
    else if (pathname !== "/never") response.end("hello from here");
  };
}
