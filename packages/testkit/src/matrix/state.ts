/** What a homeserver remembers. Plain data and the functions that change it. */

export interface MatrixEvent {
  event_id: string;
  room_id: string;
  type: string;
  sender: string;
  /** Milliseconds since the epoch. */
  origin_server_ts: number;
  content: Content;
  /** Present on state events only. */
  state_key?: string;
  /** What a redaction takes away: here as well as in its content, as Synapse 1.160 gives it. */
  redacts?: string;
  unsigned?: Record<string, unknown>;
}

export type Content = Record<string, unknown>;

export interface Stored {
  /** The place in the server's one order of everything; sync tokens are such places. */
  position: number;
  event: MatrixEvent;
  /** Who sent it with which transaction id: only that device is told the id again. */
  transaction?: { device: string; id: string };
}

export type Membership = "invite" | "join" | "leave" | "ban";

export interface Room {
  id: string;
  /** From the first to the last. */
  timeline: Stored[];
  /** The latest of each `type`, then `state_key`. */
  state: Map<string, Stored>;
}

export interface User {
  id: string;
  displayName?: string;
  password?: string;
  /** Whom a test lets act; absent for the account under test. */
  acts?: Actor;
  /** Data of the account, by type, with the place of its last change. */
  accountData: Map<string, { position: number; content: Content }>;
}

/** `bot`: another one, which speaks as bots do. `recluse`: a person who accepts no invitation. */
type Actor = "person" | "bot" | "recluse";

export interface Device {
  id: string;
  user: string;
  token: string;
}

export interface Bot {
  /** `@bellhop:SERVER` */
  userId: string;
  deviceId: string;
  token: string;
  user: string;
  password: string;
}

export interface Media {
  name?: string;
  type: string;
  bytes: Uint8Array;
}

