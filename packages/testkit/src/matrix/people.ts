import {
  addRoom,
  addUser,
  findEvent,
  post,
  redact,
  setMembership,
  type Bot,
  type Content,
  type Homeserver,
  type MatrixEvent,
  type Room,
} from "./state.ts";

export interface Saying {
  room: string;
  user: string;
  text: string;
  /** The root's event id. */
  thread?: string;
  /** Writes the bot's name before the text and mentions it, as clients do. */
  mention?: boolean;
  /** Laid over the content that a client would send. */
  content?: Content;
}

/** What people do, as their clients would. */
export interface People {
  /** A room that somebody keeps, with the bot in it unless told; gives its id. */
  createRoom(name: string, options?: { withoutBot?: boolean; members?: string[] }): string;
  /** Gives the person's id. A name with @ and : is of another homeserver. */
  createUser(name: string): string;
  /** A person writes. The message stands in the room when this returns; syncs are on their way. A person who is not in the room joins first. */
  say(message: Saying): Promise<{ event: string }>;
  /** A person writes to the bot directly: in the room that they share, or in a new one that the bot is invited to. */
  dm(user: string, text: string): Promise<{ room: string; event: string }>;
  /** The author changes, or takes back, what they wrote. */
  edit(message: { room: string; event: string; text: string }): Promise<{ event: string }>;
  remove(message: { room: string; event: string }): Promise<void>;
  react(reaction: { room: string; event: string; user: string; key: string }): Promise<void>;
  /** Any event, as somebody's client would send it. */
  post(event: { room: string; user: string; type: string; content: Content; stateKey?: string }): Promise<{ event: string }>;
  invite(invitation: { room: string; by: string; direct?: boolean }): Promise<void>;
  leave(room: string, user: string): Promise<void>;
  isMember(room: string, user?: string): boolean;
}

export function createPeople({ server, bot, changed }: { server: Homeserver; bot: Bot; changed: () => void }): People {
  const keeper = addUser(server, "keeper");

  function eventBy(room: Room, id: string): MatrixEvent {
    const stored = findEvent(room, id);
    if (!stored) throw new Error(`The fake homeserver has no event ${id} in ${room.id}`);
    return stored.event;
  }

  function postAs(user: string, room: Room, event: { type: string; content: Content; stateKey?: string }): { event: string } {
    if (!server.users.has(user)) throw new Error(`The fake homeserver has no user ${user}`);
    if (!isMember(room, user)) setMembership(server, room, { user, membership: "join" });
    const stored = post(server, room, { ...event, sender: user });
    changed();
    return { event: stored.event.event_id };
  }

  function isMember(room: Room, user: string): boolean {
    return room.state.get(`m.room.member\n${user}`)?.event.content.membership === "join";
  }

  function say({ room: id, user, text, thread, mention, content }: Saying): { event: string } {
    const room = roomBy(server, id);
    if (thread !== undefined) eventBy(room, thread);
    return postAs(user, room, {
      type: "m.room.message",
      content: {
        msgtype: "m.text",
        ...(mention
          ? mentioning(bot.userId, server.users.get(bot.userId)?.displayName ?? bot.user, text)
          : { body: text, "m.mentions": {} }),
        ...(thread !== undefined && {
          "m.relates_to": { rel_type: "m.thread", event_id: thread, is_falling_back: true, "m.in_reply_to": { event_id: thread } },
        }),
        ...content,
      },
    });
  }

  function directRoom(user: string): Room {
    const known = [...server.rooms.values()].find(
      (room) => isMember(room, user) && room.state.has(`m.room.member\n${bot.userId}`) && room.state.size > 0 && isDirect(room),
    );
    if (known) return known;
    const room = addRoom(server, { creator: user });
    setMembership(server, room, { user: bot.userId, membership: "invite", by: user, direct: true });
    return room;
  }

  function isDirect(room: Room): boolean {
    return room.timeline.some(({ event }) => event.state_key === bot.userId && event.content.is_direct === true);
  }

  return {
    createRoom: (roomName, { withoutBot = false, members = [] } = {}) => {
      const room = addRoom(server, { creator: keeper.id, name: roomName });
      const inside = withoutBot ? members : [bot.userId, ...members];
      for (const user of inside) setMembership(server, room, { user, membership: "join" });
      changed();
      return room.id;
    },
    createUser: (userName) => addUser(server, userName).id,
    say: async (message) => say(message),
    dm: async (user, text) => {
      const room = directRoom(user);
      return { room: room.id, ...say({ room: room.id, user, text }) };
    },
    edit: async ({ room: id, event: target, text }) => {
      const room = roomBy(server, id);
      const { sender, content } = eventBy(room, target);
      const replaced = { msgtype: content.msgtype, body: text, "m.mentions": {} };
      return postAs(sender, room, {
        type: "m.room.message",
        content: { ...replaced, body: `* ${text}`, "m.new_content": replaced, "m.relates_to": { rel_type: "m.replace", event_id: target } },
      });
    },
    remove: async ({ room: id, event }) => {
      const room = roomBy(server, id);
      const target = eventBy(room, event);
      redact(server, room, { event: target, sender: target.sender });
      changed();
    },
    react: async ({ room: id, event, user, key }) => {
      const room = roomBy(server, id);
      eventBy(room, event);
      postAs(user, room, { type: "m.reaction", content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } } });
    },
    post: async ({ room, user, ...event }) => postAs(user, roomBy(server, room), event),
    invite: async ({ room, by, direct }) => {
      setMembership(server, roomBy(server, room), { user: bot.userId, membership: "invite", by, direct });
      changed();
    },
    leave: async (room, user) => {
      setMembership(server, roomBy(server, room), { user, membership: "leave" });
      changed();
    },
    isMember: (room, user = bot.userId) => isMember(roomBy(server, room), user),
  };
}

/** @throws where there is no such room */
export function roomBy(server: Homeserver, id: string): Room {
  const room = server.rooms.get(id);
  if (!room) throw new Error(`The fake homeserver has no room ${id}`);
  return room;
}

/** As clients write a mention: a name in the text, a link to it in the HTML, and who is meant. */
function mentioning(user: string, name: string, text: string): Content {
  return {
    body: `${name}: ${text}`,
    format: "org.matrix.custom.html",
    formatted_body: `<a href="https://matrix.to/#/${encodeURIComponent(user)}">${name}</a>: ${text.replace(/&/g, "&amp;").replace(/</g, "&lt;")}`,
    "m.mentions": { user_ids: [user] },
  };
}
