import { App, LogLevel, SocketModeReceiver, type Receiver } from "@slack/bolt";
import type { FakeSlack } from "./fake-slack.ts";

/** For this folder's tests: the real App over Socket Mode. It tells what it gets and tries each call once, so that a fault is seen as it is. */
export function boltApp({ apiUrl, bot }: FakeSlack, { retries = 0, timeout = 0, token = bot.token, receiver }: BoltAppOptions = {}): App {
  const clientOptions = {
    slackApiUrl: apiUrl,
    timeout,
    retryConfig: { retries, minTimeout: 1, maxTimeout: 5 },
    rejectRateLimitedCalls: true,
  };
  const connection = receiver ? { receiver } : { socketMode: true, appToken: bot.appToken };
  // Else the constructor calls auth.test at once, where a fault planned for another call would meet it, and a refusal would be nobody's to catch.
  // And who the bot is, is told: Bolt asks anew with each event, and two of one moment would be heard in the order of their answers.
  const self = { botId: bot.botId, botUserId: bot.userId };
  return new App({ token, ...self, ...connection, clientOptions, logger: SILENT, tokenVerificationEnabled: false });
}

/** Bolt acknowledges an event before any listener sees it; this receiver does so only when `willing` says yes, after the listeners. */
export function unwillingReceiver({ apiUrl, bot }: FakeSlack, willing: (attempt: number) => boolean): Receiver {
  const inner = new SocketModeReceiver({
    appToken: bot.appToken,
    logger: SILENT,
    installerOptions: { clientOptions: { slackApiUrl: apiUrl } },
  });
  return {
    init: (app) => {
      const hear = async ({ ack, body, retry_num, retry_reason }: Heard) => {
        await app.processEvent({ body, ack: async () => {}, retryNum: retry_num, retryReason: retry_reason });
        if (willing(retry_num)) await ack();
      };
      // What fails, such as a call to a Slack that is closed already, is not acknowledged: that is all that Slack sees of it.
      inner.client.on("slack_event", (heard: Heard) => void hear(heard).catch(() => undefined));
    },
    start: () => inner.start(),
    stop: () => inner.stop(),
  };
}

/** What the SDK hands over for an envelope. */
interface Heard {
  ack: () => Promise<void>;
  body: Record<string, unknown>;
  retry_num: number;
  retry_reason: string;
}

interface BoltAppOptions {
  retries?: number;
  /** Of one HTTP call, in ms; none unless told. */
  timeout?: number;
  token?: string;
  receiver?: Receiver;
}

const SILENT = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};
