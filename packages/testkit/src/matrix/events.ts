import { isFields } from "@bellhop/contracts";
import { objectIn, Refusal } from "./call.ts";
import type { Method, Request } from "./method.ts";
import { checkPace } from "./pace.ts";
import { joined } from "./rooms.ts";
import { findEvent, latestEdit, post, redact, relationOf, type Content, type Homeserver, type Room } from "./state.ts";
import { shown } from "./sync.ts";

/** Server-server API "Size limits": the complete event. */
const largestEvent = 65_536;

/** PUT /rooms/{roomId}/send/{eventType}/{txnId} */
export const send: Method = ({ server, announce }, request) => {
  const { call, device, names } = request;
  const [id, type = "", transaction = ""] = names;
  const content = objectIn(call);
  return once(server, { device, room: id, transaction }, () => {
    const room = joined(server, id, device);
    checkContent(room, { type, content, sender: device.user });
    checkPace(server, device.user);
    const stored = post(server, room, { type, sender: device.user, content, transaction: { device: device.id, id: transaction } });
    if (Buffer.byteLength(JSON.stringify(stored.event)) > largestEvent) {
      room.timeline.pop();
      throw new Refusal(413, "M_TOO_LARGE", "event too large"); // as Synapse words it
    }
    announce();
    return stored.event.event_id;
  });
};

/** PUT /rooms/{roomId}/redact/{eventId}/{txnId}. What is redacted already may be redacted again: seen on Synapse 1.160. */
export const redactEvent: Method = ({ server, announce }, { device, names: [id, target, transaction = ""] }) =>
  once(server, { device, room: id, transaction }, () => {
    const room = joined(server, id, device);
    const stored = findEvent(room, target);
    if (stored === undefined) throw new Refusal(404, "M_NOT_FOUND", `Could not find event ${target}`); // seen on Synapse 1.160
    checkPace(server, device.user);
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
  const room = server.rooms.get(id ?? "");
  const stored = room && findEvent(joined(server, id, device), target);
  if (room === undefined || stored === undefined) throw new Refusal(404, "M_NOT_FOUND", "Event not found."); // seen on Synapse 1.160, for both
  const event = shown(stored, device);
  const edit = latestEdit(room.timeline, stored.event);
  return { ...event, unsigned: { ...event.unsigned, ...(edit && { "m.relations": { "m.replace": edit } }) } };
};

/** GET /rooms/{roomId}/relations/{eventId}/{relType}/{eventType}: the newest first, `limit` of them, and from where to go on. */
export const readRelations: Method = ({ server }, { call, device, names: [id, target, relType, eventType] }) => {
  const room = joined(server, id, device);
  if (findEvent(room, target) === undefined) throw new Refusal(404, "M_UNKNOWN", "Unknown parent event."); // seen on Synapse 1.160
  const all = room.timeline.filter(({ event }) => {
    const relation = relationOf(event);
    return (
      relation?.event_id === target && (relType ?? relation?.rel_type) === relation?.rel_type && (eventType ?? event.type) === event.type
    );
  });
  const from = Number(call.query.get("from") ?? 0);
  const next = from + Math.min(Number(call.query.get("limit") ?? 5), 100);
  const chunk = all.reverse().slice(from, next);
  return { chunk: chunk.map((stored) => shown(stored, device)), ...(next < all.length && { next_batch: String(next) }) };
};

/** c-s API "Transaction identifiers": the same id from the same device gives the same event. There it counts for one path; Synapse 1.160 was seen to take
 *  it for the whole room, and to give a reaction's event to a message that came with its id. */
function once(
  { transactions }: Homeserver,
  at: { device: Request["device"]; room: string | undefined; transaction: string },
  work: () => string,
): { event_id: string } {
  const name = `${at.device.user}/${at.device.id}/${at.room}/${at.transaction}`;
  const event_id = transactions.get(name) ?? work();
  transactions.set(name, event_id);
  return { event_id };
}

function checkContent(room: Room, { type, content, sender }: { type: string; content: Content; sender: string }): void {
  // Canonical JSON, appendix "Numbers": whole numbers within 53 bits only.
  if (hasWrongNumber(content)) throw new Refusal(400, "M_BAD_JSON", "Bad JSON value: float");
  // Seen on Synapse 1.160: half a surrogate pair is an error inside it, at every try.
  if (hasHalfPair(content)) throw new Refusal(500, "M_UNKNOWN", "Internal server error");
  for (const field of type === "m.room.message" ? ["body", "msgtype"] : []) {
    if (typeof content[field] !== "string") throw new Refusal(400, "M_UNKNOWN", `'${field}' not in content`); // seen on Synapse 1.160
  }
  const mentions = content["m.mentions"];
  const wellFormed = isFields(mentions) && (mentions.user_ids === undefined || Array.isArray(mentions.user_ids));
  if (mentions !== undefined && !wellFormed) throw new Refusal(400, "M_BAD_JSON", "m.mentions does not fit its schema"); // checked by Synapse's EventValidator
  const relation = content["m.relates_to"];
  if (!isFields(relation)) return;
  const target = room.timeline.find(({ event }) => event.event_id === relation.event_id)?.event;
  if (relation.event_id !== undefined && target === undefined) throw new Refusal(400, "M_UNKNOWN", "Can't send relation to unknown event"); // seen on Synapse 1.160
  // "Threading", "Validation of m.thread relationships".
  if (relation.rel_type === "m.thread" && target !== undefined && relationOf(target)?.rel_type !== undefined) {
    throw new Refusal(400, "M_UNKNOWN", "Cannot start threads from an event with a relation");
  }
  const again = ({ event }: Room["timeline"][number]) => event.sender === sender && isSame(event.content["m.relates_to"], relation);
  if (type === "m.reaction" && room.timeline.some(again)) {
    throw new Refusal(400, "M_DUPLICATE_ANNOTATION", "Can't send same reaction twice"); // seen on Synapse 1.160; another's is none
  }
}

function isSame(a: unknown, b: Record<string, unknown>): boolean {
  return isFields(a) && a.event_id === b.event_id && a.key === b.key && a.rel_type === b.rel_type;
}

function hasWrongNumber(value: unknown): boolean {
  if (typeof value === "number") return !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasWrongNumber);
}

function hasHalfPair(value: unknown): boolean {
  if (typeof value === "string") return !value.isWellFormed();
  return typeof value === "object" && value !== null && Object.values(value).some(hasHalfPair);
}
