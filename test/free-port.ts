import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody listens on, for a program that has to be told one before it starts. It is none of those that systems hand out to whoever asks for any: before
 *  the program begins to listen, one of these may be handed out again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, "127.0.0.1");
    const taken = await once(server, "listening").then(
      () => false,
      () => true,
    );
    if (taken) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
