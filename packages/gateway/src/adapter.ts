import type {
  Address,
  Conversation,
  FileRef,
  Form,
  Mark,
  Message,
  MessageDeleted,
  MessageEdited,
  MessagePressed,
  MessageReacted,
  MessageSubmitted,
  Send,
} from "@bellhop/contracts";
import type { Said } from "./awaited.ts";

/** One account on one chat platform: everything that only this platform does its own way. {@link runGateway} does the rest: it stores what is heard, and
 *  sends piece by piece, in order, at the platform's pace, each piece once.
 *  `Piece` is what one call says; only the adapter looks inside. */
export interface Adapter<Piece = unknown> {
  readonly platform: string;
  /** Our own installation there, the same after every start: replies that wait for it are addressed to this name. */
  readonly account: string;
  readonly capabilities: Capabilities;
  /** Begins to receive, after it has caught up with what was said while nobody listened; resolves once it does, or once it keeps trying by itself. */
  connect(inbox: Inbox): Promise<void>;

  /** A send as this platform says it, one call each; at least one. Pure, and the same for the same send: a retry goes on where it stopped, and an
   *  edit is written as the message was. */
  write(send: Send): readonly Piece[];
  /** One call to the platform: never tries again by itself, and says what it knows. Should not throw; what it throws counts as unsure. */
  post(piece: Piece, at: Place): Promise<SendResult>;
  /** Absent where what was said can't be reworded: then a later revision is said as a message of its own. */
  reword?(piece: Piece, at: Standing): Promise<SendResult>;
  /** Takes back what was said. What is gone already counts as sent. */
  remove?(at: Standing): Promise<SendResult>;
  /** Looks whether a piece that nobody knows the end of stands there after all. Absent where there is no way to look. */
  find?(piece: Piece, at: Tried): Promise<Resolution>;
  /** Where something is said that belongs below what stands as `ref` in that place. Absent: in a thread that has its name. */
  below?(ref: string, to: Address): Address;
  /** How long after a try its call may still come to stand, in milliseconds: so long is waited before `find`. Default: not at all. */
  readonly settleMs?: number;
  /** Puts a reaction on `to.message`, or takes it back. It may be repeated: what is so already counts as sent. */
  react?(reaction: { to: Address; emoji: string; gone: boolean }): Promise<SendResult>;
  /** Shows once that we are at it. Nobody waits for it. */
  type?(to: Address): Promise<void>;

  /** The lanes that a call goes through, as the platform documents its limits. Absent: the platform tells by turning calls away. */
  lanes?(call: Call): readonly Lane[];
  /** Calls under way at one time while its pace is kept. As many may be in doubt after -9: few where each has to be looked up. Default 32. */
  readonly atOnce?: number;
  /** Stops receiving. Sends in hand may still be finished. */
  disconnect(): Promise<void>;
  /** Whether it hears now. Absent: for as long as it is connected. */
  isConnected?(): boolean;
  /** Rejects when the platform will not have us again (tokens taken back): never resolves. */
  readonly failed?: Promise<never>;
}

/** `native`: the platform has it. `emulated`: we do it with what the platform has. `none`: it is left out. docs/platforms says how. */
export type Level = "native" | "emulated" | "none";

export type Capabilities = Readonly<Record<Capability, Level>>;

export const capabilityNames = [
  "thread",
  "direct",
  "mention",
  "edit",
  "delete",
  "reaction",
  "typing",
  "ephemeral",
  "file",
  "table",
  /** Buttons and selects below a text. */
  "press",
  "form",
  /** A repeated send is dropped by the platform itself; emulated: found by looking. */
  "once",
  /** What was said while nobody listened is heard later. */
  "catchUp",
] as const;
export type Capability = (typeof capabilityNames)[number];

