import type { RoomFile } from "./room.ts";
import {
  addMedia,
  addRoom,
  addUser,
  findEvent,
  invite,
  isMember,
  post,
  redact,
  relationOf,
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
  /** Each is an event of its own; the text is the first one's caption. */
  files?: FileContent[];
  /** Laid over the content that a client would send. */
  content?: Content;
}

interface FileContent extends Omit<RoomFile, "bytes"> {
  content: Uint8Array;
}

export interface Reaction {
  room: string;
  event: string;
  user: string;
  key: string;
}

/** What people do, as their clients would. */
export interface People {
  /** A room that somebody keeps, with the bot in it unless told; gives its id. */
  createRoom(name: string, options?: { withoutBot?: boolean; members?: string[] }): string;
  /** Gives the person's id. A name with @ and : is of another homeserver. A `bot` speaks in notices; who `staysAway` accepts no invitation. */
  createUser(name: string, options?: { bot?: boolean; staysAway?: boolean }): string;
  /** A person writes. The message stands in the room when this returns; syncs are on their way. A person who is not in the room joins first. */
  say(message: Saying): Promise<{ event: string }>;
  /** A person writes to the bot directly: in the room that they share, or in a new one that the bot is invited to. */
  dm(user: string, text: string, more?: Pick<Saying, "files">): Promise<{ room: string; event: string }>;
  /** The author changes what they wrote; where it mentioned the bot it does so still, unless told. */
  edit(message: { room: string; event: string; text: string; mention?: boolean }): Promise<{ event: string }>;
  /** The author takes back what they wrote, or whoever it is `by`. */
  remove(message: { room: string; event: string; by?: string }): Promise<void>;
  react(reaction: Reaction): Promise<void>;
  unreact(reaction: Reaction): Promise<void>;
  /** Any event, as somebody's client would send it. */
  post(event: { room: string; user: string; type: string; content: Content; stateKey?: string }): Promise<{ event: string }>;
  invite(invitation: { room: string; by: string; direct?: boolean }): Promise<void>;
  leave(room: string, user: string): Promise<void>;
  isMember(room: string, user?: string): boolean;
}

export function createPeople({ server, bot, changed }: { server: Homeserver; bot: Bot; changed: () => void }): People {
  const keeper = addUser(server, "keeper", { acts: "person" });

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

  /** The words as somebody's client writes them. */
  function words(user: string, text: string, mention = false): Content {
    const msgtype = server.users.get(user)?.acts === "bot" ? "m.notice" : "m.text";
    const name = server.users.get(bot.userId)?.displayName ?? bot.user;
    return { msgtype, ...(mention ? mentioning(bot.userId, name, text) : { body: text, "m.mentions": {} }) };
  }

  function say({ room: id, user, text, thread, mention, files = [], content }: Saying): { event: string } {
    const room = roomBy(server, id);
    if (thread !== undefined) eventBy(room, thread);
    const inThread = thread !== undefined && {
      "m.relates_to": { rel_type: "m.thread", event_id: thread, is_falling_back: true, "m.in_reply_to": { event_id: thread } },
    };
    const told = words(user, text, mention);
    const contents = files.length === 0 ? [told] : files.map((file, at) => fileMessage(file, at === 0 && text !== "" ? told : {}));
    const [first = { event: "" }] = contents.map((each) =>
      postAs(user, room, { type: "m.room.message", content: { ...each, ...inThread, ...content } }),
    );
    return first;
  }

  function fileMessage({ name, type, content }: FileContent, caption: Content): Content {
    const url = addMedia(server, { name, type, bytes: content });
    const [kind = ""] = type.split("/");
    const msgtype = ["image", "video", "audio"].includes(kind) ? `m.${kind}` : "m.file";
    return { body: name, "m.mentions": {}, ...caption, msgtype, filename: name, url, info: { mimetype: type, size: content.byteLength } };
  }

  function directRoom(user: string): Room {
    const known = [...server.rooms.values()].find(
      (room) => isMember(room, user) && room.state.has(`m.room.member\n${bot.userId}`) && room.state.size > 0 && isDirect(room, user),
    );
    if (known) return known;
    const room = addRoom(server, { creator: user });
    invite(server, room, { user: bot.userId, by: user, direct: true });
    return room;
  }

  /** Whoever of the two invited the other. */
  function isDirect(room: Room, user: string): boolean {
    const invited = new Set<unknown>([bot.userId, user]);
    return room.timeline.some(({ event }) => invited.has(event.state_key) && event.content.is_direct === true);
  }

  function reactionBy({ room: id, event, user, key }: Reaction): MatrixEvent {
    const found = roomBy(server, id).timeline.findLast(({ event: { type, sender, content } }) => {
      const relation = relationOf({ content });
      return type === "m.reaction" && sender === user && relation?.event_id === event && relation.key === key;
    });
    if (found === undefined) throw new Error(`${user} has no reaction ${key} on ${event}`);
    return found.event;
  }

  function takeBack(room: string, target: MatrixEvent, by = target.sender): void {
    redact(server, roomBy(server, room), { event: target, sender: by });
    changed();
  }

  return {
    createRoom: (roomName, { withoutBot = false, members = [] } = {}) => {
      const room = addRoom(server, { creator: keeper.id, name: roomName });
      const inside = withoutBot ? members : [bot.userId, ...members];
      for (const user of inside) setMembership(server, room, { user, membership: "join" });
      changed();
      return room.id;
    },
    createUser: (userName, { bot: isBot = false, staysAway = false } = {}) =>
      addUser(server, userName, { acts: isBot ? "bot" : staysAway ? "recluse" : "person" }).id,
    say: async (message) => say(message),
    dm: async (user, text, more) => {
      const room = directRoom(user);
      return { room: room.id, ...say({ ...more, room: room.id, user, text }) };
    },
    edit: async ({ room: id, event: target, text, mention }) => {
      const room = roomBy(server, id);
      const { sender, content: before } = eventBy(room, target);
      const content: Content = { ...before, ...words(sender, text, mention ?? mentions(before, bot.userId)), msgtype: before.msgtype };
      delete content["m.relates_to"];
      return postAs(sender, room, {
        type: "m.room.message",
        content: {
          ...content,
          body: `* ${String(content.body)}`,
          "m.new_content": content,
          "m.relates_to": { rel_type: "m.replace", event_id: target },
        },
      });
    },
    remove: async ({ room, event, by }) => takeBack(room, eventBy(roomBy(server, room), event), by),
    react: async ({ room: id, event, user, key }) => {
      const room = roomBy(server, id);
      eventBy(room, event);
      postAs(user, room, { type: "m.reaction", content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } } });
    },
    unreact: async (reaction) => takeBack(reaction.room, reactionBy(reaction)),
    post: async ({ room, user, ...event }) => postAs(user, roomBy(server, room), event),
    invite: async ({ room, by, direct = false }) => {
      invite(server, roomBy(server, room), { user: bot.userId, by, direct });
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

function mentions(content: Content, user: string): boolean {
  const given = content["m.mentions"];
  return (
    typeof given === "object" && given !== null && "user_ids" in given && Array.isArray(given.user_ids) && given.user_ids.includes(user)
  );
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
