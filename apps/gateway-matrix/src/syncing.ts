import { setTimeout as pause } from "node:timers/promises";
import { toProblem, type Durations, type Message } from "@bellhop/contracts";
import type { Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { Ears } from "./hear.ts";
import { eventsOf, isEncrypted, JoinedRoom } from "./history.ts";
import { Invitations } from "./invitations.ts";
import { failureOf } from "./outcome.ts";
import type { Self } from "./mention.ts";
import type { Rooms } from "./rooms.ts";
import { MatrixError, type MatrixClient } from "./sdk.ts";
import { isTokenFault } from "./session.ts";

export interface SyncingOptions {
  client: () => MatrixClient;
  self: Self;
  /** After the homeserver has taken our token back. Rejects when there is no other to be had. */
  renew: () => Promise<void>;
  rooms: Rooms;
  inviters: readonly string[] | undefined;
  /** Tells somebody who talks to us alone that we can't read what they write. Says itself what went wrong. */
  tellUnreadable: (room: string) => Promise<void>;
  durations: Durations;
  log: Log;
}

/** One /sync after the other. How far we are is said when everything up to there is stored, never before: whatever dies in between is told again. The SDK's own loop goes on when a listener fails, and passes over what a limited timeline leaves out. */
export class Syncing {
  readonly failed: Promise<never>;
  private readonly fail: (why: unknown) => void;
  private readonly options: SyncingOptions;
  private readonly closing = new AbortController();
  private readonly ears: Ears;
  private readonly invitations: Invitations;
  private readonly unreadable = new Set<string>();
  private running: Promise<void> = Promise.resolve();
  private marks: Inbox["marks"] | undefined;
  private isMarked = false;
  /** Whether the homeserver told us lately what happened. */
  isFollowing = false;
  /** The token of the last sync that is stored altogether. */
  private position: string | undefined;

  constructor(options: SyncingOptions) {
    const { client, self, rooms, inviters, durations, log } = options;
    const timeoutMs = durations.platformCall;
    this.options = options;
    this.ears = new Ears({ client, rooms, self, timeoutMs });
    const { signal: closing } = this.closing;
    const settled = () => this.mark();
    this.invitations = new Invitations({ client, rooms, self, inviters, timeoutMs, closing, log, settled });
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    this.failed = failure.promise;
    this.fail = failure.reject;
  }

  /** Resolves once the homeserver has answered, or after the first failure: it goes on trying by itself. */
  open(inbox: Inbox): Promise<void> {
    const first = Promise.withResolvers<void>();
    this.running = this.keepSyncing(inbox, first.resolve).catch(this.fail).finally(first.resolve);
    return first.promise;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async keepSyncing(inbox: Inbox, tried: () => void): Promise<void> {
    const { log, renew, rooms } = this.options;
    let origin: Message["origin"] = "resume";
    for (let failures = 0; !this.closing.signal.aborted;) {
      let waitMs: number | undefined;
      try {
        if (this.marks === undefined) {
          this.position = (await inbox.marks.read()).get("")?.position;
          this.isMarked = this.position !== undefined;
          this.marks = inbox.marks;
        }
        if (origin !== "live") await rooms.load();
        const batch = await this.sync({ wait: origin === "live" });
        if (batch === undefined) return;
        if (origin !== "live") log.info({}, "connected to the homeserver");
        await this.take(batch, { inbox, origin });
        const before = this.position;
        this.position = batch.next_batch;
        if (this.position !== before) this.mark();
        if (!this.isMarked) await this.firstMark(inbox);
        tried();
        failures = 0;
        origin = "live";
        this.isFollowing = true;
        continue;
      } catch (error) {
        if (this.closing.signal.aborted) return;
        this.isFollowing = false;
        if (isTokenFault(error)) await renew().catch(unlessForGood);
        failures += 1;
        origin = origin === "live" ? "retry" : origin;
        const failure = failureOf(error);
        if (failure.kind === "unavailable") waitMs = failure.retryAfterMs;
        log.warn({ why: failure.why, failures }, "the homeserver can't be followed");
      }
      tried();
      await pause(waitMs ?? Math.min(30_000, failures * failures * 250), undefined, { signal: this.closing.signal }).catch(() => {});
    }
  }

  /** Without any mark nothing was said to us before: from now on there has to be one, whoever dies. */
  private async firstMark({ marks }: Inbox): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted && !this.invitations.open) {
      this.isMarked = (await marks.read()).has("");
      if (this.isMarked) return;
      this.mark();
      await pause(this.options.durations.markEvery, undefined, { signal }).catch(() => {});
    }
  }

  /** A sync tells of an invitation once: while one is open, it is told again after a restart. */
  private mark(): void {
    if (this.position !== undefined && !this.invitations.open) this.marks?.reach({ place: "", position: this.position });
  }

  /** Undefined when it is time to stop: the SDK can't take a request back, so its answer is left to itself. */
  private async sync({ wait }: { wait: boolean }): Promise<Batch | undefined> {
    const { client, durations } = this.options;
    const { signal } = this.closing;
    const since = this.position;
    const query = {
      filter: JSON.stringify(since === undefined ? firstFilter : filter),
      timeout: wait ? durations.platformCall : 0,
      ...(since !== undefined && { since }),
    };
    // The first answer tells of every room there is.
    const timeoutMs = durations.platformCall * (since === undefined ? 10 : 2);
    const answer: Promise<unknown> = client().doRequest("GET", "/_matrix/client/v3/sync", query, null, timeoutMs);
    const stopped = Promise.withResolvers<undefined>();
    const stop = () => stopped.resolve(undefined);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      const given = await Promise.race([answer, stopped.promise]);
      return signal.aborted ? undefined : Batch.parse(given);
    } catch (error) {
      if (since !== undefined && error instanceof MatrixError && error.statusCode === 400) {
        this.options.log.error({ since }, "the homeserver does not know where we were: what was said meanwhile is passed over");
        this.position = undefined;
      }
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      answer.catch(() => {});
    }
  }

  private async take(batch: Batch, at: { inbox: Inbox; origin: Message["origin"] }): Promise<void> {
    const { rooms } = this.options;
    const { join: joined, invite, leave } = batch.rooms;
    for (const { type, content } of batch.account_data.events) if (type === "m.direct") rooms.mark(content);
    for (const room of Object.keys(leave)) rooms.forget(room);
    for (const [room, entry] of Object.entries(invite)) this.invitations.take(room, entry);
    const waiting = Object.entries(joined);
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.takeRoom(...next, at);
    };
    await Promise.all(Array.from({ length: 8 }, work));
  }

  /** In the order they were said: each is stored before the next is given. */
  private async takeRoom(room: string, entry: unknown, at: { inbox: Inbox; origin: Message["origin"] }): Promise<void> {
    const { client, self, rooms, durations } = this.options;
    const { inbox, origin } = at;
    const since = this.position;
    const update = JoinedRoom.safeParse(entry).data;
    if (update === undefined) return;
    rooms.saw(room, [...update.state.events, ...update.timeline.events]);
    // Before our first sync nothing was said to us.
    if (since === undefined) return;
    for (const { event, missed } of await eventsOf(room, update, { client: client(), self, since, timeoutMs: durations.platformCall })) {
      if (isEncrypted(event)) await this.noticeUnreadable(room);
      await this.ears.hear(event, { room, origin: missed ? "backfill" : origin, inbox });
    }
  }

  /** In the log, and to whoever talks to us alone: they would wait for ever. */
  private async noticeUnreadable(room: string): Promise<void> {
    if (this.unreadable.has(room)) return;
    const direct = await this.options.rooms.isDirect(room);
    this.unreadable.add(room);
    this.options.log.warn({ room, direct }, "the room is encrypted: what is said there can't be read");
    if (direct) await this.options.tellUnreadable(room);
  }
}

