import { z } from "zod";
import { failureOf } from "./outcome.ts";
import { MatrixError, type MatrixClient } from "./sdk.ts";

export interface RoomsOptions {
  client: () => MatrixClient;
  account: string;
  timeoutMs: number;
}

/** What we know of rooms: which of them are a conversation with one person. Asked once, and again when somebody came or went. */
export class Rooms {
  private readonly options: RoomsOptions;
  /** How many people are there at least. */
  private readonly people = new Map<string, number>();
  private readonly direct = new Map<string, boolean>();
  /** What our account data, or the invitation, calls direct. */
  private marked: ReadonlySet<string> = new Set();
  private marking: Promise<void> = Promise.resolve();

  constructor(options: RoomsOptions) {
    this.options = options;
  }

  /** With exactly one other, in a room that is marked as direct or has no name: what is said there is said to us. A room that more have come to is
   *  none any more, whatever its mark says. */
  async isDirect(room: string): Promise<boolean> {
    const known = this.direct.get(room);
    if (known !== undefined) return known;
    try {
      const direct = await this.look(room);
      this.direct.set(room, direct);
      return direct;
    } catch (error) {
      // We are not in it any more: what is left to answer there is what called us.
      if (failureOf(error).kind === "refused") return false;
      throw error;
    }
  }

  /** Reads the marks once: a sync tells of changes only. Without them small nameless rooms are still direct. */
  async load(): Promise<void> {
    this.mark(await this.directRooms().catch(() => undefined));
  }

  /** Takes in what a sync told of a room. */
  saw(room: string, events: readonly unknown[]): void {
    let gone = 0;
    for (const event of events) {
      const type = StateEvent.safeParse(event).data?.type;
      if (type === "m.room.member") gone += 1;
      else if (type === "m.room.name" || type === "m.room.canonical_alias") this.direct.delete(room);
    }
    if (gone === 0) return;
    // Each of them may be one who left: a big room stays known as one for a while.
    const left = (this.people.get(room) ?? 0) - gone;
    if (left > 2) this.people.set(room, left);
    else this.forget(room);
  }

  forget(room: string): void {
    this.people.delete(room);
    this.direct.delete(room);
  }

  /** The account data `m.direct`: rooms by the person they are shared with. */
  mark(content: unknown): void {
    const rooms = DirectRooms.safeParse(content).data;
    if (rooms === undefined) return;
    this.marked = new Set(Object.values(rooms).flat());
    this.direct.clear();
    for (const [room, count] of this.people) if (count > 2) this.direct.set(room, false);
  }

  /** Marks a room for good, as clients do with the invitations that they accept. */
  markDirect(room: string, person: string): Promise<void> {
    this.marked = new Set([...this.marked, room]);
    // What stands is read and written again: one after the other.
    const marked = this.marking.then(async () => {
      const rooms = await this.directRooms();
      const theirs = new Set([...(rooms[person] ?? []), room]);
      const { client, timeoutMs } = this.options;
      await client().doRequest("PUT", this.marksPath(), null, { ...rooms, [person]: [...theirs] }, timeoutMs);
    });
    this.marking = marked.catch(() => {});
    return marked;
  }

  /** By person, the oldest first. */
  async directRooms(): Promise<Record<string, string[]>> {
    const { client, timeoutMs } = this.options;
    try {
      const marks: unknown = await client().doRequest("GET", this.marksPath(), null, null, timeoutMs);
      return DirectRooms.safeParse(marks).data ?? {};
    } catch (error) {
      if (error instanceof MatrixError && error.statusCode === 404) return {};
      throw error;
    }
  }

  private marksPath(): string {
    return `/_matrix/client/v3/user/${encodeURIComponent(this.options.account)}/account_data/m.direct`;
  }

  private async look(room: string): Promise<boolean> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
    const { timeoutMs } = this.options;
    const client = this.options.client();
    const members: unknown = await client.doRequest("GET", `${path}/joined_members`, null, null, timeoutMs);
    const joined = Object.keys(JoinedMembers.parse(members).joined).length;
    this.people.set(room, joined);
    if (joined !== 2) return false;
    const state: unknown = await client.doRequest("GET", `${path}/state`, null, null, timeoutMs);
    const events = z.array(StateEvent).parse(state);
    const present = events.filter(({ type, content }) => type === "m.room.member" && /^(join|invite)$/.test(String(content?.membership)));
    if (present.length !== 2) return false;
    const named = events.some(
      ({ type, content }) => (type === "m.room.name" && content?.name) || (type === "m.room.canonical_alias" && content?.alias),
    );
    return this.marked.has(room) || !named;
  }
}

const StateEvent = z.object({ type: z.string(), content: z.record(z.string(), z.unknown()).optional() });
const JoinedMembers = z.object({ joined: z.record(z.string(), z.unknown()) });
const DirectRooms = z.record(z.string(), z.array(z.string()));
