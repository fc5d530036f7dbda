import { setTimeout as pause } from "node:timers/promises";
import { problem, toProblem, type Durations, type Problem } from "@bellhop/contracts";
import type { Adapter, Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { App, LogLevel, SocketModeReceiver, webApi, type Logger, type Receiver } from "@slack/bolt";
import type { SlackSettings } from "./config.ts";
import { toMessage, type Self } from "./receive.ts";
import { callSlack, findSent, resultOf } from "./send.ts";

export interface ConnectionOptions {
  slack: SlackSettings;
  durations: Durations;
  log: Log;
}

/** Asks Slack who we are; gives the adapter of that bot.
 *  @throws Problem config_invalid when Slack does not take the bot's token; platform_unavailable when it can't be reached */
export async function openSlack({ slack, durations, log }: ConnectionOptions): Promise<Adapter> {
  const options = clientOptions({ slack, durations, log });
  const client = new webApi.WebClient(slack.botToken.reveal(), options);
  const self = await whoAmI(client);
  const socket = new Socket({ slack, self, options, log, client });
  return {
    platform: "slack",
    account: self.account,
    capabilities: { edit: true },
    failed: socket.failed,
    connect: (inbox) => socket.open(inbox),
    disconnect: () => socket.close(),
    send: (send, about) => callSlack(client, send, about),
    resolve: (send, receipt) => findSent(client, send, receipt),
  };
}

/** One Socket Mode connection, opened again for as long as we live. The SDK's own reconnecting waits five seconds and more, and what it throws
 *  there nobody can catch: each connection is a client of its own, and the loop is ours. */
class Socket {
  readonly failed: Promise<never>;
  private readonly fail: (why: Problem) => void;
  private readonly closing = new AbortController();
  private readonly options: SocketOptions;
  private running: Promise<void> = Promise.resolve();
  private opened = false;

  constructor(options: SocketOptions) {
    this.options = options;
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    this.failed = failure.promise;
    this.fail = failure.reject;
  }

  /** Resolves once connected, or after the first failure: it goes on trying by itself. */
  open(inbox: Inbox): Promise<void> {
    const first = Promise.withResolvers<void>();
    const app = createApp(this.options, inbox);
    this.opened = true;
    this.running = this.keepOpen(app, first.resolve).finally(first.resolve);
    return first.promise;
  }

  async close(): Promise<void> {
    this.closing.abort();
    if (this.opened) await this.running;
  }

  private async keepOpen(app: App, tried: () => void): Promise<void> {
    const { log } = this.options;
    for (let failures = 0; !this.closing.signal.aborted;) {
      try {
        await this.once(app, () => {
          failures = 0;
          log.info({}, "connected to Slack");
          tried();
        });
      } catch (error) {
        failures += 1;
        const result = resultOf(error);
        const why = result.kind === "sent" ? "" : result.why;
        if (tokenFaults.has(why)) return this.fail(tokenProblem("BELLHOP_SLACK_APP_TOKEN", why));
        log.warn({ why, failures }, "Slack can't be reached");
      }
      tried();
      await pause(Math.min(30_000, failures * failures * 250), undefined, { signal: this.closing.signal }).catch(() => {});
    }
  }

  /** One connection from its opening to its end. */
  private async once(app: App, connected: () => void): Promise<void> {
    const { slack, options, log } = this.options;
    const ended = Promise.withResolvers<void>();
    // Holds the SDK's socket client; without an app of its own it dispatches nothing.
    const { client } = new SocketModeReceiver({
      appToken: slack.appToken.reveal(),
      autoReconnectEnabled: false,
      logger: options.logger,
      installerOptions: { clientOptions: options },
    });
    client.on("disconnected", () => ended.resolve());
    client.on("slack_event", (envelope: Envelope) => void dispatch(app, envelope, log));
    const leave = () => ended.resolve();
    this.closing.signal.addEventListener("abort", leave);
    const started = client.start();
    try {
      await Promise.race([started, ended.promise]);
      if (this.closing.signal.aborted) return;
      await started;
      connected();
      // Told to go, the SDK first waits for the other side's goodbye; a new connection need not.
      client.on("ws_message", (data: unknown) => {
        if (/^\s*\{\s*"type"\s*:\s*"disconnect"/.test(String(data))) ended.resolve();
      });
      await ended.promise;
    } finally {
      this.closing.signal.removeEventListener("abort", leave);
      // A start that is still on its way would open a socket that nobody reads.
      started.then(
        () => client.disconnect(),
        () => {},
      );
    }
  }
}

interface SocketOptions {
  slack: SlackSettings;
  self: Self & { botId: string };
  options: webApi.WebClientOptions;
  client: webApi.WebClient;
  log: Log;
}

/** What the socket client gives for each envelope. */
interface Envelope {
  ack(): Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

/** Bolt acknowledges an event before its listeners have run: it gets an acknowledgement of its own that does nothing, and Slack is told when
 *  all of them are done. An envelope that failed is left to Slack, which sends it again. */
async function dispatch(app: App, envelope: Envelope, log: Log): Promise<void> {
  const { body, retry_num: retryNum, retry_reason: retryReason } = envelope;
  try {
    await app.processEvent({ body, retryNum, retryReason, ack: async () => {} });
  } catch (error) {
    log.warn({ why: toProblem(error).message }, "an event is left to Slack");
    return;
  }
  // On a socket that has closed meanwhile: the event comes again, and its message has the same key.
  await envelope.ack().catch((error: unknown) => log.debug({ why: String(error) }, "an acknowledgement did not get through"));
}

function createApp({ slack, self, options }: SocketOptions, inbox: Inbox): App {
  const none: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  const { botId, account: botUserId, team: teamId } = self;
  const app = new App({
    receiver: none,
    authorize: async () => ({ botToken: slack.botToken.reveal(), botId, botUserId, teamId }),
    clientOptions: options,
    logger: options.logger,
    convoStore: false,
  });
  const receive = async ({ body, context }: { body: unknown; context: { retryNum?: number } }) => {
    const message = toMessage({ body, retry: (context.retryNum ?? 0) > 0 }, self);
    if (message !== undefined) await inbox.receive(message);
  };
  app.event("message", receive);
  app.event("app_mention", receive);
  return app;
}

async function whoAmI(client: webApi.WebClient): Promise<Self & { botId: string }> {
  try {
    const { user_id: account, team_id: team, bot_id: botId = "" } = await client.auth.test();
    if (account === undefined || team === undefined) throw new Error("auth.test names no bot");
    return { account, team, botId };
  } catch (error) {
    const result = resultOf(error);
    const why = result.kind === "sent" ? "" : result.why;
    if (tokenFaults.has(why)) throw tokenProblem("BELLHOP_SLACK_BOT_TOKEN", why);
    throw problem("platform_unavailable", { platform: "slack", why }, { cause: error });
  }
}

function clientOptions({ slack, durations, log }: ConnectionOptions): webApi.WebClientOptions & { logger: Logger } {
  return {
    ...(slack.apiUrl === undefined ? {} : { slackApiUrl: slack.apiUrl }),
    // Trying again is decided by receipts, not by the SDK: a second post is a second message.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: durations.platformCall,
    logger: sdkLogger(log),
  };
}

const tokenFaults: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "not_allowed_token_type",
]);

function tokenProblem(variable: string, why: string): Problem {
  return problem("config_invalid", {
    count: 1,
    faults: `  ${variable}: Slack does not take it (${why}); docs/platforms/slack.md says where to get a new one`,
  });
}

/** The SDK's own lines, for those who look closely: whatever matters is told by us. */
function sdkLogger(log: Log): Logger {
  const say = (...words: unknown[]) => log.debug({ sdk: words.map(String).join(" ") }, "slack sdk");
  return { debug: () => {}, info: say, warn: say, error: say, setLevel: () => {}, getLevel: () => LogLevel.INFO, setName: () => {} };
}
