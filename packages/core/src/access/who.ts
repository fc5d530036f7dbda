import { identityOf, type Conversation, type Message, type Person } from "@bellhop/contracts";
import { homeOf, mentionedId } from "./platforms.ts";

/** Whom a rule is for. `text` is its one spelling: rules with the same text are the same. */
export type Who = { readonly text: string } & (
  | { readonly kind: "everyone" }
  | { readonly kind: "platform"; readonly platform: string }
  | { readonly kind: "space"; readonly platform: string; readonly space: string }
  | { readonly kind: "room"; readonly platform: string }
  | { readonly kind: "person"; readonly platform: string; readonly person: Person }
);

/** Where something is asked: a room or a direct conversation, whichever thread of it. */
export type Room = Pick<Conversation, "space" | "channel"> & { readonly platform: string };

type WhoRead = { kind: "ok"; who: Who } | { kind: "fault"; why: string };

/** Reads `slack:T1/U2`, `slack:T1/*`, `slack:*`, `room:slack:T1/C9` or `*`. Case and every character count: ids are compared as they are. */
export function parseWho(text: string): WhoRead {
  if (text === "*") return { kind: "ok", who: everyone };
  const [, room, platform = "", rest = ""] = /^(room:)?([a-z][a-z0-9-]*):([^]+)$/.exec(text) ?? [];
  if (rest === "" || platform === "room" || platform === "alias") return fault("it is not platform:[space/]id, as slack:T1/U2 is");
  if (text.length > longest) return fault(`it is longer than ${longest} characters`);
  if (hidden.test(text)) return fault("it holds spaces, or characters that can't be seen");
  if (text.normalize("NFKC") !== text) return fault("it holds characters that look like others");
  if (/[`\\<>]/.test(text)) return fault("it holds characters that no id has");
  if (room !== undefined) {
    return rest.includes("*") ? fault("a room is named whole") : { kind: "ok", who: { kind: "room", text, platform } };
  }
  if (rest === "*") return { kind: "ok", who: { kind: "platform", text, platform } };
  const space = rest.endsWith("/*") ? rest.slice(0, -2) : undefined;
  if ((space ?? rest).includes("*") || space === "") return fault("* stands for everyone only alone, or after platform: or space/");
  if (space !== undefined) return { kind: "ok", who: { kind: "space", text, platform, space } };
  return { kind: "ok", who: { kind: "person", text, platform, person: personOf(platform, rest) } };
}

/** Whether the rule's `who` is this person, here. A bot is nobody but itself: "everyone" are people. */
export function isWho(who: Who, person: Person, room?: Room): boolean {
  if (who.kind === "person") return who.text === identityOf(person);
  if (person.kind !== "human") return false;
  switch (who.kind) {
    case "everyone":
      return true;
    case "platform":
      return person.platform === who.platform;
    case "space":
      return person.platform === who.platform && spaceOf(person, room) === who.space;
    case "room":
      return room?.platform === person.platform && roomText(room) === who.text;
  }
}

/** Whether everybody that `inner` means is meant by `outer` as well, or may be: a room's people are known only when they speak. */
export function mayCover(outer: Who, inner: Who): boolean {
  if (outer.text === inner.text || outer.kind === "everyone") return true;
  if (inner.kind === "everyone" || outer.kind === "person" || outer.platform !== inner.platform) return false;
  switch (outer.kind) {
    case "platform":
      return true;
    case "space":
      return inner.kind === "room" || (inner.kind === "person" && [undefined, outer.space].includes(spaceOf(inner.person)));
    case "room":
      return inner.kind === "person";
  }
}

/** `room:slack:T1/C9` */
export function roomText({ platform, space, channel }: Room): string {
  return `room:${platform}:${space === undefined ? "" : `${space}/`}${channel}`;
}

export function roomOf({ platform, conversation }: Pick<Message, "platform" | "conversation">): Room {
  const { space, channel } = conversation;
  return { platform, channel, ...(space === undefined ? {} : { space }) };
}

/** Reads whom a message names: everything {@link parseWho} reads, `everyone`, `everyone here`, `everyone on slack:T1`, `me`, and a mention as
 *  the message's platform writes it. */
export function resolveWho(words: string, message: Message): WhoRead {
  const text = words.toLowerCase();
  const room = roomOf(message);
  if (text === "everyone") return { kind: "ok", who: everyone };
  if (text === "everyone here") return parseWho(roomText(room));
  if (text === "me" || text === "i") return parseWho(identityOf(message.author));
  const [, place] = /^everyone on (.+)$/i.exec(words) ?? [];
  if (place !== undefined) return parseWho(place.endsWith("*") ? place : `${place}${place.includes(":") ? "/" : ":"}*`);
  const id = mentionedId(message.platform, words);
  if (id === undefined) return words.includes(":") || words === "*" ? parseWho(words) : fault("it is no mention and no identity");
  // The mention says no more than an id: it is unique in the place where it is said, if people here have a space at all.
  const space = message.author.space === undefined ? undefined : (homeOf({ platform: room.platform, id }) ?? room.space);
  return parseWho(identityOf({ platform: room.platform, id, kind: "human", ...(space === undefined ? {} : { space }) }));
}

const everyone: Who = { kind: "everyone", text: "*" };

const longest = 200;

/** Spaces, control and format characters, and everything else that prints nothing. */
const hidden = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

function personOf(platform: string, rest: string): Person {
  const slash = rest.startsWith("@") ? -1 : rest.indexOf("/");
  if (slash < 0) return { platform, id: rest, kind: "human" };
  return { platform, space: rest.slice(0, slash), id: rest.slice(slash + 1), kind: "human" };
}

function spaceOf(person: Person, room?: Room): string | undefined {
  return person.space ?? homeOf(person, room?.platform === person.platform ? room.space : undefined);
}

function fault(why: string): WhoRead {
  return { kind: "fault", why };
}