/** What an adapter hears, and what it needs for that. */
export interface Inbox {
  /** Resolves once it is stored: only then may the platform be told that we have it. Rejects when it can't be stored at all; then the platform must not
   *  be told. The same may be given any number of times. What is given for one conversation is stored in the order it was given. */
  receive(heard: Heard): Promise<void>;
  /** Keeps a file that came with a message. Never rejects: what can't be had is a reference that says so.
   *  @param file.open gives the bytes; called once at most, not at all where `bytes` is over the limit */
  keep(file: { name: string; type: string; bytes: number; open: () => Promise<ReadableStream<Uint8Array> | Uint8Array> }): Promise<FileRef>;
  /** The form that a choice opens. Undefined where nothing is known of it any more.
   *  @throws when it can't be read now */
  form(press: string): Promise<Form | undefined>;
  /** Whether its author was asked something in that thread, or answers what we said, and says it with what they say next: then it is for us without a call. */
  awaits(said: Said): boolean;
  /** How a command begins in a room: `!`, unless configuration says otherwise. */
  prefix(conversation: Conversation): string;
  readonly marks: Marks;
}

export type Heard =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "edited"; readonly edited: MessageEdited }
  | { readonly kind: "deleted"; readonly deleted: MessageDeleted }
  | { readonly kind: "reacted"; readonly reacted: MessageReacted }
  | { readonly kind: "pressed"; readonly pressed: MessagePressed }
  | { readonly kind: "submitted"; readonly submitted: MessageSubmitted };

/** High-water marks of this account: from where to read on after nobody listened. */
export interface Marks {
  /** Those of the last days, by place. */
  read(): Promise<ReadonlyMap<string, Mark>>;
  /** Everything in that place up to there is stored (its `receive` has resolved), or was not for us. Written a moment later, never before what it speaks of
   *  has reached NATS; may be lost. */
  reach(mark: Omit<Mark, "v" | "at">): void;
}

/** Where a piece goes. */
export interface Place {
  readonly to: Address;
  /** The same for every try at this piece, and of no other: what makes a platform drop repeats, or lets us find our own message again. */
  readonly key: string;
  /** Only this person may see it. */
  readonly only?: string;
  /** An earlier try was unsure and was not found: should it come to stand after all, there would be two, and the later is to be taken back. */
  readonly again?: boolean;
  /** The revision of the send. */
  readonly revision: number;
  /** The bytes of a file that the send refers to. */
  read(file: FileRef): Promise<Uint8Array>;
}

export interface Standing extends Place {
  /** The platform's own name for what stands. */
  readonly ref: string;
}

export interface Tried extends Place {
  /** When it was tried first, ISO 8601, by the clock of whoever tried. */
  readonly since: string;
}

export interface Call {
  readonly kind: "post" | "reword" | "remove" | "find" | "react";
  readonly to: Address;
  /** Whether its send carries files. */
  readonly file?: boolean;
  /** Whether a reaction is taken back. */
  readonly gone?: boolean;
  /** Whether an earlier try may still come to stand. */
  readonly again?: boolean;
}

/** A pace that calls keep: at most `burst` at once, and one more each `everyMs`. Those that wait for the same lane go in the order they came. */
export interface Lane {
  readonly name: string;
  readonly everyMs: number;
  readonly burst: number;
}

export type SendResult =
  /** It stands; `ref` is the platform's own name for it. */
  | { readonly kind: "sent"; readonly ref: string }
  /** A no for good: nothing stands, and asking again changes nothing. `gone`: what was to be reworded is not there any more, or can't be reworded for good. */
  | { readonly kind: "refused"; readonly why: string; readonly gone?: true }
  /** Surely nothing stands; it may go through later. With `retryAfterMs` no call of the account goes before that; with the `lane` of this call that it was
   *  said of, no call of that lane. Without it the platform counts as away. */
  | { readonly kind: "unavailable"; readonly why: string; readonly retryAfterMs?: number; readonly lane?: string }
  /** Nobody knows: a time-out, a connection that broke, an error after it may have been accepted. */
  | { readonly kind: "unsure"; readonly why: string };

export type Resolution = Exclude<SendResult, { kind: "refused" }> | { readonly kind: "not-there" };
