import { nuid } from "nats";
import { apiOrThrow, nanoseconds, type Link } from "./link.ts";
import { Pull, type Pulled } from "./pull.ts";
import { readFromLeader } from "./stored.ts";

interface FeedOptions {
  stream: string;
  filter: string;
  /** The last message of each subject, or all from a sequence on. */
  from: "last-per-subject" | number;
  /** How many messages may be on their way; call {@link Feed.more} when it grows. A batch when not given. */
  room?(): number;
  onMessage(pulled: Pulled): void;
  /** All that was there at the start has been handed over. */
  onReady(): void;
  onError(thrown: unknown): void;
}

const batch = 512;
const aimAgainMs = 50;

/** Reads a stream in order and then goes on with what comes, without acknowledging. Its consumer is short-lived and made anew wherever it
 *  was left off: after a reconnect, a gap, or when the server lost it. A subject may then be seen twice, never missed. */
export class Feed {
  readonly #link: Link;
  readonly #options: FeedOptions;
  readonly #forget: () => void;
  #pull: Pull | undefined;
  #consumer: string | undefined;
  #generation = 0;
  #last = 0;
  /** The last message there was at the start, where the consumer may read a copy that does not have it yet. */
  #target: number | undefined = 0;
  #ready = false;
  #stopped = false;
  /** Those who wait until it has come to a sequence. */
  readonly #awaited = new Set<{ sequence: number; reached: () => void }>();

  constructor(link: Link, options: FeedOptions) {
    this.#link = link;
    this.#options = options;
    this.#forget = link.onReconnect(() => this.#anew());
    this.#anew();
  }

  /** Asks for more where room was made. */
  more(): void {
    this.#pull?.more();
  }

  /** Resolves when it has handed over what stands up to a sequence; also when it is stopped before. */
  async reach(sequence: number): Promise<void> {
    if (this.#last >= sequence || this.#stopped) return;
    await new Promise<void>((reached) => this.#awaited.add({ sequence, reached }));
  }

  stop(): void {
    this.#stopped = true;
    this.#forget();
    this.#leave();
    for (const { reached } of this.#awaited) reached();
    this.#awaited.clear();
  }

  #anew(): void {
    if (this.#stopped) return;
    const generation = ++this.#generation;
    this.#leave();
    this.#create(generation).catch((thrown: unknown) => {
      if (!this.#stopped && generation === this.#generation) this.#options.onError(thrown);
    });
  }

  async #create(generation: number): Promise<void> {
    const { stream, filter, from } = this.#options;
    const name = `feed-${nuid.next()}`;
    const start = this.#last > 0 ? this.#last + 1 : from;
    const info = await apiOrThrow<{ num_pending?: number; cluster?: object }>(this.#link, {
      subject: `$JS.API.CONSUMER.CREATE.${stream}.${name}.${filter}`,
      body: {
        stream_name: stream,
        // Not "create": a repeat of the request, its answer lost, must be welcome.
        action: "",
        config: {
          name,
          filter_subject: filter,
          ...(start === "last-per-subject"
            ? { deliver_policy: "last_per_subject" }
            : { deliver_policy: "by_start_sequence", opt_start_seq: Math.max(1, start) }),
          ack_policy: "none",
          max_deliver: -1,
          mem_storage: true,
          num_replicas: 1,
          inactive_threshold: nanoseconds(Math.max(5_000, this.#link.durations.ackWait * 12)),
          replay_policy: "instant",
        },
      },
    });
    if (this.#stopped || generation !== this.#generation) return;
    let expected = 1;
    const pull = new Pull(this.#link, {
      stream,
      consumer: name,
      onOneServer: true,
      least: () => batch / 2,
      room: () => Math.min(batch, this.#options.room?.() ?? batch),
      onGone: () => this.#anew(),
      onMessage: (pulled) => {
        if (this.#stopped || generation !== this.#generation) return;
        if (pulled.consumerSequence !== expected) return this.#anew();
        expected++;
        this.#last = pulled.sequence;
        this.#handOver(pulled);
        for (const one of this.#awaited) {
          if (one.sequence > pulled.sequence) continue;
          this.#awaited.delete(one);
          one.reached();
        }
        if (pulled.pending === 0) this.#becomeReady();
      },
    });
    this.#pull = pull;
    this.#consumer = name;
    if (info.cluster !== undefined && !this.#ready) this.#target = undefined;
    pull.start();
    if (info.cluster !== undefined && !this.#ready) await this.#aim(generation);
    if ((info.num_pending ?? 0) === 0) this.#becomeReady();
  }

  /** What is thrown in a subscription's callback ends the connection, and the same message would do so again. */
  #handOver(pulled: Pulled): void {
    try {
      this.#options.onMessage(pulled);
    } catch (thrown) {
      this.#options.onError(thrown);
    }
  }

  /** A consumer reads the copy of the server that it lives on, and "nothing pending" is that copy's word: the leader knows what has yet to come. What it names
   *  can be taken away meanwhile, so it is asked again. */
  async #aim(generation: number): Promise<void> {
    const { stream, filter } = this.#options;
    while (!this.#ready && !this.#stopped && generation === this.#generation) {
      const last = await readFromLeader(this.#link, { stream, which: { last_by_subj: filter } });
      this.#target = last?.sequence ?? 0;
      if (this.#last >= this.#target) return this.#becomeReady();
      await new Promise((resolve) => setTimeout(resolve, aimAgainMs));
    }
  }

  #leave(): void {
    void this.#pull?.stop();
    this.#pull = undefined;
    const { nc } = this.#link;
    if (this.#consumer === undefined || nc.isClosed() || nc.isDraining()) return;
    // The server would take it away by itself, a while later.
    nc.publish(`$JS.API.CONSUMER.DELETE.${this.#options.stream}.${this.#consumer}`);
    this.#consumer = undefined;
  }

  #becomeReady(): void {
    if (this.#ready || this.#stopped || this.#target === undefined || this.#last < this.#target) return;
    this.#ready = true;
    this.#options.onReady();
  }
}

/** Everything a stream holds on a filter now, in order. */
export function readAll<T>(
  link: Link,
  options: { stream: string; filter: string; from: "last-per-subject" | number; read(pulled: Pulled): T },
): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const found: T[] = [];
    let feed: Feed | undefined;
    let over = false;
    const end = () => {
      over = true;
      feed?.stop();
    };
    feed = new Feed(link, {
      ...options,
      onMessage: (pulled) => {
        if (!over) found.push(options.read(pulled));
      },
      onReady: () => {
        end();
        resolve(found);
      },
      onError: (thrown) => {
        end();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      },
    });
    if (over) feed.stop();
  });
}
