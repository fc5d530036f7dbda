import { setTimeout as pause } from "node:timers/promises";
import { problem, toProblem, type Durations, type Message, type Problem } from "@bellhop/contracts";
import type { Adapter, Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { Client, Events, GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, Options, REST, Routes } from "discord.js";
import { z } from "zod";
import type { DiscordSettings } from "./config.ts";
import { managedRole, toMessage, type Self } from "./receive.ts";
import { createSender, resultOf } from "./send.ts";

export interface ConnectionOptions {
  discord: DiscordSettings;
  durations: Durations;
  log: Log;
}

/** Asks Discord who we are; gives the adapter of that bot.
 *  @throws Problem config_invalid when Discord does not take the token; platform_unavailable when it can't be reached */
export async function openDiscord({ discord, durations, log }: ConnectionOptions): Promise<Adapter> {
  const rest = restOf({ discord, durations });
  const account = await whoAmI(rest);
  const listener = new Listener({ discord, account, durations, rest, log });
  const sender = createSender({ rest, account, patienceMs: durations.platformCall, pause });
  /** discord.js forgets a token that was refused once, and would never try it again. */
  const withToken = <T>(call: () => Promise<T>) => {
    rest.setToken(discord.token.reveal());
    return call();
  };
  return {
    platform: "discord",
    account,
    capabilities: { edit: true },
    failed: listener.failed,
    connect: (inbox) => listener.open(inbox),
    disconnect: () => listener.close(),
    send: (send, about) => withToken(() => sender.send(send, about)),
    resolve: (send, receipt) => withToken(() => sender.resolve(send, receipt)),
  };
}

/** The gateway connection. discord.js keeps it once it stands, and resumes it; until then, and when Discord ends it for good, the loop is ours. */
class Listener {
  readonly failed: Promise<never>;
  private readonly fail: (why: Problem) => void;
  private readonly closing = new AbortController();
  private readonly options: ListenerOptions;
  private readonly self: Self;
  private readonly roles = new Map<string, string>();
  /** The last message of each channel that is stored, or is not for us: what a new session did not see is read from there on. */
  private readonly seen = new Map<string, { last: string; guild: string | undefined }>();
  private client: Client | undefined;
  private trying: Promise<void> = Promise.resolve();
  private resuming = false;

  constructor(options: ListenerOptions) {
    this.options = options;
    this.self = { account: options.account, roleIn: (guild) => this.roles.get(guild) };
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    this.failed = failure.promise;
    this.fail = failure.reject;
  }

  /** Resolves once connected, or after the first failure: it goes on trying by itself. */
  open(inbox: Inbox): Promise<void> {
    const first = Promise.withResolvers<void>();
    this.trying = this.keepTrying(inbox, first.resolve).finally(first.resolve);
    return first.promise;
  }

  async close(): Promise<void> {
    this.closing.abort();
    // A client that is told to stop while it logs in goes on: it is given a moment to be through.
    await Promise.race([this.trying, pause(1_000, undefined, { ref: false })]);
    await this.client?.destroy();
  }

  private async keepTrying(inbox: Inbox, tried: () => void): Promise<void> {
    const { discord, log } = this.options;
    for (let failures = 0; !this.closing.signal.aborted;) {
      const client = this.listen(inbox, tried);
      this.client = client;
      try {
        await client.login(discord.token.reveal());
        log.info({}, "connected to Discord");
        return;
      } catch (error) {
        // What is left of it may still speak.
        client.removeAllListeners().on(Events.Error, () => {});
        if (this.closing.signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        const fault = faultOf(why);
        if (fault !== undefined) return this.fail(fault);
        failures += 1;
        log.warn({ why, failures }, "Discord can't be reached");
      }
      tried();
      await pause(Math.min(30_000, failures * failures * 250), undefined, { signal: this.closing.signal }).catch(() => {});
    }
  }

  private listen(inbox: Inbox, tried: () => void): Client {
    const { log } = this.options;
    const client = createClient(this.options);
    // What came as it came: the SDK's own objects of it would need caches, and fall over what they do not know.
    client.on(Events.Raw, (packet: unknown) => void this.receive(packet, inbox));
    client.on(Events.ShardReconnecting, () => {
      this.resuming = true;
      tried();
      log.info({}, "reconnecting to Discord");
    });
    client.on(Events.ShardError, (error) => log.warn({ why: error.message }, "the connection to Discord broke"));
    client.on(Events.ShardDisconnect, ({ code }) => {
      if (this.closing.signal.aborted) return;
      this.fail(closedFor(code) ?? problem("platform_unavailable", { platform: "discord", why: `closed with code ${code}` }));
    });
    client.on(Events.Debug, (words) => log.debug({ sdk: words }, "discord sdk"));
    client.on(Events.Error, (error) => log.warn({ why: error.message }, "the Discord SDK failed"));
    return client;
  }

  private async receive(packet: unknown, inbox: Inbox): Promise<void> {
    if (this.closing.signal.aborted) return;
    const { t, d } = Packet.safeParse(packet).data ?? {};
    switch (t ?? "") {
      case GatewayDispatchEvents.Ready:
        this.resuming = false;
        return this.catchUp(inbox);
      case GatewayDispatchEvents.Resumed:
        this.resuming = false;
        return;
      case GatewayDispatchEvents.GuildCreate: {
        const ours = managedRole(d, this.options.account);
        if (ours !== undefined) this.roles.set(ours.guild, ours.role);
        return;
      }
      case GatewayDispatchEvents.MessageCreate: {
        const guild = Placed.safeParse(d).data?.guild_id;
        return this.take(d, { origin: this.resuming ? "resume" : "live", guild, inbox });
      }
    }
  }

  /** Stores what is for us. Discord does not wait to be told: what can't be stored is lost to us, and said so by whoever stores. */
  private async take(
    message: unknown,
    { origin, guild, inbox }: { origin: Message["origin"]; guild: string | undefined; inbox: Inbox },
  ): Promise<void> {
    const { id, channel_id: channel } = Placed.safeParse(message).data ?? {};
    if (id === undefined || channel === undefined) return;
    const ours = toMessage({ message, origin, guild }, this.self);
    if (ours !== undefined) {
      try {
        await inbox.receive(ours);
      } catch (error) {
        return this.options.log.warn({ message: ours.key, why: toProblem(error).message }, "a message stays unheard");
      }
    }
    const { last } = this.seen.get(channel) ?? { last: "0" };
    if (BigInt(id) > BigInt(last)) this.remember(channel, { last: id, guild });
  }

  private remember(channel: string, mark: { last: string; guild: string | undefined }): void {
    // Those that spoke last stand last.
    this.seen.delete(channel);
    this.seen.set(channel, mark);
    const oldest = this.seen.size > mostChannels ? this.seen.keys().next().value : undefined;
    if (oldest !== undefined) this.seen.delete(oldest);
  }

  /** A new session has seen nothing of what came before it: that stands in the history of the channels that we know. */
  private async catchUp(inbox: Inbox): Promise<void> {
    for (const [channel, { last, guild }] of Array.from(this.seen)) {
      for (let failures = 0; !this.closing.signal.aborted; failures++) {
        const result = await this.readSince(channel, { last, guild, inbox }).then(() => undefined, resultOf);
        if (result === undefined || result.kind === "sent") break;
        this.options.log.warn({ channel, why: result.why, failures }, "the history of a channel can't be read");
        // Where it is gone, or closed to us, there is nothing to catch up with.
        if (result.kind === "refused") break;
        await pause(Math.min(30_000, 500 * 2 ** failures), undefined, { signal: this.closing.signal }).catch(() => {});
      }
    }
  }

  private async readSince(
    channel: string,
    { last, guild, inbox }: { last: string; guild: string | undefined; inbox: Inbox },
  ): Promise<void> {
    const { rest, log, discord } = this.options;
    for (let after = last; !this.closing.signal.aborted;) {
      rest.setToken(discord.token.reveal());
      const query = new URLSearchParams({ after, limit: "100" });
      const page = z.array(z.unknown()).parse(await patiently(() => rest.get(Routes.channelMessages(channel), { query })));
      const oldestFirst = page
        .map((message) => ({ message, id: Placed.safeParse(message).data?.id ?? "0" }))
        .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
      for (const { message } of oldestFirst) await this.take(message, { origin: "backfill", guild, inbox });
      if (oldestFirst.length > 0) log.info({ channel, messages: oldestFirst.length }, "read what was missed");
      if (oldestFirst.length < 100) return;
      after = oldestFirst.at(-1)?.id ?? after;
    }
  }
}

interface ListenerOptions extends ConnectionOptions {
  account: string;
  rest: REST;
}

const Packet = z.object({ t: z.string().nullish(), d: z.unknown() });

const Placed = z.object({ id: z.string(), channel_id: z.string(), guild_id: z.string().optional() });

/** Channels that we remember the last message of. */
const mostChannels = 10_000;

function createClient({ discord, durations }: ConnectionOptions): Client {
  return new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.MessageContent,
    ],
    rest: { ...addressOf(discord), timeout: durations.platformCall },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      ...Object.fromEntries(uncached.map((manager) => [manager, 0])),
    }),
    // Of what the SDK makes of its cached objects we use nothing.
    allowedMentions: { parse: [], repliedUser: false },
  });
}

