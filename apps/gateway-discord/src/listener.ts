import { setTimeout as pause } from "node:timers/promises";
import { problem, type Durations, type Problem } from "@bellhop/contracts";
import type { Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import type { DiscordSettings } from "./config.ts";
import { createHearing, type Hearing } from "./hearing.ts";
import type { Interactions } from "./interactions.ts";
import { intentsProblem, roadTo, tokenProblem } from "./account.ts";
import { Client, Events, GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, Options, type REST } from "./sdk.ts";

/** The gateway connection. discord.js keeps it once it stands, and resumes it; until then, and when Discord ends it for good, the loop is ours. */
export class Listener {
  readonly failed: Promise<never>;
  private readonly fail: (why: Problem) => void;
  private readonly closing = new AbortController();
  private readonly options: ListenerOptions;
  private client: Client | undefined;
  private trying: Promise<void> = Promise.resolve();
  /** Whether Discord tells us what happens now. */
  isConnected = false;

  constructor(options: ListenerOptions) {
    this.options = options;
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    this.failed = failure.promise;
    this.fail = failure.reject;
  }

  /** Resolves once connected, or after the first failure: it goes on trying by itself. */
  open(inbox: Inbox): Promise<void> {
    const first = Promise.withResolvers<void>();
    const hearing = createHearing({ ...this.options, inbox, closing: this.closing.signal });
    const ears: Ears = {
      ...hearing,
      // Nobody waits three seconds for what is being read of a channel's history.
      take: (packet) => (isInteraction(packet) ? void this.options.interactions.take(packet.d, inbox) : hearing.take(packet)),
    };
    this.trying = this.keepTrying(ears, first.resolve).finally(first.resolve);
    return first.promise;
  }

  async close(): Promise<void> {
    this.closing.abort();
    // A client that is told to stop while it logs in goes on: it is given a moment to be through.
    await Promise.race([this.trying, pause(1_000, undefined, { ref: false })]);
    await this.client?.destroy();
  }

  private async keepTrying(hearing: Ears, tried: () => void): Promise<void> {
    const { discord, log } = this.options;
    for (let failures = 0; !this.closing.signal.aborted;) {
      const client = this.listen(hearing, tried);
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

  private listen(hearing: Ears, tried: () => void): Client {
    const { log } = this.options;
    const client = createClient(this.options);
    // What came as it came: the SDK's own objects of it would need caches, and fall over what they do not know.
    client.on(Events.Raw, (packet: unknown) => hearing.take(packet));
    client.on(Events.ShardReady, () => (this.isConnected = true));
    client.on(Events.ShardResume, () => (this.isConnected = true));
    client.on(Events.ShardReconnecting, () => {
      this.isConnected = false;
      hearing.interrupted();
      tried();
      log.info({}, "reconnecting to Discord");
    });
    client.on(Events.ShardError, (error) => log.warn({ why: error.message }, "the connection to Discord broke"));
    client.on(Events.ShardDisconnect, ({ code }) => {
      this.isConnected = false;
      if (this.closing.signal.aborted) return;
      this.fail(closedFor(code) ?? problem("platform_unavailable", { platform: "discord", why: `closed with code ${code}` }));
    });
    client.on(Events.Debug, (words) => log.debug({ sdk: words }, "discord sdk"));
    client.on(Events.Error, (error) => log.warn({ why: error.message }, "the Discord SDK failed"));
    return client;
  }
}

export interface ListenerOptions {
  discord: DiscordSettings;
  account: string;
  /** For reading histories. */
  looking: () => REST;
  interactions: Interactions;
  durations: Durations;
  log: Log;
}

type Ears = Pick<Hearing, "take" | "interrupted">;

function isInteraction(packet: unknown): packet is { d: unknown } {
  return (
    typeof packet === "object" && packet !== null && "t" in packet && packet.t === GatewayDispatchEvents.InteractionCreate && "d" in packet
  );
}

function createClient({ discord, durations }: ListenerOptions): Client {
  return new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.DirectMessageReactions,
      GatewayIntentBits.MessageContent,
    ],
    rest: { ...roadTo(discord), timeout: durations.platformCall },
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

/** What only somebody at the developer portal can mend, by the words that the SDK has for it. */
function faultOf(why: string): Problem | undefined {
  if (/invalid token|authentication failed/i.test(why)) return tokenProblem(why);
  return /disallowed intents/i.test(why) ? intentsProblem(why) : undefined;
}

function closedFor(code: number): Problem | undefined {
  if (code === GatewayCloseCodes.AuthenticationFailed) return tokenProblem(`closed with code ${code}`);
  return code === GatewayCloseCodes.DisallowedIntents ? intentsProblem(`closed with code ${code}`) : undefined;
}
