import { problem, toProblem, type Problem } from "@bellhop/contracts";
import type { ConsumeOptions, Consumption, Delivery } from "./delivery.ts";
import { createDurable, createDurableAnew, mostInHand, mostParked, outstandingOf } from "./durable.ts";
import { Gathering } from "./gathering.ts";
import { readItem, type Item } from "./item.ts";
import { Lanes } from "./lanes.ts";
import { Lately } from "./lately.ts";
import { writeLetter } from "./dead.ts";
import { messageAt, nanoseconds, type Link } from "./link.ts";
import { Parking, type Place } from "./parking.ts";
import { Passing } from "./passing.ts";
import { Pull, type Pulled } from "./pull.ts";
import { verdict } from "./verdict.ts";

/** Asked for at a time where what comes may be parked. */
const readAhead = 256;

/** Works off a durable consumer: serial per key, bounded, acknowledged with the server's confirmation. */
export class Consuming<Payload> implements Consumption {
  readonly #link: Link;
  readonly #options: ConsumeOptions<Payload>;
  readonly #lanes = new Lanes<Item<Payload>>();
  readonly #inHand = new Passing<string, Item<Payload>>();
  /** Handled here; a delivery of it again means that the acknowledgement was lost. */
  readonly #done: Lately;
  readonly #pull: Pull;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #parking: Parking<Item<Payload>> | undefined;
  /** Up to this sequence of the stream messages may have been in other hands, although they come as if for the first time. */
  readonly #deliveredBefore: number;
  /** Where older messages are still to come again, what came meanwhile. */
  #gathering: Gathering<Item<Payload>> | undefined;
  #draining: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #toldNewer = false;
  #restoring = false;

