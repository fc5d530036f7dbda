import { once } from "node:events";
import type { Server } from "node:net";

/** Has a server listen on this machine alone. @returns the port that was free */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server that listens on a port has one");
  return address.port;
}
