import { z } from "zod";
import { failureOf } from "./outcome.ts";
import type { Rooms } from "./rooms.ts";
import type { MatrixClient } from "./sdk.ts";

export interface WhispersOptions {
  client: () => MatrixClient;
  rooms: Rooms;
  account: string;
  timeoutMs: number;
}

/** Matrix shows nothing to one person of a room alone: that is said in the room that we share with them alone. */
export class Whispers {
  private readonly options: WhispersOptions;
  private readonly making = new Map<string, Promise<string>>();

  constructor(options: WhispersOptions) {
    this.options = options;
  }

  /** The room with this person and nobody else; made, and they invited, where there is none.
   *  @throws when the homeserver can't be asked, or will not */
  roomWith(person: string): Promise<string> {
    const found = this.making.get(person) ?? this.open(person).finally(() => this.making.delete(person));
    this.making.set(person, found);
    return found;
  }

  /** Undefined where there is none. */
  async knownRoomWith(person: string): Promise<string | undefined> {
    return (await this.look(person))?.room;
  }

  private async open(person: string): Promise<string> {
    const { client, rooms, timeoutMs } = this.options;
    const known = await this.look(person);
    if (known?.complete) return known.room;
    let room = known?.room;
    if (room === undefined) {
      const body = { is_direct: true, preset: "private_chat" };
      const made: unknown = await client().doRequest("POST", "/_matrix/client/v3/createRoom", null, body, timeoutMs);
      room = Made.parse(made).room_id;
      // Before they are invited: whoever dies in between finds it again, and nobody is invited to two.
      await rooms.markDirect(room, person);
    }
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(person)}`;
    await client().doRequest("PUT", path, null, { membership: "invite", is_direct: true }, timeoutMs);
    return room;
  }

  /** The newest first. `complete`: they are in it, or invited. */
  private async look(person: string): Promise<{ room: string; complete: boolean } | undefined> {
    const { [person]: theirs = [] } = await this.options.rooms.directRooms();
    let alone: string | undefined;
    for (const room of theirs.toReversed()) {
      const present = await this.peopleIn(room);
      if (present === undefined) continue;
      if (present.size === 0) alone ??= room;
      else if (present.size === 1 && present.has(person)) return { room, complete: true };
    }
    return alone === undefined ? undefined : { room: alone, complete: false };
  }

  /** Those who are there, or invited, but for us; undefined where we are not in it ourselves, or they expect it to be encrypted. */
  private async peopleIn(room: string): Promise<Set<string> | undefined> {
    const { client, account, timeoutMs } = this.options;
    try {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`;
      const state = State.parse(await client().doRequest("GET", path, null, null, timeoutMs));
      // What we made ourselves is encrypted only where the homeserver does that to every room: another one would be no better.
      const madeByUs = state.some(({ type, sender }) => type === "m.room.create" && sender === account);
      if (!madeByUs && state.some(({ type }) => type === "m.room.encryption")) return undefined;
      const present = state.flatMap(({ type, state_key, content }) =>
        type === "m.room.member" && /^(?:join|invite)$/.test(String(content.membership)) ? [state_key] : [],
      );
      const people = new Set(present);
      return people.delete(account) ? people : undefined;
    } catch (error) {
      if (failureOf(error).kind === "refused") return undefined;
      throw error;
    }
  }
}

const Made = z.object({ room_id: z.string().min(1) });
const State = z.array(
  z.object({ type: z.string(), sender: z.string(), state_key: z.string(), content: z.record(z.string(), z.unknown()) }),
);
