import type { MessageDeleted, MessageEdited, MessagePressed, MessageReacted, Message } from "@bellhop/contracts";
import type { Heard, Inbox } from "@bellhop/gateway";
import { KnownEvents, type Known } from "./known.ts";
import { downloadMedia } from "./media.ts";
import type { Self } from "./mention.ts";
import {
  conversationIn,
  isoTime,
  keyOf,
  originalOf,
  personOf,
  plainEmoji,
  platform,
  readTold,
  replyTo,
  toMessage,
  type FileSaid,
  type Hearing,
  type Told,
} from "./receive.ts";
import type { Rooms } from "./rooms.ts";
import type { MatrixClient } from "./sdk.ts";

export interface EarsOptions {
  client: () => MatrixClient;
  rooms: Rooms;
  self: Self;
  timeoutMs: number;
}

/** Makes what the gateway stores of what happened in rooms, and looks up what an event does not tell of the one that it is about. */
export class Ears {
  private readonly options: EarsOptions;
  private readonly known = new KnownEvents();

  constructor(options: EarsOptions) {
    this.options = options;
  }

  /** Resolves once it is stored, or is not for us. Events of one room are given one after the other.
   *  @throws when it can't be stored, or the homeserver can't be asked what it is about: then it is given again */
  async hear(event: unknown, at: { room: string; origin: Message["origin"]; inbox: Inbox }): Promise<void> {
    const { self, rooms } = this.options;
    this.known.saw(event);
    const told = readTold(event, self);
    if (told === undefined) return;
    const hearing: Hearing = { room: at.room, direct: await rooms.isDirect(at.room), origin: at.origin, self };
    const heard = await this.heardIn(told, { hearing, inbox: at.inbox });
    if (heard !== undefined) await at.inbox.receive(heard);
  }

  private async heardIn(told: Told, at: { hearing: Hearing; inbox: Inbox }): Promise<Heard | undefined> {
    const { hearing, inbox } = at;
    const prefix = inbox.prefix(conversationIn(hearing, undefined));
    switch (told.kind) {
      case "said": {
        const found = toMessage(told, { ...hearing, prefix, awaits: (said) => inbox.awaits(said) });
        this.known.called(told.id, found !== undefined);
        return found && { kind: "message", message: await this.withFile(found, inbox) };
      }
      case "reworded": {
        const original = await this.find(told.target, hearing);
        // What was taken back is not asked any more, in no words.
        if (original?.kind !== "message" || original.gone || original.sender !== told.sender) return undefined;
        const found = toMessage(told, { ...hearing, prefix, rewords: { id: told.target, thread: original.thread } });
        this.known.called(told.target, found !== undefined);
        if (found === undefined && original.called === false) return undefined;
        const message = found && (await this.withFile(found, inbox));
        return { kind: "edited", edited: editedOf(told, { hearing, original, message }) };
      }
      case "takenBack": {
        const target = await this.find(told.target, hearing);
        if (target === undefined || target.sender === hearing.self.account) return undefined;
        if (target.kind === "message") {
          // Taken back by now, it tells nothing of its words any more: it may have called us.
          return target.called === false ? undefined : { kind: "deleted", deleted: deletedOf(told, { hearing, original: target }) };
        }
        const { reaction } = target;
        const original = reaction && (await this.find(reaction.target, hearing));
        if (reaction === undefined || original === undefined) return undefined;
        return {
          kind: "reacted",
          reacted: reactedOf({ ...told, ...reaction, sender: target.sender }, { hearing, original, added: false }),
        };
      }
      case "reacted": {
        const original = await this.find(told.target, hearing);
        const pressed = original?.sender === hearing.self.account && pressedOf(told, { hearing, original });
        if (pressed) return { kind: "pressed", pressed };
        return original && { kind: "reacted", reacted: reactedOf(told, { hearing, original, added: true }) };
      }
    }
  }

  private find(id: string, { room }: Hearing): Promise<Known | undefined> {
    const { client, timeoutMs } = this.options;
    return this.known.find(id, { room, client: client(), timeoutMs });
  }

  /** Kept before the message is stored: whoever reads it finds the file. */
  private async withFile({ message, file }: { message: Message; file?: FileSaid }, inbox: Inbox): Promise<Message> {
    if (file === undefined) return message;
    const { client, timeoutMs } = this.options;
    const { media, ...facts } = file;
    const kept = await inbox.keep({ ...facts, open: () => downloadMedia(client(), { media, timeoutMs }) });
    return { ...message, content: { ...message.content, files: [kept] } };
  }
}

function editedOf(
  told: Extract<Told, { kind: "reworded" }>,
  { hearing, original, message }: { hearing: Hearing; original: Known; message: Message | undefined },
): MessageEdited {
  return {
    v: 1,
    key: keyOf(told.target, hearing, told.id),
    platform,
    account: hearing.self.account,
    conversation: conversationIn(hearing, original.thread),
    original: originalOf({ id: told.target, at: original.at }, hearing),
    author: personOf(told.sender),
    ...(message && { message }),
    editedAt: isoTime(told.at),
  };
}

function deletedOf(
  told: Extract<Told, { kind: "takenBack" }>,
  { hearing, original }: { hearing: Hearing; original: Known },
): MessageDeleted {
  return {
    v: 1,
    key: keyOf(told.id, hearing),
    platform,
    account: hearing.self.account,
    conversation: conversationIn(hearing, original.thread),
    original: originalOf({ id: told.target, at: original.at }, hearing),
    deletedAt: isoTime(told.at),
  };
}

/** Undefined where the reaction stands for nothing that the message offers. */
function pressedOf(
  { id, at, sender, target, emoji }: Extract<Told, { kind: "reacted" }>,
  { hearing, original }: { hearing: Hearing; original: Known },
): MessagePressed | undefined {
  const { press, keys = [] } = original.press ?? {};
  const found = keys.find(({ key }) => plainEmoji(key) === emoji);
  if (press === undefined || found === undefined) return undefined;
  const { choice, value } = found;
  return {
    v: 1,
    key: keyOf(id, hearing),
    platform,
    account: hearing.self.account,
    conversation: conversationIn(hearing, original.thread),
    by: personOf(sender),
    press,
    choice,
    ...(value === undefined ? {} : { value }),
    via: "reaction",
    replyTo: replyTo({ ...hearing, thread: original.thread, message: target }),
    at: isoTime(at),
  };
}

/** @param told what somebody put on `target`, or the event that takes it away */
function reactedOf(
  told: { id: string; at: number; sender: string; target: string; emoji: string },
  { hearing, original, added }: { hearing: Hearing; original: Known; added: boolean },
): MessageReacted {
  return {
    v: 1,
    key: keyOf(told.id, hearing),
    platform,
    account: hearing.self.account,
    conversation: conversationIn(hearing, original.thread),
    original: originalOf({ id: told.target, at: original.at }, hearing),
    by: personOf(told.sender),
    emoji: told.emoji,
    added,
    replyTo: replyTo({ ...hearing, thread: original.thread, message: told.target }),
    at: isoTime(told.at),
  };
}
