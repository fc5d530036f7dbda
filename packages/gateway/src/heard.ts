import type { Bus } from "@bellhop/bus";
import {
  Message,
  MessageDeleted,
  MessageEdited,
  messageIds,
  MessagePressed,
  MessageReacted,
  MessageSubmitted,
  subjects,
  type Conversation,
} from "@bellhop/contracts";
import { z } from "zod";
import type { Heard } from "./adapter.ts";

/** {@link Heard} as it lies on the disk. */
export const HeardSchema: z.ZodType<Heard> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), message: Message }),
  z.object({ kind: z.literal("edited"), edited: MessageEdited }),
  z.object({ kind: z.literal("deleted"), deleted: MessageDeleted }),
  z.object({ kind: z.literal("reacted"), reacted: MessageReacted }),
  z.object({ kind: z.literal("pressed"), pressed: MessagePressed }),
  z.object({ kind: z.literal("submitted"), submitted: MessageSubmitted }),
]);

/** The same for every delivery of what happened, and for nothing else. */
export function heardId(heard: Heard): string {
  switch (heard.kind) {
    case "message":
      return messageIds.received(heard.message.key);
    case "edited":
      return messageIds.edited(heard.edited.key);
    case "deleted":
      return messageIds.deleted(heard.deleted.key);
    case "reacted":
      return messageIds.reacted(heard.reacted.key);
    case "pressed":
      return messageIds.pressed(heard.pressed.key);
    case "submitted":
      return messageIds.submitted(heard.submitted.key);
  }
}

/** Of a message, or of what happened to one. */
export function keyOf(heard: Heard): string {
  switch (heard.kind) {
    case "message":
      return heard.message.key;
    case "edited":
      return heard.edited.key;
    case "deleted":
      return heard.deleted.key;
    case "reacted":
      return heard.reacted.key;
    case "pressed":
      return heard.pressed.key;
    case "submitted":
      return heard.submitted.key;
  }
}

export function conversationOf(heard: Heard): Conversation {
  switch (heard.kind) {
    case "message":
      return heard.message.conversation;
    case "edited":
      return heard.edited.conversation;
    case "deleted":
      return heard.deleted.conversation;
    case "reacted":
      return heard.reacted.conversation;
    case "pressed":
      return heard.pressed.conversation;
    case "submitted":
      return heard.submitted.conversation;
  }
}

/** @param whenFull called once if its queue has no room: it is stored when there is */
export async function publishHeard(bus: Bus, heard: Heard, whenFull?: () => void): Promise<void> {
  const options = { id: heardId(heard), whenFull };
  switch (heard.kind) {
    case "message":
      return void (await bus.publish(subjects.message.received, heard.message, options));
    case "edited":
      return void (await bus.publish(subjects.message.edited, heard.edited, options));
    case "deleted":
      return void (await bus.publish(subjects.message.deleted, heard.deleted, options));
    case "reacted":
      return void (await bus.publish(subjects.message.reacted, heard.reacted, options));
    case "pressed":
      return void (await bus.publish(subjects.message.pressed, heard.pressed, options));
    case "submitted":
      return void (await bus.publish(subjects.message.submitted, heard.submitted, options));
  }
}
