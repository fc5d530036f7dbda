// A bare bot on Discord: discord.js, and nothing between it and NATS.
import { Client, Events, GatewayIntentBits, Routes } from "discord.js";
import { z } from "zod";
import { child } from "../child.ts";
import { openFloorGateway } from "./gateway.ts";

const Environment = z.object({ BELLHOP_DISCORD_API_URL: z.string(), BELLHOP_DISCORD_TOKEN: z.string() });
const { BELLHOP_DISCORD_API_URL: api, BELLHOP_DISCORD_TOKEN: token } = Environment.parse(process.env);
const { Guilds, GuildMessages, MessageContent } = GatewayIntentBits;

const nats = await openFloorGateway("discord");
const client = new Client({
  intents: [Guilds, GuildMessages, MessageContent],
  // The SDK's own pace is off, as the product's is.
  rest: { api, globalRequestsPerSecond: 1_000_000 },
});
client.on(Events.MessageCreate, ({ id, author, channelId: channel, content }) => {
  if (author.bot || !content.startsWith("!")) return;
  nats.received({ id, channel, author: author.id, text: content.slice(1), replyTo: { channel, message: id } });
});
const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
await client.login(token);
await ready;
const Posted = z.object({ id: z.string() });
await nats.sends(async ({ key, to: { channel, message }, body: { text } }) => {
  const body = { content: text, nonce: key.slice(0, 25), enforce_nonce: true, message_reference: { message_id: message } };
  return Posted.parse(await client.rest.post(Routes.channelMessages(channel), { body })).id;
});
child.ready();
