// A bare bot on Slack: the SDK's socket client and Web API client, and nothing between them and NATS.
import { SocketModeReceiver, webApi } from "@slack/bolt";
import { z } from "zod";
import { child } from "../child.ts";
import { openFloorGateway } from "./gateway.ts";

const Environment = z.object({
  BELLHOP_SLACK_API_URL: z.string(),
  BELLHOP_SLACK_BOT_TOKEN: z.string(),
  BELLHOP_SLACK_APP_TOKEN: z.string(),
});
const {
  BELLHOP_SLACK_API_URL: slackApiUrl,
  BELLHOP_SLACK_BOT_TOKEN: token,
  BELLHOP_SLACK_APP_TOKEN: appToken,
} = Environment.parse(process.env);

interface Envelope {
  ack: () => Promise<void>;
  body: {
    event: { type: string; subtype?: string; bot_id?: string; channel: string; user: string; text: string; ts: string; thread_ts?: string };
  };
}

const nats = await openFloorGateway("slack");
const client = new webApi.WebClient(token, { slackApiUrl });
const socket = new SocketModeReceiver({ appToken, installerOptions: { clientOptions: { slackApiUrl } } });
socket.client.on("slack_event", ({ ack, body: { event } }: Envelope) => {
  if (event.type !== "message" || event.bot_id !== undefined || event.subtype !== undefined || !event.text.startsWith("!"))
    return void ack();
  const { channel, user, ts, thread_ts: thread = ts } = event;
  nats.received({ id: ts, channel, author: user, text: event.text.slice(1), replyTo: { channel, thread, message: ts } }, () => void ack());
});
await socket.client.start();
await nats.sends(async ({ to: { channel, thread }, body: { text } }) => {
  const { ts = "" } = await client.chat.postMessage({ channel, text, thread_ts: thread });
  return ts;
});
child.ready();
