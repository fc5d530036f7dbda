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
  return messageIds[heard.kind === "message" ? "received" : heard.kind](keyOf(heard));
}

/** Of a message, or of what happened to one. */
export function keyOf(heard: Heard): string {
  return toldIn(heard).key;
}

export function conversationOf(heard: Heard): Conversation {
  return toldIn(heard).conversation;
}

function toldIn(heard: Heard): { readonly key: string; readonly conversation: Conversation } {
  switch (heard.kind) {
    case "message":
      return heard.message;
    case "edited":
      return heard.edited;
    case "deleted":
      return heard.deleted;
    case "reacted":
      return heard.reacted;
    case "pressed":
      return heard.pressed;
    case "submitted":
      return heard.submitted;
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
