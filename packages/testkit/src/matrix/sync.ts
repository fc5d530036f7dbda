import { fieldsOf, isFields } from "@bellhop/contracts";
import { Refusal, type Answer, type Call } from "./call.ts";
import { membershipOf, type Device, type Homeserver, type MatrixEvent, type Room, type Stored, type User } from "./state.ts";

export interface SyncOptions {
  /** What a filter may ask for at most: the real one's `filter_timeline_limit`, 100 in Synapse. */
  largestTimeline: number;
}

/** What a filter of a sync or of /messages lets through. Only what a bot leans on is read. */
interface Filter {
  limit: number;
  types?: string[];
  senders?: string[];
}

/** GET /sync, c-s API 6.4 "Syncing", without its waiting: what has happened since. Not there: presence, to-device messages, device lists, summaries,
 *  notification counts, ephemeral events, `knock`. */
export function syncAnswer(at: { server: Homeserver; device: Device; since?: number; filter: unknown; options: SyncOptions }): {
  answer: Answer;
  empty: boolean;
} {
  const { server, device, since, filter, options } = at;
  const user = server.users.get(device.user);
  const join: Record<string, unknown> = {};
  const invite: Record<string, unknown> = {};
  const leave: Record<string, unknown> = {};
  for (const room of server.rooms.values()) {
    const own = room.state.get(`m.room.member\n${device.user}`);
    if (own === undefined) continue;
    const changed = since === undefined || own.position > since;
    const membership = membershipOf(room, device.user);
    if (membership === "join") {
      const entry = joinedRoom(room, { ...at, newly: changed && isNewlyJoined(own.event) });
      if (entry !== undefined) join[room.id] = entry;
    } else if (membership === "invite" && changed) {
      invite[room.id] = { invite_state: { events: strippedState(room) } };
    } else if (changed && since !== undefined) {
      leave[room.id] = {
        state: { events: [] },
        timeline: { events: [shown(own, device)], limited: false, prev_batch: tokenOf(own.position - 1) },
      };
    }
  }
  const accountData = changedData(user, since, timelineFilter(filter, options).accountTypes);
  const empty = [join, invite, leave].every((rooms) => Object.keys(rooms).length === 0) && accountData.length === 0;
  return { answer: { next_batch: tokenOf(server.position), account_data: { events: accountData }, rooms: { join, invite, leave } }, empty };
}

/** GET /rooms/{id}/messages, c-s API "Paginating events": the place `from` is given first, and `to` is not passed. */
export function messagesAnswer(room: Room, { query }: Call, device: Device): Answer {
  const dir = query.get("dir");
  if (dir !== "b" && dir !== "f") throw new Refusal(400, "M_MISSING_PARAM", "Missing required string query parameter 'dir'"); // `dir` is required
  const last = room.timeline.at(-1)?.position ?? 0;
  const from = query.has("from") ? placeOf(query.get("from")) : dir === "b" ? last : 0;
  const to = query.has("to") ? placeOf(query.get("to")) : dir === "b" ? 0 : Infinity;
  const limit = Math.min(Number(query.get("limit") ?? 10), 1000); // 10 unless told; Synapse's most is 1000
  if (!Number.isInteger(limit) || limit < 1)
    throw new Refusal(400, "M_INVALID_PARAM", "Query parameter 'limit' must be a positive integer");
  const filter = filterOf(parsedFilter(query.get("filter")), { largest: limit });
  const between = room.timeline.filter(({ position }) =>
    dir === "b" ? position <= from && position > to : position > from && position <= to,
  );
  // A filter narrows the page, it does not lengthen it: pages may be short or empty and still have an end.
  const page = (dir === "b" ? between.reverse() : between).slice(0, limit);
  const reached = page.at(-1)?.position;
  return {
    start: tokenOf(from),
    ...(reached !== undefined && page.length < between.length && { end: tokenOf(dir === "b" ? reached - 1 : reached) }),
    chunk: page.filter(({ event }) => passes(event, filter)).map((stored) => shown(stored, device)),
  };
}