export interface Homeserver {
  name: string;
  users: Map<string, User>;
  /** By access token. */
  devices: Map<string, Device>;
  rooms: Map<string, Room>;
  /** What `PUT … /{txnId}` gave, by device, room and id. */
  transactions: Map<string, string>;
  /** By `SERVER/ID`, as a mxc URI goes on. */
  media: Map<string, Media>;
  /** Until when each user is shown to type, by room. */
  typing: Map<string, Map<string, number>>;
  /** `m.upload.size`, in bytes. */
  largestUpload: number;
  pace?: Pace;
  /** By user. */
  paced: Map<string, { count: number; since: number }>;
  /** The last place given out. */
  position: number;
  serial: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Synapse's `rc_message`. */
export interface Pace {
  perSecond: number;
  burst: number;
}

interface NewEvent {
  type: string;
  sender: string;
  content: Content;
  stateKey?: string;
  redacts?: string;
  transaction?: Stored["transaction"];
}

export function createHomeserver({ name, now, largestUpload, pace }: Pick<Homeserver, "name" | "now" | "largestUpload" | "pace">): {
  server: Homeserver;
  bot: Bot;
} {
  const server: Homeserver = {
    name,
    users: new Map(),
    devices: new Map(),
    rooms: new Map(),
    transactions: new Map(),
    media: new Map(),
    typing: new Map(),
    largestUpload,
    pace,
    paced: new Map(),
    position: 1,
    serial: 0,
    now,
  };
  const { id: userId } = addUser(server, "bellhop", { displayName: "Bellhop", password: "fake-password" });
  const { id: deviceId, token } = addDevice(server, { user: userId, id: "BELLHOPDEVICE" });
  return { server, bot: { userId, deviceId, token, user: "bellhop", password: "fake-password" } };
}

export function addUser(server: Homeserver, name: string, profile: Partial<Pick<User, "displayName" | "password" | "acts">> = {}): User {
  const user: User = { id: name.startsWith("@") ? name : `@${name}:${server.name}`, displayName: name, accountData: new Map(), ...profile };
  server.users.set(user.id, user);
  return user;
}

/** A device that logs in anew gives up its former token. */
export function addDevice(server: Homeserver, { user, id }: { user: string; id?: string }): Device {
  for (const [token, device] of server.devices) if (device.user === user && device.id === id) server.devices.delete(token);
  const device: Device = { user, id: id ?? nextName(server, "DEVICE"), token: nextName(server, "syt_fake_") };
  server.devices.set(device.token, device);
  return device;
}

export function addRoom(server: Homeserver, { creator, name }: { creator: string; name?: string }): Room {
  const room: Room = { id: `!${nextName(server, "room")}:${server.name}`, timeline: [], state: new Map() };
  server.rooms.set(room.id, room);
  post(server, room, { type: "m.room.create", sender: creator, content: { room_version: "11" }, stateKey: "" });
  setMembership(server, room, { user: creator, membership: "join" });
  post(server, room, { type: "m.room.history_visibility", sender: creator, content: { history_visibility: "shared" }, stateKey: "" });
  if (name !== undefined) post(server, room, { type: "m.room.name", sender: creator, content: { name }, stateKey: "" });
  return room;
}

export function post(server: Homeserver, room: Room, { type, sender, content, stateKey, redacts, transaction }: NewEvent): Stored {
  const before = stateKey === undefined ? undefined : stateOf(room, type, stateKey);
  const event: MatrixEvent = {
    event_id: `$${nextName(server, "event")}`,
    room_id: room.id,
    type,
    sender,
    origin_server_ts: Math.floor(server.now()),
    content,
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
    ...(before === undefined ? {} : { unsigned: { prev_content: before.content, replaces_state: before.event_id } }),
  };
  server.position += 1;
  const stored: Stored = { position: server.position, event, transaction };
  room.timeline.push(stored);
  if (stateKey !== undefined) room.state.set(stateName(type, stateKey), stored);
  return stored;
}

export function setMembership(
  server: Homeserver,
  room: Room,
  change: { user: string; membership: Membership; by?: string; direct?: boolean },
): Stored {
  const { user, membership, by = user, direct } = change;
  const displayname = server.users.get(user)?.displayName;
  const content = { membership, ...(displayname !== undefined && { displayname }), ...(direct && { is_direct: true }) };
  return post(server, room, { type: "m.room.member", sender: by, content, stateKey: user });
}

/** Takes the words out of an event and leaves the event. */
export function redact(server: Homeserver, room: Room, { event: target, sender, transaction }: Redaction): Stored {
  const redacts = target.event_id;
  const redaction = post(server, room, { type: "m.room.redaction", sender, content: { redacts }, redacts, transaction });
  target.content = {};
  // A second redaction changes nothing any more.
  target.unsigned = { redacted_because: redaction.event, ...target.unsigned };
  return redaction;
}

interface Redaction {
  event: MatrixEvent;
  sender: string;
  transaction?: Stored["transaction"];
}

/** An invitation, which a person accepts by themselves. */
export function invite(server: Homeserver, room: Room, { user, by, direct }: { user: string; by: string; direct: boolean }): Stored {
  const invitation = setMembership(server, room, { user, membership: "invite", by, direct });
  if (server.users.get(user)?.acts === "person") setMembership(server, room, { user, membership: "join" });
  return invitation;
}

export function addMedia(server: Homeserver, media: Media): string {
  const id = `${server.name}/${nextName(server, "media")}`;
  server.media.set(id, media);
  return `mxc://${id}`;
}

export function setAccountData(server: Homeserver, user: User, { type, content }: { type: string; content: Content }): void {
  server.position += 1;
  user.accountData.set(type, { position: server.position, content });
}

export function stateOf(room: Room, type: string, key = ""): MatrixEvent | undefined {
  return room.state.get(stateName(type, key))?.event;
}

export function membershipOf(room: Room, user: string): Membership | undefined {
  const membership = stateOf(room, "m.room.member", user)?.content.membership;
  return membership === "invite" || membership === "join" || membership === "leave" || membership === "ban" ? membership : undefined;
}

export function membersOf(room: Room): { user: string; membership: Membership | undefined }[] {
  return [...room.state.values()]
    .filter(({ event }) => event.type === "m.room.member")
    .map(({ event }) => ({ user: event.state_key ?? "", membership: membershipOf(room, event.state_key ?? "") }));
}

export function isMember(room: Room, user: string): boolean {
  return membershipOf(room, user) === "join";
}

export function findEvent(room: Room, id: string | undefined): Stored | undefined {
  return room.timeline.find(({ event }) => event.event_id === id);
}

/** `m.relates_to` of an event, as far as it has one. */
export function relationOf({
  content,
}: Pick<MatrixEvent, "content">): { rel_type?: unknown; event_id?: unknown; key?: unknown } | undefined {
  const relation = content["m.relates_to"];
  return typeof relation === "object" && relation !== null ? relation : undefined;
}

/** The latest edit by the author themselves: nobody else's counts. */
export function latestEdit(events: readonly Stored[], target: MatrixEvent): MatrixEvent | undefined {
  return events.findLast(({ event }) => {
    const relation = relationOf(event);
    return relation?.rel_type === "m.replace" && relation.event_id === target.event_id && event.sender === target.sender;
  })?.event;
}

function stateName(type: string, key: string): string {
  return `${type}\n${key}`;
}

function nextName(server: Homeserver, prefix: string): string {
  server.serial += 1;
  return `${prefix}${String(server.serial).padStart(8, "0")}`;
}
