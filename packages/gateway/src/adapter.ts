import type { Message, Receipt, Send } from "@bellhop/contracts";

/** One account on one chat platform: everything that only this platform does its own way. {@link runGateway} does the rest. */
export interface Adapter {
  readonly platform: string;
  /** Our own installation there, the same after every start: replies that wait for it are addressed to this name. */
  readonly account: string;
  readonly capabilities: Capabilities;
  /** Begins to receive; resolves once it does, or once it keeps trying by itself. */
  connect(inbox: Inbox): Promise<void>;
  /** One call to the platform: never tries again by itself, and says what it knows. Should not throw; what it throws counts as unsure. */
  send(send: Send, about: SendContext): Promise<SendResult>;
  /** Looks whether a send that nobody knows the end of stands there after all. Absent where there is no way to look. */
  resolve?(send: Send, receipt: Receipt): Promise<Resolution>;
  /** Stops receiving. Sends in hand may still be finished. */
  disconnect(): Promise<void>;
  /** Rejects when the platform will not have us again (tokens taken back): never resolves. */
  readonly failed?: Promise<never>;
}

export interface Capabilities {
  /** Whether what was sent can be reworded. Where it can't, a later revision is sent as a message of its own. */
  readonly edit: boolean;
}

export interface Inbox {
  /** Resolves once the message is stored: only then may the platform be told that we have it. Rejects when it can't be stored at all;
   *  then the platform must not be told. The same message may be given any number of times. */
  receive(message: Message): Promise<void>;
}

export interface SendContext {
  /** The same for every try at this send: what makes a platform drop repeats, or lets us find our own message again. */
  readonly key: string;
  /** The platform's name of the message to reword. Absent: a new message. */
  readonly edits?: string;
}

export type SendResult =
  /** It stands; `ref` is the platform's own name for it. */
  | { readonly kind: "sent"; readonly ref: string }
  /** A no for good: nothing stands, and asking again changes nothing. */
  | { readonly kind: "refused"; readonly why: string }
  /** Surely nothing stands; it may go through later. */
  | { readonly kind: "unavailable"; readonly why: string; readonly retryAfterMs?: number }
  /** Nobody knows: a time-out, a connection that broke, an error after it may have been accepted. */
  | { readonly kind: "unsure"; readonly why: string };

export type Resolution = Exclude<SendResult, { kind: "refused" }> | { readonly kind: "not-there" };