/** An event as this device sees it: only the sending device is told its transaction id. */
export function shown({ event, transaction }: Stored, device: Device): MatrixEvent {
  const unsigned = { age: 1, ...event.unsigned, ...(transaction?.device === device.id && { transaction_id: transaction.id }) };
  return { ...event, unsigned };
}

function tokenOf(position: number): string {
  return `s${position}_fake`;
}

export function placeOf(token: string | null): number {
  const place = /^s(\d+)_fake$/.exec(token ?? "")?.[1];
  if (place === undefined) throw new Refusal(400, "M_UNKNOWN", "Invalid stream token"); // seen on Synapse 1.160
  return Number(place);
}

export function parsedFilter(text: string | null): unknown {
  if (text === null || !text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "M_INVALID_PARAM", "Invalid filter JSON");
  }
}

function joinedRoom(
  room: Room,
  at: { device: Device; since?: number; filter: unknown; options: SyncOptions; newly: boolean },
): Record<string, unknown> | undefined {
  const { device, since, newly } = at;
  const { timeline: filter } = timelineFilter(at.filter, at.options);
  const bound = since === undefined || newly ? 0 : since;
  const fresh = room.timeline.filter(({ position, event }) => position > bound && passes(event, filter));
  if (fresh.length === 0 && !newly) return undefined;
  const events = fresh.slice(-filter.limit);
  const first = events[0]?.position ?? room.timeline.at(-1)?.position ?? 0;
  const state = [...room.state.values()].filter(({ position }) => position > bound && position < first);
  return {
    timeline: {
      events: events.map((stored) => shown(stored, device)),
      limited: fresh.length > events.length,
      prev_batch: tokenOf(first - 1),
    },
    state: { events: state.map((stored) => shown(stored, device)) },
    account_data: { events: [] },
    ephemeral: { events: [] },
  };
}

/** A new display name is a member event too, and joins nobody. */
function isNewlyJoined({ unsigned }: MatrixEvent): boolean {
  const before = unsigned?.prev_content;
  return !(isFields(before) && before.membership === "join");
}

/** c-s API "Stripped state": content, sender, state_key and type, nothing else. */
function strippedState(room: Room): unknown[] {
  const kinds = new Set(["m.room.create", "m.room.name", "m.room.join_rules", "m.room.encryption", "m.room.member"]);
  return [...room.state.values()]
    .filter(({ event }) => kinds.has(event.type))
    .map(({ event: { content, sender, state_key, type } }) => ({ content, sender, state_key, type }));
}

function changedData(user: User | undefined, since: number | undefined, types: string[] | undefined): unknown[] {
  return [...(user?.accountData ?? [])]
    .filter(([type, { position }]) => position > (since ?? 0) && (types?.includes(type) ?? true))
    .map(([type, { content }]) => ({ type, content }));
}

function timelineFilter(filter: unknown, { largestTimeline }: SyncOptions): { timeline: Filter; accountTypes?: string[] } {
  const room = isFields(filter) && isFields(filter.room) ? filter.room : {};
  const account = isFields(filter) && isFields(filter.account_data) ? filter.account_data : {};
  return { timeline: filterOf(room.timeline, { largest: largestTimeline }), accountTypes: names(account.types) };
}

/** c-s API "Filtering": 10 events of a timeline unless told. */
function filterOf(filter: unknown, { largest }: { largest: number }): Filter {
  const given = fieldsOf(filter);
  const limit = typeof given.limit === "number" ? given.limit : 10;
  return { limit: Math.min(limit, largest), types: names(given.types), senders: names(given.senders) };
}

function passes({ type, sender }: MatrixEvent, { types, senders }: Filter): boolean {
  return (types?.includes(type) ?? true) && (senders?.includes(sender) ?? true);
}

function names(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : undefined;
}