const uncached = [
  "MessageManager",
  "ReactionManager",
  "GuildEmojiManager",
  "GuildStickerManager",
  "PresenceManager",
  "VoiceStateManager",
] as const;

function restOf({ discord, durations }: Pick<ConnectionOptions, "discord" | "durations">): REST {
  return new REST({
    ...addressOf(discord),
    // Trying again is decided by receipts, not by the SDK: a second post is a second message.
    retries: 0,
    rejectOnRateLimit: () => true,
    timeout: durations.platformCall,
  }).setToken(discord.token.reveal());
}

function addressOf({ apiUrl }: DiscordSettings): { api?: string } {
  return apiUrl === undefined ? {} : { api: apiUrl };
}

async function whoAmI(rest: REST): Promise<string> {
  try {
    return z.object({ id: z.string() }).parse(await rest.get(Routes.user())).id;
  } catch (error) {
    const result = resultOf(error);
    const why = result.kind === "sent" ? "" : result.why;
    if (why === "HTTP 401") throw tokenProblem(why);
    throw problem("platform_unavailable", { platform: "discord", why }, { cause: error });
  }
}

/** Reading can wait: again when Discord says that it was too fast. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const result = resultOf(error);
      if (result.kind !== "unavailable" || result.retryAfterMs === undefined || tries === 10) throw error;
      await pause(result.retryAfterMs, undefined, { ref: false });
    }
  }
}

/** What only somebody at the developer portal can mend, by the words that the SDK has for it. */
function faultOf(why: string): Problem | undefined {
  if (/invalid token|authentication failed/i.test(why)) return tokenProblem(why);
  return /disallowed intents/i.test(why) ? intentsProblem(why) : undefined;
}

function closedFor(code: number): Problem | undefined {
  if (code === GatewayCloseCodes.AuthenticationFailed) return tokenProblem(`closed with code ${code}`);
  return code === GatewayCloseCodes.DisallowedIntents ? intentsProblem(`closed with code ${code}`) : undefined;
}

function tokenProblem(why: string): Problem {
  return problem("config_invalid", {
    count: 1,
    faults: `  BELLHOP_DISCORD_TOKEN: Discord does not take it (${why}); docs/platforms/discord.md says where to get a new one`,
  });
}

function intentsProblem(why: string): Problem {
  return problem("config_invalid", {
    count: 1,
    faults: `  BELLHOP_DISCORD_TOKEN: this bot may not read messages (${why}); switch on MESSAGE CONTENT INTENT in the developer portal, under Bot: docs/platforms/discord.md`,
  });
}
