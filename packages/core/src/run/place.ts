import { problem, token, type Address, type Problem } from "@bellhop/contracts";
import { isRoomId, spaceOfAccount } from "../access/platforms.ts";
import { nearest } from "../near.ts";
import { rulePlatform } from "../rule/enforce.ts";

/** What is known of where things can be said.
 *  `here`: where it was asked.
 *  `rooms`: the names that bellhop.yaml has, each for one room or several.
 *  `senders`: accounts that somebody sends for now; absent where that is not known. */
export interface Places {
  here: Address;
  rooms?: ReadonlyMap<string, readonly NamedRoom[]>;
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

export type Placed = { kind: "ok"; to: readonly [Address, ...Address[]] } | { kind: "refused"; problem: Problem };

/** The rooms that somebody named, each once, and the account that can speak in each. Where no prompt is open, theirs is left out beside others.
 *  @param named.account the one that is to speak */
export function placesNamed(named: { rooms: readonly string[]; account?: string | undefined }, places: Places): Placed {
  const found = new Map<string, Address>();
  let closed: Refused | undefined;
  for (const text of named.rooms) {
    const rooms = roomsNamed(text, places);
    if (rooms === undefined) return refused(problem("room_unknown", { room: text.slice(0, 100), suggestion: suggestion(text, places) }));
    for (const room of rooms) {
      const isPrompts = isPrompt(room) && text !== "here";
      const speaking = isPrompts ? openPrompts(room, places) : senderFor(room, named.account ?? room.account, places);
      if (speaking.kind === "refused") {
        if (!isPrompts) return speaking;
        closed = speaking;
        continue;
      }
      const { account: _, ...place } = room;
      for (const account of speaking.accounts) {
        const to = { ...place, account };
        const name = roomOf(to);
        if (!found.has(name)) found.set(name, to);
      }
    }
  }
  const [first, ...more] = found.values();
  if (first === undefined) return closed ?? refused(problem("room_unknown", { room: "", suggestion: suggestion("", places) }));
  return { kind: "ok", to: [first, ...more] };
}

/** What tells two rooms apart that an account speaks in. */
export function roomOf({ platform, account, channel }: Address): string {
  return JSON.stringify([platform, account, channel]);
}

/** Whether it is one of the prompts that are open, all of which are one room. */
export function isPrompt({ platform }: Pick<Address, "platform">): boolean {
  return platform === "terminal";
}

/** A room as its result names it: `slack:T1/C9`. */
export function roomWords({ platform, space, channel }: Address): string {
  return `${platform}:${space === undefined ? "" : `${space}/`}${channel}`;
}

/** Whether a text of bellhop.yaml names a room. */
export function isRoom(text: string): boolean {
  return roomRead(text) !== undefined;
}

type Place = Omit<Address, "account"> & { account?: string };

function roomsNamed(text: string, { here, rooms }: Places): readonly Place[] | undefined {
  if (text === "here") {
    if (here.platform === rulePlatform) return undefined;
    const { account: _, message: __, ...place } = here;
    return [place];
  }
  const named = rooms?.get(text);
  if (named !== undefined) {
    return named.flatMap(({ room: name, account }) => {
      const room = roomRead(name);
      return room === undefined ? [] : [{ ...room, ...(account === undefined ? {} : { account }) }];
    });
  }
  // Where a platform has ids of digits, a mention of a room reads so.
  const id = text.replace(/^#(?=\d+$)/, "");
  if (isRoomId(here.platform, id)) {
    return [{ platform: here.platform, channel: id, ...(here.space === undefined ? {} : { space: here.space }) }];
  }
  const room = roomRead(text);
  return room && [room];
}

/** `platform:[space/]id` */
function roomRead(text: string): Place | undefined {
  const [, platform = "", space, channel = ""] = /^([a-z][a-z0-9-]*):(?:([^\s/!]+)\/)?(\S+)$/.exec(text) ?? [];
  return isRoomId(platform, channel) ? { platform, channel, ...(space === undefined ? {} : { space }) } : undefined;
}

type Speaking = { kind: "ok"; accounts: readonly string[] } | Refused;

/** Each prompt is an account of its own, and whoever names their room means all that are open. */
function openPrompts(room: Place, { here, senders }: Places): Speaking {
  if (senders === undefined) return { kind: "ok", accounts: [here.account] };
  const accounts = senders.flatMap(({ platform, account }) => (platform === room.platform ? [account] : []));
  if (accounts.length > 0) return { kind: "ok", accounts };
  return refused(
    problem("sender_missing", { who: roomWords({ ...room, account: "" }), suggestion: "No prompt is open: `bellhop chat` opens one." }),
  );
}

/** The account that speaks: the one that was named, the one that was asked where it can, or else the only one there is. */
function senderFor(room: Place, named: string | undefined, { here, senders }: Places): Speaking {
  const others = senders?.filter(({ platform }) => platform === room.platform);
  if (named !== undefined) {
    if (others?.some(({ account }) => account === named || account === token(named)) === false) return silent(room, named, others);
    return { kind: "ok", accounts: [named] };
  }
  const isNear = here.platform === room.platform && [here.space, undefined].includes(room.space);
  if (isNear || others === undefined) return { kind: "ok", accounts: [here.account] };
  const inSpace = others.filter(({ account }) => room.space !== undefined && spaceOfAccount(room.platform, account) === room.space);
  const [sender, ...more] = inSpace.length > 0 ? inSpace : others;
  return sender === undefined || more.length > 0 ? silent(room, undefined, others) : { kind: "ok", accounts: [sender.account] };
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

function refused(why: Problem): Refused {
  return { kind: "refused", problem: why };
}
