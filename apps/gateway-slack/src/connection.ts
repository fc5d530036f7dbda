import { problem, type Durations } from "@bellhop/contracts";
import type { Adapter, Capabilities } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import type { Logger, Receiver, webApi } from "@slack/bolt";
import { createCatchUp, type CatchUp } from "./catch-up.ts";
import type { SlackSettings } from "./config.ts";
import { createDownload } from "./download.ts";
import { failureOf } from "./failure.ts";
import { createHearing, type Hearing } from "./hear.ts";
import { createInteractions } from "./interactions.ts";
import { lane } from "./lanes.ts";
import { toHeard, type Self } from "./receive.ts";
import { request } from "./request.ts";
import { App, LogLevel, WebClient } from "./sdk.ts";
import { createVoice } from "./send.ts";
import { Sockets, tokenFaults, tokenProblem } from "./sockets.ts";
import type { SlackPiece } from "./write.ts";

export interface ConnectionOptions {
  slack: SlackSettings;
  durations: Durations;
  log: Log;
}

/** docs/platforms/slack.md says how. */
export const capabilities: Capabilities = {
  thread: "native",
  direct: "native",
  mention: "native",
  edit: "native",
  delete: "native",
  reaction: "native",
  typing: "none",
  ephemeral: "native",
  file: "native",
  table: "native",
  press: "native",
  form: "native",
  once: "emulated",
  catchUp: "emulated",
};

/** Asks Slack who we are; gives the adapter of that bot.
 *  @throws Problem config_invalid when Slack does not take the bot's token; platform_unavailable when it can't be reached */
export async function openSlack({ slack, durations, log }: ConnectionOptions): Promise<Adapter<SlackPiece>> {
  const web = webOptions({ slack, durations, log });
  const client = new WebClient(slack.botToken.reveal(), web);
  const us = await whoAmI(client);
  const closing = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let listening: { sockets: Sockets; catchUp: CatchUp } | undefined;
  let lookedAt = -Infinity;

  return {
    platform: "slack",
    account: us.account,
    capabilities,
    ...createVoice({ client, callMs: durations.platformCall, onLook: () => (lookedAt = performance.now()) }),
    failed: failure.promise,
    isConnected: () => listening?.sockets.isOpen ?? false,
    async connect(inbox) {
      const self: Self = { ...us, prefix: (conversation) => inbox.prefix(conversation), awaits: (said) => inbox.awaits(said) };
      const hearing: Hearing = createHearing({
        inbox,
        self,
        download: createDownload({ client, slack, callMs: durations.platformCall, log }),
        before: (channel) => catchUp.before(channel),
        reach: (at) => catchUp.reach(at),
      });
      const catchUp = createCatchUp({
        client,
        us,
        marks: inbox.marks,
        missed: (body) => hearing.missed({ body, origin: "backfill" }),
        concerns: (body) => toHeard({ body, origin: "backfill" }, self) !== undefined,
        busyMs: () => lookedAt + durations.platformMinute / looksAMinute - performance.now(),
        durations,
        log,
        over: closing.signal,
      });
      const app = createApp({ slack, us, web, hearing });
      const interact = createInteractions({ client, self, inbox, log });
      // Bolt acknowledges an event before its listeners have run: it gets an acknowledgement that does nothing, and Slack is told when they are done.
      const sockets = new Sockets({
        slack,
        web,
        log,
        take: ({ body, retryNum, retryReason }) =>
          body["type"] === "event_callback" ? app.processEvent({ body, retryNum, retryReason, ack: async () => {} }) : interact(body),
        onOpen(first) {
          if (first) catchUp.begin();
          // Every few hours, as Slack renews them: the mark of a quiet workspace must not grow too old to count.
          else catchUp.listened();
        },
      });
      sockets.failed.catch(failure.reject);
      listening = { sockets, catchUp };
      await sockets.open();
    },
    async disconnect() {
      closing.abort();
      await listening?.sockets.close();
      await listening?.catchUp.settled();
    },
  };
}

/** Another look may come that soon after one: two turns of its lane. */
const looksAMinute = 30_000 / lane("conversations.replies").everyMs;

interface Us {
  account: string;
  user: string;
  team: string;
  botId: string;
}

function createApp({
  slack,
  us,
  web,
  hearing,
}: {
  slack: SlackSettings;
  us: Us;
  web: ReturnType<typeof webOptions>;
  hearing: Hearing;
}): App {
  const none: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  const { botId, user: botUserId, team: teamId } = us;
  const app = new App({
    receiver: none,
    authorize: async () => ({ botToken: slack.botToken.reveal(), botId, botUserId, teamId }),
    clientOptions: web,
    logger: web.logger,
    convoStore: false,
  });
  const hear = ({ body, context }: { body: unknown; context: { retryNum?: number } }) =>
    hearing.live({ body, origin: (context.retryNum ?? 0) > 0 ? "retry" : "live" });
  for (const event of ["message", "app_mention", "reaction_added", "reaction_removed"] as const) app.event(event, hear);
  return app;
}

async function whoAmI(client: WebClient): Promise<Us> {
  try {
    const { user_id: user, team_id: team, bot_id: botId = "" } = await client.auth.test();
    if (user === undefined || team === undefined) throw new Error("auth.test names no bot");
    return { account: `${team}-${user}`, user, team, botId };
  } catch (error) {
    const { why } = failureOf(error);
    if (tokenFaults.has(why)) throw tokenProblem("botToken", why);
    throw problem("platform_unavailable", { platform: "slack", why }, { cause: error });
  }
}

function webOptions({ slack, durations, log }: ConnectionOptions): webApi.WebClientOptions & { logger: Logger } {
  return {
    ...(slack.apiUrl === undefined ? {} : { slackApiUrl: slack.apiUrl }),
    // Trying again is decided by receipts, not by the SDK: a second post is a second message.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: durations.platformCall,
    fetch: request,
    logger: sdkLogger(log),
  };
}

/** The SDK's own lines, for those who look closely: whatever matters is told by us. */
function sdkLogger(log: Log): Logger {
  const say = (...words: unknown[]) => log.debug({ sdk: words.map(String).join(" ") }, "slack sdk");
  return { debug: () => {}, info: say, warn: say, error: say, setLevel: () => {}, getLevel: () => LogLevel.INFO, setName: () => {} };
}
