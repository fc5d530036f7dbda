import type { Problem, Read, StreamDeclaration, Subject } from "@bellhop/contracts";

/** Subjects of one stream that one durable takes in the order in which they were stored: `several({ … })` makes it. */
export interface Several<Payload> {
  /** Reads what came on a concrete subject, by that subject's own schema. */
  read(subject: string, raw: unknown): Read<Payload>;
}

export interface ConsumeOptions<Payload> {
  subject: Subject<Payload> | Several<Payload>;
  stream: Pick<StreamDeclaration, "name">;
  /** The concrete subjects or wildcards of this durable: `subject.filter({ shard: 3 })`. Of a work queue no two durables may take the same. */
  filter: string | readonly string[];
  /** Its name in the stream. One that an earlier start left with another filter is changed; none of what waits is passed over. */
  durable: string;
  /** The server removes the durable, never its messages, when nobody asked it for any for this long, in milliseconds. Kept for ever when not given. */
  removeIdleAfterMs?: number;
  /** Handlers at work at one time. */
  concurrency: number | (() => number);
  /** Messages fetched ahead of need; `concurrency` when not given. 0 where one must not hold what another could do. */
  prefetch?: number;
  /** Messages of one key are handled one after the other, in order. */
  keyOf(payload: Payload): string;
  /** The message is acknowledged when this resolves. A Problem with `retry: true` is tried again with backoff and not counted; anything
   *  else is a crash, and the fifth makes the message a dead letter. */
  handle(payload: Payload, delivery: Delivery): Promise<void>;
  /** Keeps the order of a key over the death of whoever took its messages before. `wait`: what they left is waited for, `durations.ackWait` or a little more,
   *  before anything is handled. `anew`: the durable is made anew, and all that was not acknowledged comes at once; of deliveries only two are counted, so it
   *  is for messages that may be retried anywhere. */
  inOrder?: "wait" | "anew";
  /** Groups of messages of which only so many are given out at a time, so that one that has thousands waiting does not stand before the others. Everything that
   *  waits is taken out of the queue, up to 64 Ki messages, and what is not in hand costs some hundred bytes. */
  groups?: Groups<Payload>;
  /** Called once the message's dead letter is stored; when it throws, it is called again later. A message that was killed with its handler in between comes
   *  again, and may be found dealt with: the letter is there all the same.
   *  @param payload undefined when it could not be read */
  onDead?(payload: Payload | undefined, raw: string, problem: Problem): Promise<void>;
  /** Where others take from this durable as well: whether one of them reads more than this program. Then what is too new is given back for them; until then
   *  it waits in hand. */
  newerLives?: () => boolean;
  /** Where a retry happens: `here` keeps the order within the key (the default), `anywhere` gives the message back with a delay. */
  retry?: "here" | "anywhere";
}

export interface Groups<Payload> {
  of(payload: Payload): string;
  /** In hand of one group; only one once `all` are in hand. */
  each: number;
  all: number;
  /** Of what is not in hand, an earlier wording is acknowledged unseen for a later one, which takes its place; never the last one. */
  wording?(payload: Payload): { key: string; revision: number; last: boolean };
}

export interface Delivery {
  /** In the stream. */
  sequence: number;
  /** Epoch milliseconds, by the server's clock. */
  storedAt: number;
  /** How often it was delivered, this time included. Says nothing of whether it was seen: a killed server forgets. */
  deliveries: number;
  /** Acknowledges before the handler is done; resolves when the server has confirmed it. */
  ack(): Promise<void>;
  /** From now on the handler only waits: others may begin in its place, also those of its key. The message stays unacknowledged until it is done; it is
   *  given back when the consumption is drained before. */
  stepAside: () => void;
}

export interface Consumption {
  /** Stops pulling, gives back what no handler has begun, waits for handlers and acknowledgements. */
  drain(): Promise<void>;
}

export interface ReadOptions<Payload> {
  subject: Subject<Payload>;
  stream: Pick<StreamDeclaration, "name">;
  /** A concrete subject or wildcards: `subject.filter({ … })`. */
  filter: string;
  /** The sequence to begin with. */
  from: number;
}

/** Batches as they are asked for: where nobody asks, no more than some hundred messages wait here. What can't be read is logged and passed over; of a newer
 *  version, it ends the reading. @throws Problem version_newer */
export interface Reading<Payload> extends AsyncIterable<ReadBatch<Payload>> {
  stop(): void;
}

export interface ReadBatch<Payload> {
  /** Empty once, where nothing was there at the beginning. */
  entries: { payload: Payload; sequence: number; storedAt: number }[];
  /** All up to this sequence was read. */
  last: number;
  /** How many more there were; 0: all was read that was there. */
  pending: number;
}

/** What could not be handled: stream DEAD. */
export interface DeadLetters {
  /** All that are there, oldest first. @param read what is kept of each */
  list<T>(read: (letter: DeadLetter) => T, options?: { stream?: string }): Promise<T[]>;
  get(number: number): Promise<DeadLetter | undefined>;
  /** Publishes a letter on the subject it came from, or what takes its place; the letter stays. Repeated for as long as NATS remembers the id, nothing more
   *  comes of it; after that whoever gets it must know it by its key. @throws Problem dead_kept where its subject is not known */
  replay(letter: DeadLetter, payload?: object): Promise<void>;
  /** @returns false when it was not there */
  drop(number: number): Promise<boolean>;
}

export interface DeadLetter {
  /** Its name: never given again. */
  number: number;
  /** When it died, and when it had been stored: epoch milliseconds, by the server's clock. */
  at: number;
  storedAt: number;
  /** Where it came from. */
  stream: string;
  subject: string;
  sequence: number;
  /** Who gave up, and after how many deliveries. */
  by: string;
  durable: string;
  deliveries: number;
  problem: { code: string; message: string; hint: string };
  /** As it came: perhaps no text, or no JSON. */
  data: Uint8Array;
}