const RoomEntries = z.record(z.string(), z.unknown()).default({});
const Batch = z.object({
  next_batch: z.string().min(1),
  account_data: z.object({ events: z.array(z.object({ type: z.string(), content: z.unknown() })) }).default({ events: [] }),
  rooms: z.object({ join: RoomEntries, invite: RoomEntries, leave: RoomEntries }).default({ join: {}, invite: {}, leave: {} }),
});
type Batch = z.infer<typeof Batch>;

const none = { types: [] };
const kinds = [
  "m.room.message",
  "m.room.redaction",
  "m.reaction",
  "m.room.encrypted",
  "m.room.member",
  "m.room.name",
  "m.room.canonical_alias",
];
const filter = {
  presence: none,
  account_data: { types: ["m.direct"] },
  room: {
    timeline: { limit: 100, types: kinds },
    state: { types: ["m.room.member", "m.room.name", "m.room.canonical_alias"], lazy_load_members: true },
    ephemeral: none,
    account_data: none,
  },
};
/** What was said before our first sync is history. */
const firstFilter = { ...filter, room: { ...filter.room, timeline: { limit: 1, types: kinds } } };

/** Where only patience helps, the next try comes by itself. */
function unlessForGood(error: unknown): void {
  if (!toProblem(error).retry) throw error;
}
