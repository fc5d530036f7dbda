import * as account from "./account.ts";
import { deviceOf, Refusal, type Answer, type Call } from "./call.ts";
import * as events from "./events.ts";
import * as media from "./media.ts";
import type { Method, Surroundings } from "./method.ts";
import * as rooms from "./rooms.ts";
import type { Device } from "./state.ts";

/**
 * The client-server API that a chat bot leans on, refusing what the specification (spec.matrix.org, v1.12) or Synapse refuses; each refusal
 * names its source where it stands. `/sync` waits, and is the fake's own.
 *
 * Not verified against a real homeserver, only plausible:
 * - the words of some errors (their codes are the specification's; those that say so were seen on Synapse 1.160);
 * - that pages of a filtered /messages may be short or empty and still have an `end` (Synapse filters before it counts);
 * - the order of state and timeline of a room that is joined anew;
 * - that relations go on from a number (`next_batch` is opaque).
 * Not modelled: power levels, aliases, public rooms, federation, encryption (an `m.room.encrypted` is any event), any rate limit but that of events
 * (Synapse limits logins, joins and invitations by themselves), thumbnails, to-device messages, presence; of state a client may only invite.
 */
export function answerCall(world: Surroundings, call: Call): Answer {
  const { method, names, open } = find(call);
  return method(world, { call, names, device: open ? nobody : deviceOf(world.server, call) });
}

const nobody: Device = { id: "", user: "", token: "" };

/** `{}` stands for one name. */
const methods: Readonly<Record<string, Method>> = {
  "GET v3/account/whoami": account.whoami,
  "POST v3/logout": account.logout,
  "GET v3/capabilities": account.capabilities,
  "GET v3/profile/{}": account.profile,
  "GET v3/profile/{}/{}": account.profile,
  "PUT v3/profile/{}/displayname": account.setDisplayName,
  "GET v3/user/{}/account_data/{}": account.readAccountData,
  "PUT v3/user/{}/account_data/{}": account.writeAccountData,
  "GET v3/joined_rooms": rooms.joinedRooms,
  "POST v3/createRoom": rooms.createRoom,
  "POST v3/join/{}": rooms.join,
  "POST v3/rooms/{}/join": rooms.join,
  "POST v3/rooms/{}/leave": rooms.leave,
  "POST v3/rooms/{}/invite": rooms.invite,
  "PUT v3/rooms/{}/send/{}/{}": events.send,
  "PUT v3/rooms/{}/redact/{}/{}": events.redactEvent,
  "GET v3/rooms/{}/event/{}": events.readEvent,
  "GET v1/rooms/{}/relations/{}": events.readRelations,
  "GET v1/rooms/{}/relations/{}/{}": events.readRelations,
  "GET v1/rooms/{}/relations/{}/{}/{}": events.readRelations,
  "GET v3/rooms/{}/messages": rooms.readMessages,
  "GET v3/rooms/{}/state": rooms.readState,
  "GET v3/rooms/{}/state/{}": rooms.readStateEvent,
  "GET v3/rooms/{}/state/{}/{}": rooms.readStateEvent,
  "PUT v3/rooms/{}/state/m.room.member/{}": rooms.setMember,
  "GET v3/rooms/{}/members": rooms.members,
  "GET v3/rooms/{}/joined_members": rooms.joinedMembers,
  "PUT v3/rooms/{}/typing/{}": rooms.typing,
  "POST v3/rooms/{}/receipt/{}/{}": rooms.receipt,
  "POST media/v3/upload": media.upload,
  "GET media/v3/config": media.mediaConfig,
  "GET v1/media/config": media.mediaConfig,
  "GET v1/media/download/{}/{}": media.download,
  "GET v1/media/download/{}/{}/{}": media.download,
};

/** Those that need no token. */
const openMethods: Readonly<Record<string, Method>> = {
  "GET versions": account.versions,
  "GET v3/login": account.loginFlows,
  "POST v3/login": account.login,
  "GET media/v3/download/{}/{}": media.frozen,
};

interface Found {
  method: Method;
  names: string[];
  open: boolean;
}

/** c-s API "Common error codes", M_UNRECOGNIZED: 404 for a place that there is not, 405 for another method there. */
function find(call: Call): Found {
  let placeKnown = false;
  for (const [table, open] of [[openMethods, true] as const, [methods, false] as const]) {
    for (const [pattern, method] of Object.entries(table)) {
      const [verb = "", place = ""] = pattern.split(" ");
      const names = namesIn(place.split("/"), call.path);
      if (names === undefined) continue;
      if (verb === call.method) return { method, names, open };
      placeKnown = true;
    }
  }
  throw new Refusal(placeKnown ? 405 : 404, "M_UNRECOGNIZED", "Unrecognized request");
}

function namesIn(pattern: readonly string[], path: readonly string[]): string[] | undefined {
  // The SDK asks for a state event with the key "" by a path that ends with a slash.
  if (pattern.length !== path.length || !pattern.every((part, at) => part === "{}" || part === path[at])) return undefined;
  return path.filter((_, at) => pattern[at] === "{}");
}
