import { isObject, objectIn, Refusal } from "./call.ts";
import type { Method, Request } from "./method.ts";
import {
  addRoom,
  findEvent,
  latestEdit,
  membershipOf,
  membersOf,
  post,
  redact,
  relationOf,
  setMembership,
  stateOf,
  type Content,
  type Device,
  type Homeserver,
  type Room,
} from "./state.ts";
import { messagesAnswer, shown } from "./sync.ts";

/** Server-server API "Size limits": the complete event. */
const largestEvent = 65_536;

/** PUT /rooms/{roomId}/send/{eventType}/{txnId} */
export const send: Method = ({ server, announce }, request) => {
  const { call, device, names } = request;
  const [id, type = "", transaction = ""] = names;
  const content = objectIn(call);
  return once(server, { device, place: `send/${id}/${type}`, transaction }, () => {
    const room = joined(server, id, device);
    checkContent(room, { type, content });
    const stored = post(server, room, { type, sender: device.user, content, transaction: { device: device.id, id: transaction } });
    if (Buffer.byteLength(JSON.stringify(stored.event)) > largestEvent) {
      room.timeline.pop();
      throw new Refusal(413, "M_TOO_LARGE", "event too large"); // as Synapse words it
    }
    announce();
    return stored.event.event_id;
  });
};

/** PUT /rooms/{roomId}/redact/{eventId}/{txnId} */
export const redactEvent: Method = ({ server, announce }, { device, names: [id, target, transaction = ""] }) =>
  once(server, { device, place: `redact/${id}/${target}`, transaction }, () => {
    const room = joined(server, id, device);
    const stored = findEvent(room, target);
    if (stored === undefined) throw new Refusal(404, "M_NOT_FOUND", "Could not find event"); // as Synapse words it
    // Room version 11: others' events take the power to redact.
    if (stored.event.sender !== device.user) throw new Refusal(403, "M_FORBIDDEN", "You don't have permission to redact events");
    const redaction = redact(server, room, {
      event: stored.event,
      sender: device.user,
      transaction: { device: device.id, id: transaction },
    });
    announce();
    return redaction.event.event_id;
  });

/** GET /rooms/{roomId}/event/{eventId}: an edited event keeps its original content, the edit is bundled (seen on Synapse 1.160). */
export const readEvent: Method = ({ server }, { device, names: [id, target] }) => {
  const room = joined(server, id, device);
  const stored = findEvent(room, target);
  if (stored === undefined) throw new Refusal(404, "M_NOT_FOUND", "Event not found."); // GET …/event, 404
  const event = shown(stored, device);
  const edit = latestEdit(room, stored.event);
  return { ...event, unsigned: { ...event.unsigned, ...(edit && { "m.relations": { "m.replace": edit } }) } };
};

export const readMessages: Method = ({ server }, { call, device, names: [id] }) => messagesAnswer(joined(server, id, device), call, device);

export const readState: Method = ({ server }, { device, names: [id] }) =>
  [...joined(server, id, device).state.values()].map((stored) => shown(stored, device));

export const readStateEvent: Method = ({ server }, { device, names: [id, type = "", key = ""] }) => {
  const event = stateOf(joined(server, id, device), type, key);
  if (event === undefined) throw new Refusal(404, "M_NOT_FOUND", "Event not found."); // GET …/state/{eventType}/{stateKey}, 404
  return event.content;
};

export const members: Method = ({ server }, { device, names: [id] }) => ({
  chunk: [...joined(server, id, device).state.values()]
    .filter(({ event }) => event.type === "m.room.member")
    .map((stored) => shown(stored, device)),
});

export const joinedMembers: Method = ({ server }, { device, names: [id] }) => {
  const there = membersOf(joined(server, id, device)).filter(({ membership }) => membership === "join");
  return { joined: Object.fromEntries(there.map(({ user }) => [user, { display_name: server.users.get(user)?.displayName }])) };
};

export const joinedRooms: Method = ({ server }, { device }) => ({
  joined_rooms: [...server.rooms.values()].filter((room) => membershipOf(room, device.user) === "join").map(({ id }) => id),
});

/** POST /join/{roomIdOrAlias} and /rooms/{roomId}/join: by invitation only. */
export const join: Method = ({ server, announce }, { device, names: [id] }) => {
  const room = server.rooms.get(id ?? "");
  if (room === undefined)
    throw new Refusal(404, "M_UNKNOWN", "Can't join remote room because no servers that are in the room have been provided."); // as Synapse words it
  const membership = membershipOf(room, device.user);
  if (membership === "join") return { room_id: room.id };
  if (membership !== "invite") throw new Refusal(403, "M_FORBIDDEN", "You are not invited to this room."); // POST /join, 403
  setMembership(server, room, { user: device.user, membership: "join" });
  announce();
  return { room_id: room.id };
};

