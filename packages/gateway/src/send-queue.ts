import type { Durations, Send } from "@bellhop/contracts";
import type { Delivery } from "@bellhop/bus";
import { wait } from "./clock.ts";
import type { QueuedSend } from "./queued-send.ts";
import { say, type Said, type SayingOptions } from "./say.ts";
import { choose, placeFor, type Slot } from "./slots.ts";
import { createTyping } from "./typing.ts";

interface SendQueueOptions extends SayingOptions {
  durations: Pick<Durations, "ackWait" | "lateReply" | "rewordEvery">;
}

/** Takes a send of the account. Resolves when it may be acknowledged; rejects with a retryable Problem when somebody else has to say it. */
export type SendQueue = (send: Send, delivery: Pick<Delivery, "sequence" | "storedAt" | "deliveries">) => Promise<void>;

/** Sends with the same one are said one after the other. Reactions to a message stand beside that order: platforms take few of them, and no words wait for one. */
export function conversationOf({ to, gesture }: Send): string {
  return JSON.stringify(gesture === undefined ? [to.channel, to.thread] : [to.channel, to.thread, to.message]);
}

interface Waiting extends Slot {
  send: Send;
  storedAt: number;
  begun: boolean;
  notBefore: number;
  /** Somebody may have begun it, and died. */
  redelivered: boolean;
  /** The wording before it did not come. */
  blind: boolean;
  done: PromiseWithResolvers<void>;
}

interface Conversation {
  readonly slots: Waiting[];
  /** Something was added: what it waits for is over. */
  wake: () => void;
}

/** The queue of one account: conversations are said side by side, each in its order, each send once. */
export function createSendQueue(options: SendQueueOptions): SendQueue {
  const { adapter, calls, clock, durations, over, log } = options;
  const conversations = new Map<string, Conversation>();
  /** Until when a message may not be reworded again, by its key. */
  const resting = new Map<string, number>();
  const typing = createTyping({ adapter, clock, over, log });

  return async (send, delivery) => {
    if (over.aborted) throw calls.stopped();
    const { gesture, to } = send;
    // What is delivered again may come after the word that ends it.
    if (gesture?.kind === "typing") return delivery.deliveries > 1 ? undefined : typing.begin(send);
    if (gesture?.kind === "reaction" && (adapter.react === undefined || to.message === undefined)) return;
    // Each of its wordings would be a message of its own.
    if (send.passing === true && adapter.reword === undefined) return;
    await enqueue(send, delivery);
  };

  function enqueue(send: Send, { sequence, storedAt, deliveries }: Parameters<SendQueue>[1]): Promise<void> {
    const key = conversationOf(send);
    const known = conversations.get(key);
    const conversation = known ?? { slots: [], wake: () => {} };
    const { slots } = conversation;
    const redelivered = deliveries > 1;
    const done = Promise.withResolvers<void>();
    const newcomer: Waiting = { send, sequence, storedAt, redelivered, begun: redelivered, notBefore: 0, blind: false, done };
    const place = placeFor(slots, newcomer);
    if (place.kind === "superseded") return Promise.resolve();
    const old = place.kind === "replaces" ? slots[place.at] : undefined;
    if (old === undefined) slots.splice(place.at, 0, newcomer);
    else {
      old.done.resolve();
      Object.assign(old, newcomer, { sequence: old.sequence, notBefore: old.notBefore, blind: old.blind });
    }
    conversation.wake();
    if (known === undefined) {
      conversations.set(key, conversation);
      void serve(key, conversation);
    }
    return done.promise;
  }

  async function serve(key: string, conversation: Conversation): Promise<void> {
    const { slots } = conversation;
    while (slots.length > 0 && !over.aborted) {
      const choice = choose(slots, clock.now(), (sendKey) => resting.get(sendKey) ?? 0);
      if (choice.kind === "say") await serveOne(slots, choice.slot);
      else {
        const waiting = wait(clock, choice.until - clock.now(), over);
        conversation.wake = waiting.end;
        await waiting.ended;
      }
    }
    conversations.delete(key);
    for (const slot of slots.splice(0)) slot.done.reject(calls.stopped());
  }

  async function serveOne(slots: Waiting[], slot: Waiting): Promise<void> {
    let said: Said;
    try {
      said = await say(queuedSend(slot), options);
    } catch (error) {
      slots.splice(slots.indexOf(slot), 1);
      return slot.done.reject(error);
    }
    switch (said.kind) {
      case "earlier":
        // Whoever began it did not acknowledge it: it is delivered again within this time.
        slot.notBefore = clock.now() + 2 * durations.ackWait;
        slot.blind = true;
        return;
      case "over": {
        const { key, revision, final, answers } = slot.send;
        rest(key, said.restUntil);
        for (const other of slots) if (other.send.key === key) other.notBefore = 0;
        // A newer wording may have taken its place just now.
        if (revision > said.revision) return;
        if (final) typing.end(answers);
        slots.splice(slots.indexOf(slot), 1);
        slot.done.resolve();
      }
    }
  }

  function queuedSend(slot: Waiting): QueuedSend {
    return {
      words: () => slot,
      fresh: slot.send.revision === 1 && !slot.redelivered,
      begin() {
        slot.begun = true;
        if (slot.send.final) typing.end(slot.send.answers);
      },
      rest() {
        slot.begun = slot.redelivered;
      },
      get blind() {
        return slot.blind;
      },
    };
  }

  function rest(key: string, until: number): void {
    const now = clock.now();
    if (until <= now) return;
    resting.set(key, until);
    if (resting.size > mostResting) for (const [other, moment] of resting) if (moment <= now) resting.delete(other);
  }
}

/** What is over is forgotten when there are more than this. */
const mostResting = 1_000;
