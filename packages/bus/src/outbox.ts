import { problem, type Problem } from "@bellhop/contracts";
import { nuid, type Msg, type MsgHdrs, type NatsConnection } from "nats";
import type { Answer, Reply } from "./answers.ts";
import { Backlogs } from "./backlog.ts";
import type { BusLog } from "./bus.ts";
import { Passing } from "./passing.ts";

export interface Ask<T> {
  subject: string;
  data: string | Uint8Array;
  headers?: MsgHdrs;
  /** What the reply means. @param tries how often it was sent, so that an answer to a repeat can be told from one to the first try */
  read(reply: Reply, tries: number): Answer<T>;
  /** Publishes keep their order and share a window; other requests go at once, or a full stream would hold up the acknowledgements that empty it. */
  ordered?: boolean;
  /** Called once if there is no room for it. */
  whenFull?: () => void;
  /** Resolve with `giveUp.value` after so many time-outs; for ever when not given. */
  giveUp?: { after: number; value: T };
}

interface Entry {
  readonly token: string;
  readonly subject: string;
  readonly data: string | Uint8Array;
  readonly headers: MsgHdrs | undefined;
  readonly ordered: boolean;
  answered(reply: Reply): "over" | "again" | "full";
  failed(problem: Error): void;
  timedOut(): boolean;
  /** Tells whoever asked, once. */
  full: () => void;
  tries: number;
  /** `behind`: others wait for room on its subject. */
  state: "queued" | "sent" | "resting" | "behind";
  /** When to send it again, on the monotonic clock. */
  due: number;
  rest: number;
}

const largestWindow = 1024;
const sweepEvery = 25;
const shortestRest = 50;
/** What answers that it can't now answers cheaply; an election among servers ends at any moment. */
const longestRest = 500;

/** Every request of the bus: sent again with the same content until it is answered, over reconnects, for ever. One inbox, one map, one
 *  periodic sweep instead of a promise, a timer and a token per message: the client's own way costs a multiple. The client drops its
 *  outbound buffer at a disconnect, so what is not answered is kept here. */
export class Outbox {
  readonly #nc: NatsConnection;
  readonly #log: BusLog;
  readonly #retryMs: number;
  readonly #inbox: string;
  readonly #entries = new Passing<string, Entry>();
  #queue: Entry[] = [];
  #queueHead = 0;
  #inFlight = 0;
  #connected = true;
  #closed: Problem | undefined;
  #next = 0;
  readonly #leaving: Entry[] = [];
  readonly #backlogs = new Backlogs<Entry>();
  #sweep: NodeJS.Timeout | undefined;
  #told = new Set<string>();
  #waiters: (() => void)[] = [];

