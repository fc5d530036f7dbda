import { z } from "zod";
import type { Self } from "./mention.ts";
import { failureOf } from "./outcome.ts";
import { readTold } from "./receive.ts";
import type { MatrixClient } from "./sdk.ts";

/** What a sync says of one room that we are in. */
export const JoinedRoom = z.object({
  timeline: z
    .object({ events: z.array(z.unknown()), limited: z.boolean().optional(), prev_batch: z.string().optional() })
    .default({ events: [] }),
  state: z.object({ events: z.array(z.unknown()) }).default({ events: [] }),
});
export type JoinedRoom = z.infer<typeof JoinedRoom>;

export interface RoomEvent {
  event: unknown;
  /** Paged from the history: the sync itself did not have it. */
  missed: boolean;
}

/** Everything of one room since the last sync that may concern us, oldest first: the timeline, and before it what a limited timeline left out. What
 *  was said before we were invited was not said to us. */
export async function eventsOf(
  room: string,
  update: JoinedRoom,
  at: { client: MatrixClient; self: Self; since: string; timeoutMs: number },
): Promise<RoomEvent[]> {
  const { self } = at;
  const { events, limited, prev_batch } = update.timeline;
  const heard = events.map((event) => ({ event, missed: false }));
  if (limited && prev_batch !== undefined && !events.some((event) => isOwnArrival(event, self))) {
    const newly = update.state.events.some((event) => isOwnArrival(event, self));
    const missing = await missed(room, { ...at, from: prev_batch, to: newly ? undefined : at.since });
    heard.unshift(...missing.map((event) => ({ event, missed: true })));
  }
  return heard.slice(heard.findLastIndex(({ event }) => isOwnArrival(event, self)) + 1);
}

/** Pages back from where the timeline begins to where the last sync ended, or to our arrival. Keeps what matters only: a long absence is many events. */
async function missed(
  room: string,
  at: { client: MatrixClient; self: Self; from: string; to: string | undefined; timeoutMs: number },
): Promise<unknown[]> {
  const { client, self, to, timeoutMs } = at;
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
  const found: unknown[] = [];
  for (let from: string | undefined = at.from; from !== undefined;) {
    const query = { dir: "b", limit: 100, from, ...(to !== undefined && { to }) };
    let answer: unknown;
    try {
      answer = await client.doRequest("GET", path, query, null, timeoutMs);
    } catch (error) {
      // A room that we may not read any more has nothing for us; with everything else the batch is tried again.
      if (failureOf(error).kind === "refused") return [];
      throw error;
    }
    const { chunk, end }: Page = Page.parse(answer);
    for (const event of chunk) {
      if (readTold(event, self) !== undefined || isEncrypted(event) || isOwnArrival(event, self)) found.unshift(event);
      if (isOwnArrival(event, self)) return found;
    }
    from = end === from ? undefined : end;
  }
  return found;
}

/** The words can't be read, that there are some can. */
export function isEncrypted(event: unknown): boolean {
  return Encrypted.safeParse(event).success;
}

/** From our invitation on we are meant; where nobody invited us, from our joining on. A new display name is an event of the same kind. */
function isOwnArrival(event: unknown, self: Self): boolean {
  const member = Member.safeParse(event).data;
  if (member?.state_key !== self.account) return false;
  if (member.content.membership === "invite") return true;
  if (member.content.membership !== "join") return false;
  const { prev_content: before, replaces_state } = member.unsigned ?? {};
  if (before === undefined) return replaces_state === undefined;
  return before.membership !== "join" && before.membership !== "invite";
}

const Page = z.object({ chunk: z.array(z.unknown()), end: z.string().optional() });
type Page = z.infer<typeof Page>;
const Encrypted = z.object({ type: z.literal("m.room.encrypted") });
const Membership = z.object({ membership: z.string().optional() });
const Member = z.object({
  type: z.literal("m.room.member"),
  state_key: z.string(),
  content: Membership,
  unsigned: z.object({ prev_content: Membership.optional(), replaces_state: z.string().optional() }).optional(),
});
