import { objectIn, Refusal } from "./call.ts";
import type { Method } from "./method.ts";
import { checkPace } from "./pace.ts";
import {
  addRoom,
  invite as inviteUser,
  isMember,
  membershipOf,
  membersOf,
  setMembership,
  stateOf,
  type Device,
  type Homeserver,
  type Room,
  type Stored,
} from "./state.ts";
import { messagesAnswer, shown } from "./sync.ts";

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
  const { name, invite: users = [], is_direct } = objectIn(call);
  if (!Array.isArray(users)) throw new Refusal(400, "M_BAD_JSON", "'invite' must be a list");
  checkPace(server, device.user);
  const room = addRoom(server, { creator: device.user, name: typeof name === "string" ? name : undefined });
  for (const user of users) inviteUser(server, room, { user: String(user), by: device.user, direct: is_direct === true });
  announce();
  return { room_id: room.id };
};

export const invite: Method = ({ server, announce }, { call, device, names: [id] }) => {
  bring(server, { id, device, user: String(objectIn(call).user_id), direct: false });
  announce();
  return {};
};

/** PUT /rooms/{roomId}/state/m.room.member/{userId}: an invitation that says of itself that it is direct. Once more is the same event: seen on Synapse 1.160. */
export const setMember: Method = ({ server, announce }, { call, device, names: [id, user = ""] }) => {
  const { membership, is_direct } = objectIn(call);
  if (membership !== "invite") throw new Refusal(403, "M_FORBIDDEN", "The fake homeserver only invites this way");
  const { event } = bring(server, { id, device, user, direct: is_direct === true });
  announce();
  return { event_id: event.event_id };
};

/** PUT /rooms/{roomId}/typing/{userId}: shown until told otherwise, or for `timeout` ms. Seen on Synapse 1.160: a message does not end it. */
export const typing: Method = ({ server, announce }, { call, device, names: [id, user] }) => {
  const room = joined(server, id, device);
  if (user !== device.user) throw new Refusal(400, "M_FORBIDDEN", "Cannot set another user's typing state"); // seen on Synapse 1.160
  const { typing: types, timeout = 30_000 } = objectIn(call);
  if (typeof types !== "boolean") throw new Refusal(400, "M_BAD_JSON", "'typing' is required"); // PUT …/typing: required
  const there = server.typing.get(room.id) ?? new Map<string, number>();
  server.typing.set(room.id, there.set(user, types ? server.now() + Number(timeout) : 0));
  announce();
  return {};
};

/** POST /rooms/{roomId}/receipt/{receiptType}/{eventId}: taken, and shown to nobody. */
export const receipt: Method = ({ server }, { device, names: [id] }) => {
  joined(server, id, device);
  return {};
};

/** A room that there is not is one that we are not in, as Synapse says it. */
export function joined(server: Homeserver, id: string | undefined, device: Device): Room {
  const room = server.rooms.get(id ?? "");
  if (room === undefined || !isMember(room, device.user)) {
    throw new Refusal(403, "M_FORBIDDEN", `User ${device.user} not in room ${id}`);
  }
  return room;
}

function bring(server: Homeserver, at: { id: string | undefined; device: Device; user: string; direct: boolean }): Stored {
  const { id, device, user, direct } = at;
  const room = joined(server, id, device);
  if (!user.startsWith("@")) throw new Refusal(400, "M_INVALID_PARAM", "Expected UserID string to start with '@'"); // seen on Synapse 1.160
  if (isMember(room, user)) throw new Refusal(403, "M_FORBIDDEN", `${user} is already in the room.`); // POST …/invite, 403
  const invited = membershipOf(room, user) === "invite" ? room.state.get(`m.room.member\n${user}`) : undefined;
  if (invited !== undefined) return invited;
  checkPace(server, device.user);
  return inviteUser(server, room, { user, by: device.user, direct });
}