export const leave: Method = ({ server, announce }, { device, names: [id] }) => {
  const room = server.rooms.get(id ?? "");
  const membership = room && membershipOf(room, device.user);
  if (room === undefined || membership === undefined || membership === "ban")
    throw new Refusal(403, "M_FORBIDDEN", "You are not in this room");
  if (membership !== "leave") setMembership(server, room, { user: device.user, membership: "leave" });
  announce();
  return {};
};

/** POST /createRoom: name, invite and is_direct. */
export const createRoom: Method = ({ server, announce }, { call, device }) => {
  const { name, invite = [], is_direct } = objectIn(call);
  if (!Array.isArray(invite)) throw new Refusal(400, "M_BAD_JSON", "'invite' must be a list");
  const room = addRoom(server, { creator: device.user, name: typeof name === "string" ? name : undefined });
  for (const user of invite)
    setMembership(server, room, { user: String(user), membership: "invite", by: device.user, direct: is_direct === true });
  announce();
  return { room_id: room.id };
};

export const invite: Method = ({ server, announce }, { call, device, names: [id] }) => {
  const room = joined(server, id, device);
  const user = String(objectIn(call).user_id);
  if (membershipOf(room, user) === "join") throw new Refusal(403, "M_FORBIDDEN", `${user} is already in the room.`); // POST …/invite, 403
  setMembership(server, room, { user, membership: "invite", by: device.user });
  announce();
  return {};
};

/** PUT /rooms/{roomId}/typing/{userId}: taken, and shown to nobody. */
export const typing: Method = ({ server }, { call, device, names: [id, user] }) => {
  joined(server, id, device);
  if (user !== device.user) throw new Refusal(403, "M_FORBIDDEN", "Cannot act for other users.");
  if (typeof objectIn(call).typing !== "boolean") throw new Refusal(400, "M_BAD_JSON", "'typing' is required"); // PUT …/typing: required
  return {};
};

/** POST /rooms/{roomId}/receipt/{receiptType}/{eventId}: taken, and shown to nobody. */
export const receipt: Method = ({ server }, { device, names: [id] }) => {
  joined(server, id, device);
  return {};
};

/** c-s API "Transaction identifiers": the same id from the same device at the same place gives the same event. */
function once(
  { transactions }: Homeserver,
  at: { device: Request["device"]; place: string; transaction: string },
  work: () => string,
): { event_id: string } {
  const name = `${at.device.user}/${at.device.id}/${at.place}/${at.transaction}`;
  const event_id = transactions.get(name) ?? work();
  transactions.set(name, event_id);
  return { event_id };
}

/** A room that there is not is one that we are not in, as Synapse says it. */
function joined(server: Homeserver, id: string | undefined, device: Device): Room {
  const room = server.rooms.get(id ?? "");
  if (room === undefined || membershipOf(room, device.user) !== "join") {
    throw new Refusal(403, "M_FORBIDDEN", `User ${device.user} not in room ${id}`);
  }
  return room;
}

function checkContent(room: Room, { type, content }: { type: string; content: Content }): void {
  // Canonical JSON, appendix "Numbers": whole numbers within 53 bits only.
  if (hasWrongNumber(content)) throw new Refusal(400, "M_BAD_JSON", "Bad JSON value: float");
  // Seen on Synapse 1.160: half a surrogate pair is an error inside it, at every try.
  if (hasHalfPair(content)) throw new Refusal(500, "M_UNKNOWN", "Internal server error");
  for (const field of type === "m.room.message" ? ["body", "msgtype"] : []) {
    if (typeof content[field] !== "string") throw new Refusal(400, "M_UNKNOWN", `'${field}' not in content`); // seen on Synapse 1.160
  }
  const mentions = content["m.mentions"];
  const wellFormed = isObject(mentions) && (mentions.user_ids === undefined || Array.isArray(mentions.user_ids));
  if (mentions !== undefined && !wellFormed) throw new Refusal(400, "M_BAD_JSON", "m.mentions does not fit its schema"); // checked by Synapse's EventValidator
  const relation = content["m.relates_to"];
  if (!isObject(relation)) return;
  const target = room.timeline.find(({ event }) => event.event_id === relation.event_id)?.event;
  // "Threading", "Validation of m.thread relationships".
  if (relation.rel_type === "m.thread" && target !== undefined && relationOf(target)?.rel_type !== undefined) {
    throw new Refusal(400, "M_UNKNOWN", "Cannot start threads from an event with a relation");
  }
  if (type === "m.reaction" && room.timeline.some(({ event }) => isSame(event.content["m.relates_to"], relation))) {
    throw new Refusal(400, "M_DUPLICATE_ANNOTATION", "Can't send same reaction twice"); // seen on Synapse 1.160
  }
}

function isSame(a: unknown, b: Record<string, unknown>): boolean {
  return isObject(a) && a.event_id === b.event_id && a.key === b.key && a.rel_type === b.rel_type;
}

function hasWrongNumber(value: unknown): boolean {
  if (typeof value === "number") return !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasWrongNumber);
}

function hasHalfPair(value: unknown): boolean {
  if (typeof value === "string") return !value.isWellFormed();
  return typeof value === "object" && value !== null && Object.values(value).some(hasHalfPair);
}
