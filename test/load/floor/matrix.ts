// A bare bot on Matrix: matrix-bot-sdk, and nothing between it and NATS.
import { createRequire, registerHooks } from "node:module";
import { z } from "zod";
import { child } from "../child.ts";
import { openFloorGateway } from "./gateway.ts";

// The SDK requires its native cryptography when it is loaded, which need not be there.
const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@matrix-org/matrix-sdk-crypto-nodejs"
      ? { url: new URL("absent.cjs", import.meta.url).href, format: "commonjs", shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url.endsWith("/absent.cjs") ? { format: "commonjs", source: "module.exports = {};", shortCircuit: true } : next(url, context),
});
const sdk: typeof import("matrix-bot-sdk") = createRequire(import.meta.url)("matrix-bot-sdk");
hooks.deregister();
sdk.LogService.setLogger({ info() {}, warn() {}, error() {}, debug() {}, trace() {} });

const Environment = z.object({ BELLHOP_MATRIX_HOMESERVER: z.string(), BELLHOP_MATRIX_TOKEN: z.string() });
const { BELLHOP_MATRIX_HOMESERVER: homeserver, BELLHOP_MATRIX_TOKEN: token } = Environment.parse(process.env);
const RoomMessage = z.object({ event_id: z.string(), sender: z.string(), content: z.object({ body: z.string() }) });

const nats = await openFloorGateway("matrix");
const client = new sdk.MatrixClient(homeserver, token);
const self = await client.getUserId();
client.on("room.message", (room: string, raw: unknown) => {
  const { event_id: id, sender, content } = RoomMessage.parse(raw);
  if (sender === self || !content.body.startsWith("!")) return;
  nats.received({ id, channel: room, author: sender, text: content.body.slice(1), replyTo: { channel: room, thread: id, message: id } });
});
await client.start();
await nats.sends(async ({ to: { channel, thread, message }, body: { text } }) => {
  const inThread = { rel_type: "m.thread", event_id: thread, is_falling_back: true, "m.in_reply_to": { event_id: message } };
  return await client.sendMessage(channel, { msgtype: "m.notice", body: text, "m.relates_to": inThread });
});
child.ready();
