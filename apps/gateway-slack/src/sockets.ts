import { setTimeout as pause } from "node:timers/promises";
import { problem, toProblem, type Problem } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import type { Logger, webApi } from "@slack/bolt";
import type { SlackSettings } from "./config.ts";
import { failureOf } from "./failure.ts";
import { SocketModeReceiver } from "./sdk.ts";

export interface SocketsOptions {
  slack: SlackSettings;
  web: webApi.WebClientOptions & { logger: Logger };
  /** Resolves once an envelope's event is stored; rejects when it is to be left to Slack. */
  take: (event: SlackEnvelope) => Promise<void>;
  /** A socket is open. @param first whether there was none before: Slack may have given up on what happened since the last one */
  onOpen: (first: boolean) => void;
  log: Log;
}

export interface SlackEnvelope {
  readonly body: Record<string, unknown>;
  readonly retryNum?: number;
  readonly retryReason?: string;
}

/** The Socket Mode connections of one account, each opened again for as long as we live. Slack gives every event to one of them, and asks them one by
 *  one to reconnect: with two there is always one left. The SDK's own reconnecting waits five seconds and more, and what it throws there nobody can
 *  catch: each connection is a client of its own, and the loop is ours. */
export class Sockets {
  /** Rejects when Slack does not take the app's token any more. */
  readonly failed: Promise<never>;
  readonly #fail: (why: Problem) => void;
  readonly #options: SocketsOptions;
  readonly #closing = new AbortController();
  #open = 0;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: SocketsOptions) {
    this.#options = options;
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    this.failed = failure.promise;
    this.#fail = failure.reject;
  }

  /** Resolves once each is connected or has failed for the first time: it goes on trying by itself. */
  async open(): Promise<void> {
    const tries = Array.from({ length: this.#options.slack.sockets }, () => Promise.withResolvers<void>());
    this.#running = Promise.all(tries.map(({ resolve }) => this.#keepOpen(resolve).finally(resolve)));
    await Promise.all(tries.map(({ promise }) => promise));
  }

  /** Whether Slack can reach us now. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #keepOpen(tried: () => void): Promise<void> {
    const { log } = this.#options;
    for (let failures = 0; !this.#closing.signal.aborted;) {
      try {
        await this.#once(() => {
          failures = 0;
          tried();
        });
      } catch (error) {
        failures += 1;
        const { why } = failureOf(error);
        if (tokenFaults.has(why)) return this.#fail(tokenProblem("appToken", why));
        log.warn({ why, failures }, "Slack can't be reached");
      }
      tried();
      await pause(Math.min(30_000, failures * failures * 250), undefined, { signal: this.#closing.signal }).catch(() => {});
    }
  }

  /** One connection from its opening to its end. */
  async #once(connected: () => void): Promise<void> {
    const { slack, web } = this.#options;
    const ended = Promise.withResolvers<void>();
    // Holds the SDK's socket client; without an app of its own it dispatches nothing.
    const { client } = new SocketModeReceiver({
      appToken: slack.appToken.reveal(),
      autoReconnectEnabled: false,
      logger: web.logger,
      installerOptions: { clientOptions: web },
    });
    client.on("disconnected", () => ended.resolve());
    client.on("slack_event", (envelope: Envelope) => void this.#dispatch(envelope));
    const leave = () => ended.resolve();
    this.#closing.signal.addEventListener("abort", leave);
    const started = client.start();
    let counted = 0;
    try {
      await Promise.race([started, ended.promise]);
      if (this.#closing.signal.aborted) return;
      await started;
      counted = 1;
      this.#opened();
      connected();
      // Told to go, the SDK first waits for the other side's goodbye; a new connection need not.
      client.on("ws_message", (data: unknown) => {
        if (/^\s*\{\s*"type"\s*:\s*"disconnect"/.test(String(data))) ended.resolve();
      });
      await ended.promise;
    } finally {
      this.#open -= counted;
      this.#closing.signal.removeEventListener("abort", leave);
      // A start that is still on its way would open a socket that nobody reads.
      started.then(
        () => client.disconnect(),
        () => {},
      );
    }
  }

  #opened(): void {
    const { onOpen, log } = this.#options;
    this.#open += 1;
    log.info({ sockets: this.#open }, "connected to Slack");
    onOpen(this.#open === 1);
  }

  /** An envelope that failed is left to Slack, which sends it again. */
  async #dispatch(envelope: Envelope): Promise<void> {
    const { take, log } = this.#options;
    const { body, retry_num: retryNum, retry_reason: retryReason } = envelope;
    try {
      await take({ body, retryNum, retryReason });
    } catch (error) {
      log.warn({ why: toProblem(error).message }, "an event is left to Slack");
      return;
    }
    // On a socket that has closed meanwhile: the event comes again, and its message has the same key.
    await envelope.ack().catch((error: unknown) => log.debug({ why: String(error) }, "an acknowledgement did not get through"));
  }
}

/** What the socket client gives for each envelope. */
interface Envelope {
  ack(): Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

/** What Slack says of tokens that it will never take again. */
export const tokenFaults: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "not_allowed_token_type",
]);

export function tokenProblem(setting: "appToken" | "botToken", why: string): Problem {
  const variable = setting === "appToken" ? "BELLHOP_SLACK_APP_TOKEN" : "BELLHOP_SLACK_BOT_TOKEN";
  return problem("config_invalid", {
    count: 1,
    faults: `  ${variable}, or this account's own ${setting}: Slack does not take it (${why}); docs/platforms/slack.md says where to get a new one`,
  });
}
