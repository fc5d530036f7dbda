import { latestEdit, relationOf, type Content, type Homeserver, type MatrixEvent, type Room, type Stored } from "./state.ts";

/** A message as a person in the room sees it now: edits applied, deleted ones gone. */
export interface RoomMessage {
  room: string;
  event: string;
  /** The root's event id, for a message in a thread. */
  thread?: string;
  user: string;
  msgtype: string;
  /** Of a file its caption, empty where it has none. */
  text: string;
  html?: string;
  files: RoomFile[];
  /** All of it, as it was sent last. */
  content: Content;
  edited: boolean;
  reactions: { key: string; users: string[] }[];
  /** When it came to stand, in milliseconds since the epoch. */
  at: number;
}

export interface RoomFile {
  name: string;
  type: string;
  bytes: Uint8Array;
}

/** The room from its first message to its last, those in threads among them in the order they were written. */
export function viewRoom(server: Homeserver, room: Room): RoomMessage[] {
  return shownIn(server, room).map(({ message }) => message);
}

/** These rooms as one, in the order in which the server took the messages: several may bear the same millisecond. */
export function viewRooms(server: Homeserver, rooms: readonly Room[]): RoomMessage[] {
  return rooms
    .flatMap((room) => shownIn(server, room))
    .sort((a, b) => a.position - b.position)
    .map(({ message }) => message);
}

function shownIn(server: Homeserver, room: Room): { position: number; message: RoomMessage }[] {
  const related = relatedIn(room);
  return room.timeline.flatMap(({ position, event }) =>
    isShown(event) ? [{ position, message: viewMessage(server, room, { event, related: related.get(event.event_id) ?? [] }) }] : [],
  );
}

/** The events about each other event, in their order: looked for one by one they would cost the square of a long room. */
function relatedIn(room: Room): ReadonlyMap<unknown, Stored[]> {
  const related = new Map<unknown, Stored[]>();
  for (const stored of room.timeline) {
    const target = relationOf(stored.event)?.event_id;
    if (target === undefined) continue;
    const others = related.get(target);
    if (others === undefined) related.set(target, [stored]);
    else others.push(stored);
  }
  return related;
}

function isShown(event: MatrixEvent): boolean {
  return event.type === "m.room.message" && typeof event.content.body === "string" && relationOf(event)?.rel_type !== "m.replace";
}

function viewMessage(server: Homeserver, room: Room, { event, related }: { event: MatrixEvent; related: readonly Stored[] }): RoomMessage {
  const edit = latestEdit(related, event);
  const replaced = edit?.content["m.new_content"];
  const content = isContent(replaced) ? replaced : event.content;
  const relation = relationOf(event);
  const file = fileIn(server, content);
  return {
    room: room.id,
    event: event.event_id,
    thread: relation?.rel_type === "m.thread" ? String(relation.event_id) : undefined,
    user: event.sender,
    msgtype: String(content.msgtype),
    // m.room.message, "Media captions": a body that is no caption names the file.
    text: file !== undefined && file.name === content.body ? "" : String(content.body),
    html: typeof content.formatted_body === "string" ? content.formatted_body : undefined,
    files: file === undefined ? [] : [file],
    content,
    edited: edit !== undefined,
    reactions: reactionsTo(related),
    at: event.origin_server_ts,
  };
}

function fileIn({ media }: Homeserver, { body, filename, url }: Content): RoomFile | undefined {
  const kept = media.get(String(url).replace(/^mxc:\/\//, ""));
  return kept && { name: String(filename ?? body), type: kept.type, bytes: kept.bytes };
}

function reactionsTo(related: readonly Stored[]): RoomMessage["reactions"] {
  const reactions = new Map<string, string[]>();
  for (const { event } of related) {
    if (event.type !== "m.reaction") continue;
    const key = String(relationOf(event)?.key);
    reactions.set(key, [...(reactions.get(key) ?? []), event.sender]);
  }
  return [...reactions].map(([key, users]) => ({ key, users }));
}

function isContent(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
