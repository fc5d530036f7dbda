import { problem, token, type Address, type Announcement, type Problem, type Run, type Send } from "@bellhop/contracts";
import { isRoomId, spaceOfAccount } from "../access/platforms.ts";
import { nearest } from "../near.ts";

/** What is known of where things can be said.
 *  `here`: where it was asked.
 *  `rooms`: those that bellhop.yaml has names for.
 *  `senders`: accounts that somebody sends for now; absent where that is not known. */
export interface Places {
  here: Address;
  rooms?: ReadonlyMap<string, NamedRoom>;
  senders?: readonly Sender[];
}

/** `room` as access rules write it, without their `room:`: `slack:T1/C9`. */
export interface NamedRoom {
  room: string;
  account?: string;
}

/** An account where its name is long may be known by its token only. */
export interface Sender {
  platform: string;
  account: string;
}

export type Announced = { kind: "ok"; announcement: Announcement } | { kind: "refused"; problem: Problem };

/** Where an action of the kind `announcement` speaks, and what it says there.
 *  @param at.input checked: see `kinds` */
export function announcementOf(at: { action: string; input: Readonly<Record<string, unknown>>; places: Places }): Announced {
  const { action, input, places } = at;
  const [message, channel] = [textIn(input, "message") ?? "", textIn(input, "channel") ?? "here"];
  if (message.trim() === "") return invalid(action, "message", "nothing", "some words");
  if (message.length > longest) return invalid(action, "message", `${message.length} characters`, `${longest} characters at most`);
  const place = placeNamed({ room: channel, account: textIn(input, "account") }, places);
  if (place.kind === "refused") return place;
  const only = input["whisper"] === true ? textIn(input, "user") : undefined;
  if (input["whisper"] === true && only === undefined) return invalid(action, "user", "nobody", "the id of whoever it is whispered to");
  return { kind: "ok", announcement: { to: place.to, text: message, ...(only === undefined ? {} : { only }) } };
}

/** What an announcement says, and what it gives for a result.
 *  @param key names the send for ever */
export function announced(run: Run, key: string, { to, text, only }: Announcement): { output: Record<string, unknown>; send: Send } {
  const { platform, account } = to;
  const about = { key, revision: 1, run: run.id, final: true, refusalTo: run.replyTo };
  const whisper = only === undefined ? {} : { only };
  const send: Send = { v: 1, ...about, platform, account, to, body: { text, tone: "info" }, ...whisper };
  return { output: { channel: roomWords(to), account, message: text }, send };
}

/** A room that somebody named, and the account that can speak there.
 *  @param named.account the one that is to speak */
export function placeNamed(
  named: { room: string; account?: string },
  places: Places,
): { kind: "ok"; to: Address } | { kind: "refused"; problem: Problem } {
  const { room: text, account } = named;
  const room = roomNamed(text, places);
  if (room === undefined) return refused(problem("room_unknown", { room: text.slice(0, 100), suggestion: suggestion(text, places) }));
  const sender = senderFor(room, account ?? room.account, places);
  if (sender.kind === "refused") return sender;
  const { account: _, ...place } = room;
  return { kind: "ok", to: { ...place, account: sender.account } };
}

/** A room as its result names it: `slack:T1/C9`. */
export function roomWords({ platform, space, channel }: Address): string {
  return `${platform}:${space === undefined ? "" : `${space}/`}${channel}`;
}

/** Whether a text of bellhop.yaml names a room. */
export function isRoom(text: string): boolean {
  return roomRead(text) !== undefined;
}

/** Longer words are a document, and would not stand in one record of a run's log. */
const longest = 8_000;

type Place = Omit<Address, "account"> & { account?: string };

function roomNamed(text: string, { here, rooms }: Places): Place | undefined {
  if (text === "here") {
    const { account: _, message: __, ...place } = here;
    return place;
  }
  const named = rooms?.get(text);
  if (named !== undefined) {
    const room = roomRead(named.room);
    return room === undefined ? undefined : { ...room, ...(named.account === undefined ? {} : { account: named.account }) };
  }
  // Where a platform has ids of digits, a mention of a room reads so.
  const id = text.replace(/^#(?=\d+$)/, "");
  if (!isRoomId(here.platform, id)) return roomRead(text);
  return { platform: here.platform, channel: id, ...(here.space === undefined ? {} : { space: here.space }) };
}

/** `platform:[space/]id` */
function roomRead(text: string): Place | undefined {
  const [, platform = "", space, channel = ""] = /^([a-z][a-z0-9-]*):(?:([^\s/!]+)\/)?(\S+)$/.exec(text) ?? [];
  return isRoomId(platform, channel) ? { platform, channel, ...(space === undefined ? {} : { space }) } : undefined;
}

/** The account that speaks: the one that was named, the one that was asked where it can, or else the only one there is. */
function senderFor(room: Place, named: string | undefined, { here, senders }: Places): { kind: "ok"; account: string } | Refused {
  const others = senders?.filter(({ platform }) => platform === room.platform);
  if (named !== undefined) {
    if (others?.some(({ account }) => account === named || account === token(named)) === false) return silent(room, named, others);
    return { kind: "ok", account: named };
  }
  const isNear = here.platform === room.platform && [here.space, undefined].includes(room.space);
  if (isNear || others === undefined) return { kind: "ok", account: here.account };
  const inSpace = others.filter(({ account }) => room.space !== undefined && spaceOfAccount(room.platform, account) === room.space);
  const [sender, ...more] = inSpace.length > 0 ? inSpace : others;
  return sender === undefined || more.length > 0 ? silent(room, undefined, others) : { kind: "ok", account: sender.account };
}

type Refused = { kind: "refused"; problem: Problem };

function silent({ platform }: Place, account: string | undefined, others: readonly Sender[]): Refused {
  const there = others.map((other) => other.account).join(", ");
  const who = account === undefined ? platform : `${platform} as ${account}`;
  if (others.length === 0) {
    return refused(
      problem("sender_missing", {
        who,
        suggestion: `No gateway for ${platform} runs now. Start one (\`bellhop doctor\`), then say it again.`,
      }),
    );
  }
  const suggestion = `Say for which: account=ACCOUNT. There ${others.length === 1 ? "is" : "are"} ${there}.`;
  return refused(problem("sender_missing", { who, suggestion }));
}

function suggestion(room: string, { rooms }: Places): string {
  const names = [...(rooms?.keys() ?? [])];
  const near = nearest(room, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  const known = names.length === 0 ? "" : `, or a name of bellhop.yaml (${names.toSorted().join(", ")})`;
  return `Write platform:[space/]id, as slack:T1/C9 is, an id of this platform, \`here\`${known}. Chats show the names of rooms, not their ids: name them in bellhop.yaml (rooms:).`;
}

function textIn(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(action: string, parameter: string, found: string, expected: string): Refused {
  return refused(problem("parameter_invalid", { action, parameter, found, expected }));
}

function refused(why: Problem): Refused {
  return { kind: "refused", problem: why };
}