  /** @param options.name who we are, for people */
  constructor(options: { nc: NatsConnection; name: string; inboxPrefix: string; log: BusLog; retryMs: number }) {
    this.#nc = options.nc;
    this.#log = options.log;
    this.#retryMs = options.retryMs;
    this.#inbox = `${options.inboxPrefix}.${nuid.next()}.`;
    const { name } = options;
    this.#nc.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#onReply(message);
        // Who may not hear answers gets none: the key is of another role.
        else this.#end(problem("nats_denied", { role: name, what: `subscribe to ${this.#inbox}*` }));
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Sends and resolves with what `read` makes of the answer. Rejects with the problem that it finds, or when the outbox is closed. */
  ask<T>(ask: Ask<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      const token = (this.#next++).toString(36);
      let timeOuts = 0;
      const entry: Entry = {
        token,
        subject: ask.subject,
        data: ask.data,
        headers: ask.headers,
        ordered: ask.ordered === true,
        tries: 0,
        state: "queued",
        due: 0,
        rest: shortestRest,
        answered: (reply) => {
          const answer = ask.read(reply, entry.tries);
          switch (answer.kind) {
            case "done":
              resolve(answer.value);
              return "over";
            case "failed":
              reject(answer.problem);
              return "over";
            case "again":
            case "full":
              this.#tellOnce(entry.subject, answer.why);
              return answer.kind;
          }
        },
        full() {
          // Whoever asks may have to have the promise first.
          if (ask.whenFull !== undefined) queueMicrotask(ask.whenFull);
          entry.full = () => undefined;
        },
        failed: reject,
        timedOut: () => {
          if (ask.giveUp === undefined || ++timeOuts < ask.giveUp.after) return false;
          resolve(ask.giveUp.value);
          return true;
        },
      };
      this.#entries.set(token, entry);
      this.#sweep ??= setInterval(() => this.#sweepNow(), sweepEvery);
      if (!entry.ordered) this.#send(entry);
      else if (this.#backlogs.has(entry.subject)) this.#goBehind(entry);
      else if (this.#queueHead === this.#queue.length && this.#connected && this.#inFlight < largestWindow) this.#send(entry);
      else this.#queue.push(entry);
    });
  }

  onDisconnect(): void {
    this.#connected = false;
  }

  /** Sends again all that was under way, in the order of the first tries. */
  onReconnect(): void {
    this.#connected = true;
    for (const entry of this.#entries.values()) if (entry.state === "sent") this.#send(entry);
    this.#pump();
  }

  /** The server refused a subject: no repeat helps. */
  onDenied(subject: string, denied: Problem): void {
    for (const entry of this.#entries.values()) {
      if (entry.subject !== subject || entry.state === "queued") continue;
      this.#over(entry);
      entry.failed(denied);
    }
    this.#pump();
  }

  /** Resolves when nothing waits for an answer any more. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#entries.size === 0) resolve();
      else this.#waiters.push(resolve);
    });
  }

  close(why: string): void {
    this.#end(problem("nats_unreachable", { url: this.#nc.getServer(), why }));
  }

  #end(why: Problem): void {
    this.#closed = why;
    for (const entry of this.#entries.values()) {
      this.#over(entry);
      entry.failed(this.#closed);
    }
  }

  #send(entry: Entry): void {
    if (entry.state !== "sent") {
      entry.state = "sent";
      if (entry.ordered) this.#inFlight++;
    }
    entry.due = performance.now() + this.#retryMs;
    if (!this.#connected) return;
    if (this.#leaving.push(entry) === 1) setImmediate(() => this.#leaveNow());
  }

  /** All that one turn of the event loop wants sent leaves in one write: the client flushes after each chain of promises, and a write to the socket
   *  costs more than everything else about a message. */
  #leaveNow(): void {
    for (const entry of this.#leaving.splice(0)) if (this.#connected && this.#entries.has(entry.token)) this.#publish(entry);
  }

  #publish(entry: Entry): void {
    entry.tries++;
    try {
      this.#nc.publish(entry.subject, entry.data, {
        reply: this.#inbox + entry.token,
        ...(entry.headers === undefined ? {} : { headers: entry.headers }),
      });
    } catch (thrown) {
      // Not an outage, which the client hides: a subject that is none, or a connection closed for good.
      this.#over(entry);
      entry.failed(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #onReply(message: Msg): void {
    const entry = this.#entries.get(message.subject.slice(this.#inbox.length));
    if (entry === undefined) return;
    let became: ReturnType<Entry["answered"]>;
    try {
      became = entry.answered(message);
    } catch (thrown) {
      entry.failed(thrown instanceof Error ? thrown : new Error(String(thrown)));
      became = "over";
    }
    if (became === "over") this.#over(entry);
    else if (became === "full" && entry.ordered) this.#goBehind(entry);
    else this.#rest(entry);
    if (this.#queueHead < this.#queue.length) this.#pump();
  }

  #rest(entry: Entry): void {
    if (entry.state === "sent" && entry.ordered) this.#inFlight--;
    entry.state = "resting";
    entry.due = performance.now() + entry.rest * (0.5 + Math.random());
    entry.rest = Math.min(entry.rest * 2, longestRest, this.#retryMs);
  }

  /** Waits until there is room on its subject, behind those that wait already. */
  #goBehind(entry: Entry): void {
    if (this.#backlogs.add(entry)) this.#rest(entry);
    else {
      if (entry.state === "sent") this.#inFlight--;
      entry.state = "behind";
      entry.due = Infinity;
    }
    entry.full();
  }

  #over(entry: Entry): void {
    if (!this.#entries.delete(entry.token)) return;
    if (entry.state === "sent" && entry.ordered) this.#inFlight--;
    const next = this.#backlogs.remove(entry);
    if (next?.state === "behind") this.#send(next);
    if (this.#entries.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    this.#told.clear();
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  #pump(): void {
    while (this.#connected && this.#queueHead < this.#queue.length && this.#inFlight < largestWindow) {
      const entry = this.#queue[this.#queueHead++];
      if (entry === undefined || !this.#entries.has(entry.token)) continue;
      if (this.#backlogs.has(entry.subject)) this.#goBehind(entry);
      else this.#send(entry);
    }
    if (this.#queueHead === this.#queue.length) {
      this.#queue = [];
      this.#queueHead = 0;
    }
  }

  #sweepNow(): void {
    if (!this.#connected) return;
    const now = performance.now();
    for (const entry of this.#entries.values()) {
      if (entry.state === "queued" || entry.due > now) continue;
      if (entry.state === "sent" && entry.timedOut()) this.#over(entry);
      else this.#send(entry);
    }
    this.#pump();
  }

  #tellOnce(subject: string, why: string): void {
    const what = `${subject.split(".").slice(0, 5).join(".")} ${why}`;
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#log.warn({ subject, why }, "NATS can't take it now, trying again");
  }
}