  private constructor(link: Link, options: ConsumeOptions<Payload>, deliveredBefore: number) {
    this.#link = link;
    this.#options = options;
    this.#deliveredBefore = deliveredBefore;
    this.#done = new Lately({ forMs: rememberedFor * link.durations.ackWait, most: 4096 });
    this.#parking = options.groups === undefined ? undefined : new Parking(options.groups);
    const window = () => this.#concurrency() + (options.prefetch ?? this.#concurrency());
    this.#pull = new Pull(link, {
      stream: options.stream.name,
      consumer: options.durable,
      least: () => Math.max(1, Math.floor((this.#parking === undefined ? window() : readAhead) / 4)),
      room: () => {
        if (this.#parking !== undefined) return Math.min(readAhead, mostParked - this.#inHand.size - this.#parking.size);
        // What is waited for must not be kept out by what came before it.
        return Math.min(this.#gathering === undefined ? window() - this.#lanes.runnable : mostInHand, mostInHand - this.#inHand.size);
      },
      onMessage: (pulled) => this.#receive(pulled),
      onGone: () => void this.#restore(),
    });
    this.#heartbeat = setInterval(() => this.#stillWorking(), link.durations.ackWait / 3);
  }

  static async start<Payload>(link: Link, options: ConsumeOptions<Payload>): Promise<Consuming<Payload>> {
    const { inOrder } = options;
    let deliveredBefore = 0;
    if (inOrder === "anew") deliveredBefore = await createDurableAnew(link, options);
    else await createDurable(link, options);
    const outstanding = inOrder === "wait" ? await outstandingOf(link, options) : 0;
    const consuming = new Consuming(link, options, deliveredBefore);
    if (outstanding > 0) consuming.#gather(outstanding);
    consuming.#pull.start();
    return consuming;
  }

  #concurrency(): number {
    const { concurrency } = this.#options;
    return typeof concurrency === "number" ? concurrency : concurrency();
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    this.#gathering?.stop();
    await this.#pull.stop();
    for (const item of this.#inHand.values()) if (item.state === "waiting" || item.state === "aside") this.#giveBack(item, 0);
    while (this.#inHand.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    clearInterval(this.#heartbeat);
  }

  async #restore(): Promise<void> {
    if (this.#restoring || this.#draining !== undefined) return;
    this.#restoring = true;
    try {
      await createDurable(this.#link, this.#options);
      if (this.#draining === undefined) this.#pull.start();
    } catch (thrown) {
      this.#link.log.error({ durable: this.#options.durable, problem: toProblem(thrown).data }, "consumer could not be made again");
    } finally {
      this.#restoring = false;
    }
  }

  #receive(pulled: Pulled): void {
    const { reply } = pulled.message;
    if (reply === undefined) return;
    const known = this.#inHand.get(pulled.id);
    if (known !== undefined) {
      // The server forgot or lost patience; whoever has it in hand goes on, and answers the newest delivery.
      known.reply = reply;
      known.deliveries = pulled.deliveries;
      return;
    }
    const place = this.#parking?.find(pulled.id);
    if (place !== undefined) place.reply = reply;
    if (place !== undefined && place.calledAt === undefined) return this.#park(reply);
    const item = this.#read(pulled, reply);
    if (this.#draining !== undefined) return this.#link.nc.publish(reply, nak(0));
    if (item.newer !== undefined && this.#options.retry === "anywhere")
      return this.#link.nc.publish(reply, nak(this.#link.durations.ackWait));
    if (item.newer !== undefined && this.#options.newerLives?.() === true)
      return this.#link.nc.publish(reply, nak(this.#link.durations.ackWait / 5));
    if (place !== undefined) Object.assign(item, { deliveries: place.deliveries, sequence: place.sequence });
    const isDone = this.#done.has(item.id);
    if (place === undefined && !isDone && !this.#takes(item)) return;
    this.#inHand.set(item.id, item);
    // It waits in hand, so that waiting does not count as deliveries, until a newer program takes over.
    if (item.newer !== undefined) return;
    if (isDone) {
      item.state = "acknowledging";
      void this.#acknowledge(item, "+ACK").then(() => this.#release(item));
      return;
    }
    if (this.#gathering !== undefined) return this.#gathering.add(item, item.deliveries > 1);
    const next = place === undefined ? [item] : (this.#parking?.come(place, item) ?? []);
    for (const one of next) this.#queue(one);
    this.#begin();
  }

  /** False where it is not handled now. */
  #takes(item: Item<Payload>): boolean {
    if (item.group === undefined || this.#parking === undefined) return true;
    const taken = this.#parking.take(item.group, item);
    if (taken.kind === "in-hand") return true;
    // Should the server not hear of it, it comes again and is found superseded.
    if (taken.kind === "superseded") this.#link.nc.publish(item.reply, "+ACK");
    else this.#park(item.reply);
    if (taken.kind === "parked" && taken.over !== undefined) this.#link.nc.publish(taken.over, "+ACK");
    return false;
  }

  /** The server keeps it for long: it is called back before. */
  #park(reply: string): void {
    this.#link.nc.publish(reply, nak(parkedFor * this.#link.durations.ackWait));
  }

  #gather(missing: number): void {
    this.#gathering = new Gathering({
      missing,
      patienceMs: 1.5 * this.#link.durations.ackWait,
      over: (inOrder) => {
        this.#gathering = undefined;
        for (const item of inOrder) this.#queue(item);
        this.#begin();
      },
    });
  }

  #queue(item: Item<Payload>): void {
    const key = item.payload === undefined ? `unread ${item.id}` : this.#options.keyOf(item.payload);
    this.#lanes.add(key, item);
  }

  #read(pulled: Pulled, reply: string): Item<Payload> {
    const item = readItem(pulled, { ...this.#options, reply, deliveredBefore: this.#deliveredBefore });
    if (item.newer !== undefined && !this.#toldNewer) {
      this.#link.log.warn({ durable: this.#options.durable, problem: item.newer.data }, "a newer version waits");
      this.#toldNewer = true;
    }
    return item;
  }

  #begin(): void {
    while (this.#draining === undefined && this.#lanes.busy < this.#concurrency()) {
      const item = this.#lanes.take();
      if (item === undefined) return;
      item.state = "busy";
      void this.#handle(item);
    }
  }

  async #handle(item: Item<Payload>): Promise<void> {
    try {
      if (item.fault !== undefined || item.payload === undefined) await this.#bury(item, item.fault);
      else await this.#options.handle(item.payload, this.#deliveryOf(item));
    } catch (thrown) {
      return this.#failed(item, thrown);
    }
    this.#finish(item);
  }

  #finish(item: Item<Payload>): void {
    if (this.#inHand.get(item.id) !== item) return;
    if (item.state !== "aside") this.#lanes.done(item);
    item.state = "acknowledging";
    this.#done.add(item.id, performance.now());
    item.acknowledged ??= this.#acknowledge(item, "+ACK");
    void item.acknowledged.then(() => this.#release(item));
    this.#begin();
    this.#pull.more();
  }

  #failed(item: Item<Payload>, thrown: unknown): void {
    const { log, durations } = this.#link;
    const failure = toProblem(thrown);
    const about = { durable: this.#options.durable, sequence: item.sequence, problem: failure.data };
    if (item.acknowledged !== undefined) {
      log.error({ ...about, cause: stackOf(thrown) }, "handler failed after it had acknowledged");
      return this.#finish(item);
    }
    if (failure.retry) item.retries++;
    else item.crashes++;
    const { crashes, retries } = item;
    const next =
      item.fault === undefined
        ? verdict({ problem: failure, crashes, retries, ackWaitMs: durations.ackWait })
        : laterThan(durations.ackWait);
    if (next.kind === "dead") {
      log.error({ ...about, crashes, cause: stackOf(thrown) }, "handler crashed too often, message goes to the dead letters");
      // From now on nothing else becomes of it, however often that has to be tried.
      item.fault = failure;
      void this.#handle(item);
      return;
    }
    if (failure.retry) log.debug({ ...about, retries }, "handler asks for a retry");
    else log.warn({ ...about, crashes, cause: stackOf(thrown) }, "handler crashed");
    if (this.#inHand.get(item.id) !== item) return;
    const aside = item.state === "aside";
    item.state = "waiting";
    if (this.#draining !== undefined || (failure.retry && this.#options.retry === "anywhere")) {
      if (!aside) this.#lanes.done(item);
      this.#giveBack(item, this.#draining === undefined ? next.afterMs : 0);
    } else if (aside) {
      setTimeout(() => this.#comeBack(item), next.afterMs);
    } else {
      this.#lanes.rest(item);
      setTimeout(() => this.#wake(item), next.afterMs);
    }
    this.#begin();
    this.#pull.more();
  }

  #wake(item: Item<Payload>): void {
    if (!this.#inHand.has(item.id)) return;
    this.#lanes.wake(item);
    this.#begin();
  }

  /** One that had stepped aside has to take its turn anew. */
  #comeBack(item: Item<Payload>): void {
    if (this.#inHand.get(item.id) !== item) return;
    this.#queue(item);
    this.#begin();
  }

  #deliveryOf(item: Item<Payload>): Delivery {
    return {
      sequence: item.sequence,
      storedAt: item.storedAt,
      deliveries: item.deliveries,
      ack: () => {
        item.acknowledged ??= this.#acknowledge(item, "+ACK");
        return item.acknowledged;
      },
      stepAside: () => {
        if (item.state !== "busy") return;
        item.state = "aside";
        this.#lanes.done(item);
        this.#begin();
        this.#pull.more();
      },
    };
  }

  /** The letter first: once somebody was told, the message would be found dealt with, should it come again. */
  async #bury(item: Item<Payload>, fault: Problem | undefined): Promise<void> {
    const why = fault ?? problem("internal", { why: "unknown", run: "-" });
    const { stream, durable } = this.#options;
    const { sequence, subject, storedAt, deliveries, unread, raw } = item;
    if (!item.buried) {
      await writeLetter(this.#link, {
        stream: stream.name,
        durable,
        id: item.id,
        subject,
        sequence,
        storedAt,
        deliveries,
        data: unread ?? raw,
        why,
      });
    }
    item.buried = true;
    await this.#options.onDead?.(item.payload, raw, why);
    item.acknowledged ??= this.#acknowledge(item, "+TERM");
  }

  /** Resolves when the server has confirmed; after a few lost answers anyway, and redelivery finds it done. */
  #acknowledge(item: Item<Payload>, word: "+ACK" | "+TERM"): Promise<void> {
    return this.#link.outbox.ask<void>({
      subject: item.reply,
      data: word,
      read: (reply) => (reply.headers?.code === 503 ? { kind: "again", why: "nobody answers (503)" } : { kind: "done", value: undefined }),
      giveUp: { after: 5, value: undefined },
    });
  }

  #release(item: Item<Payload>): void {
    this.#inHand.delete(item.id);
    if (this.#inHand.size === 0) this.#idle?.();
    if (item.group !== undefined && this.#draining === undefined) this.#call(this.#parking?.done(item.group, item, performance.now()));
    this.#pull.more();
  }

  #giveBack(item: Item<Payload>, delayMs: number): void {
    if (!this.#link.nc.isClosed()) this.#link.nc.publish(item.reply, nak(delayMs));
    this.#release(item);
  }

  #stillWorking(): void {
    this.#done.forget(performance.now());
    if (this.#link.nc.isClosed()) return;
    const due = performance.now() - this.#link.durations.ackWait / 4;
    if (this.#options.newerLives?.() === true)
      for (const item of this.#inHand.values()) if (item.newer !== undefined) this.#giveBack(item, 0);
    for (const item of this.#inHand.values()) {
      if (item.acknowledged !== undefined || item.touchedAt > due) continue;
      item.touchedAt = performance.now();
      this.#link.nc.publish(item.reply, "+WPI");
    }
    this.#call(this.#parking?.overdue(due));
    const long = performance.now() - 2 * this.#link.durations.ackWait;
    for (const place of this.#parking?.overdue(long) ?? []) void this.#lookFor(place);
  }

  #call(places: readonly Place[] = []): void {
    for (const { reply } of places) this.#link.nc.publish(reply, nak(0));
  }

  /** What was called and does not come may have been acknowledged by whoever had it before, who was not dead after all. */
  async #lookFor(place: Place): Promise<void> {
    // Its place may be that of an earlier wording: the stream knows it by its own.
    const sequence = Number(place.id.split(".")[0]);
    const stored = await messageAt(this.#link, { stream: this.#options.stream.name, sequence }).catch(() => "unknown");
    if (stored !== undefined) return;
    const { items = [], places } = this.#parking?.forget(place, performance.now()) ?? {};
    for (const one of items) this.#queue(one);
    this.#call(places);
    this.#begin();
  }
}

/** In ack_waits. */
const parkedFor = 60;

/** In ack_waits. What comes again even later is known by the state of whoever handles it. */
const rememberedFor = 24;

function nak(delayMs: number): string {
  return delayMs === 0 ? "-NAK" : `-NAK ${JSON.stringify({ delay: nanoseconds(delayMs) })}`;
}

const laterThan = (afterMs: number) => ({ kind: "again", afterMs }) as const;

function stackOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? thrown.stack : undefined;
}
