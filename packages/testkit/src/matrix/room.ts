import { latestEdit, relationOf, type Content, type MatrixEvent, type Room } from "./state.ts";

/** A message as a person in the room sees it now: edits applied, deleted ones gone. */
export interface RoomMessage {
  room: string;
  event: string;
  /** The root's event id, for a message in a thread. */
  thread?: string;
  user: string;
  msgtype: string;
  text: string;
  html?: string;
  /** All of it, as it was sent last. */
  content: Content;
  edited: boolean;
  reactions: { key: string; users: string[] }[];
}

/** The room from its first message to its last, those in threads among them in the order they were written. */
export function viewRoom(room: Room): RoomMessage[] {
  return room.timeline.flatMap(({ event }) => (isShown(event) ? [viewMessage(room, event)] : []));
}

function isShown(event: MatrixEvent): boolean {
  return event.type === "m.room.message" && typeof event.content.body === "string" && relationOf(event)?.rel_type !== "m.replace";
}

function viewMessage(room: Room, event: MatrixEvent): RoomMessage {
  const edit = latestEdit(room, event);
  const replaced = edit?.content["m.new_content"];
  const content = isContent(replaced) ? replaced : event.content;
  const relation = relationOf(event);
  return {
    room: room.id,
    event: event.event_id,
    thread: relation?.rel_type === "m.thread" ? String(relation.event_id) : undefined,
    user: event.sender,
    msgtype: String(content.msgtype),
    text: String(content.body),
    html: typeof content.formatted_body === "string" ? content.formatted_body : undefined,
    content,
    edited: edit !== undefined,
    reactions: reactionsTo(room, event.event_id),
  };
}

function reactionsTo(room: Room, target: string): RoomMessage["reactions"] {
  const reactions = new Map<string, string[]>();
  for (const { event } of room.timeline) {
    const relation = relationOf(event);
    if (event.type !== "m.reaction" || relation?.event_id !== target) continue;
    const key = String(relation.key);
    reactions.set(key, [...(reactions.get(key) ?? []), event.sender]);
  }
  return [...reactions].map(([key, users]) => ({ key, users }));
}

function isContent(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
