import { nuid, type Msg, type Subscription } from "nats";
import { isClustered, nanoseconds, type Link } from "./link.ts";

/** A message of a consumer, and what its reply subject says of it. */
export interface Pulled {
  readonly message: Msg;
  readonly sequence: number;
  readonly consumerSequence: number;
  readonly deliveries: number;
  /** Epoch milliseconds. */
  readonly storedAt: number;
  /** Stream sequence and time of storing: names the message even where a stream was made anew. */
  readonly id: string;
  /** Messages that the consumer has yet to deliver. */
  readonly pending: number;
}

interface PullOptions {
  stream: string;
  consumer: string;
  onMessage(pulled: Pulled): void;
  /** How many more messages are wanted, not counting those already asked for. */
  room(): number;
  /** Whether it ends with the server that it lives on; others may take it over when not given. */
  onOneServer?: boolean;
  /** The consumer is not there. Pulling rests until {@link Pull.start} is called again. */
  onGone(): void;
  /** Ask again when this much of the room is free. */
  least(): number;
}

type PullLink = Pick<Link, "nc" | "inboxPrefix" | "durations" | "onReconnect">;

/** Keeps asking a pull consumer for messages, over reconnects and lost requests. */
export class Pull {
  readonly #link: PullLink;
  readonly #options: PullOptions;
  readonly #inbox: string;
  readonly #request: string;
  readonly #heartbeatMs: number;
  readonly #subscription: Subscription;
  readonly #forget: () => void;
  #asked = 0;
  #lastHeard = 0;
  /** Silences and "nobody is there" in a row. */
  #misses = 0;
  #running = false;
  #watch: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(link: PullLink, options: PullOptions) {
    this.#link = link;
    this.#options = options;
    this.#inbox = `${link.inboxPrefix}.${nuid.next()}`;
    this.#request = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
    this.#heartbeatMs = heartbeatOf(link);
    this.#subscription = link.nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        // What is denied is told by the connection's status.
        if (error === null) this.#hear(message);
      },
    });
    this.#forget = link.onReconnect(() => this.#again());
  }

  start(): void {
    this.#running = true;
    this.#lastHeard = performance.now();
    this.#watch ??= setInterval(() => this.#check(), this.#heartbeatMs);
    this.#again();
  }

  /** Asks for more where there is room. Call it whenever room was made. */
  more(): void {
    const { nc } = this.#link;
    // Whoever closed the connection without ending this first hears nothing more.
    if (!this.#running || this.#pause !== undefined || nc.isClosed() || nc.isDraining()) return;
    const batch = this.#options.room() - this.#asked;
    if (batch < 1 || (batch < this.#options.least() && this.#asked > 0)) return;
    this.#asked += batch;
    const expires = nanoseconds(this.#heartbeatMs * 6);
    const body = JSON.stringify({ batch, expires, idle_heartbeat: nanoseconds(this.#heartbeatMs) });
    nc.publish(this.#request, body, { reply: this.#inbox });
  }

  /** Stops asking. Messages already on their way are still handed over until it resolves. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#forget();
    clearInterval(this.#watch);
    clearTimeout(this.#pause);
    if (this.#link.nc.isClosed()) return;
    if (this.#link.nc.isDraining()) return;
    await this.#subscription.drain().catch(() => undefined);
  }

  #again(): void {
    if (!this.#running) return;
    this.#asked = 0;
    this.#lastHeard = performance.now();
    this.more();
  }

  #check(): void {
    // While somebody is asked, something is heard each heartbeat. Silence: the request was lost with a server, and perhaps the consumer too.
    if (this.#asked === 0 || performance.now() - this.#lastHeard <= 2.5 * this.#heartbeatMs) return this.more();
    if (this.#misses++ === 0) this.#again();
    else this.#options.onGone();
  }

  #hear(message: Msg): void {
    this.#lastHeard = performance.now();
    const { reply } = message;
    if (message.headers?.code !== 503) this.#misses = 0;
    if (reply !== undefined && reply.startsWith("$JS.ACK.")) {
      this.#asked = Math.max(0, this.#asked - 1);
      this.#options.onMessage(readAck(message, reply));
      this.more();
      return;
    }
    this.#onStatus(message);
  }

  #onStatus(message: Msg): void {
    const { headers } = message;
    const code = headers?.code ?? 0;
    if (headers === undefined || code === 100 || !this.#running) return;
    const words = headers.description.toLowerCase();
    if (code === 404 || code === 408 || (code === 409 && words.includes("batch completed"))) {
      const left = Number(headers.get("Nats-Pending-Messages"));
      this.#asked = Math.max(0, this.#asked - (left || (code === 408 ? this.#asked : 0)));
      this.more();
      return;
    }
    if (code === 503 || (code === 409 && words.includes("consumer"))) {
      this.#asked = 0;
      if (words.includes("leadership")) return this.#restFor(100);
      // Of several servers the others elect who leads it now, which takes seconds; on one that stands alone it is gone.
      const mayMove = isClustered(this.#link) && this.#options.onOneServer !== true;
      const isGone = code !== 503 || !mayMove || this.#misses++ >= electionTries;
      return isGone ? this.#restFor(50, () => this.#options.onGone()) : this.#restFor(electionPauseMs);
    }
    this.#asked = 0;
    this.#restFor(250);
  }

  #restFor(ms: number, then: () => void = () => this.more()): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#running) then();
    }, ms);
  }
}

/** Tries while a consumer has no leader, before it counts as gone. */
const electionTries = 40;
const electionPauseMs = 250;

/** Where a server can die without our connection to another one, only silence tells, and what we watch by it are leases. */
function heartbeatOf(link: PullLink): number {
  const { ackWait, lease } = link.durations;
  return Math.max(500, isClustered(link) ? Math.min(ackWait, lease / 5) : ackWait);
}

/** Reads `$JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.consumer sequence.time.pending[.…]`. */
function readAck(message: Msg, reply: string): Pulled {
  const parts = reply.split(".");
  const base = parts.length >= 11 ? 6 : 4;
  const number = (index: number) => Number(parts[base + index]);
  const time = parts[base + 3] ?? "0";
  return {
    message,
    deliveries: number(0),
    sequence: number(1),
    consumerSequence: number(2),
    storedAt: Math.floor(Number(time) / 1_000_000),
    id: `${parts[base + 1]}.${time}`,
    pending: number(4),
  };
}
