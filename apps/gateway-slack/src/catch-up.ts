import { setTimeout as pause } from "node:timers/promises";
import { limits, toProblem, type Durations, type Mark } from "@bellhop/contracts";
import { createPace, monotonic, type Lane, type Marks } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { failureOf } from "./failure.ts";
import type { Reached } from "./hear.ts";
import { missedOf, type Pages } from "./history.ts";
import { readingLane, urgentPlaces, type LaneName } from "./lanes.ts";
import type { WebClient } from "./sdk.ts";

export interface CatchUpOptions {
  client: WebClient;
  /** Who we are: the bot's user (U…), its bot id (B…), its workspace (T…). */
  us: { user: string; botId: string; team: string };
  marks: Marks;
  /** Stores one thing that was missed: the payload that Slack would have sent. Rejects where it can't be stored. */
  missed: (body: unknown) => Promise<void>;
  /** Whether such a payload is anything to us. */
  concerns: (body: unknown) => boolean;
  /** How long reading should wait, in milliseconds, so that what people wait for goes first. */
  busyMs: () => number;
  durations: Durations;
  log: Log;
  /** Aborted when we stop. */
  over: AbortSignal;
}

export interface CatchUp {
  /** Nobody listened up to now: what was said since the marks has to be read. */
  begin(): void;
  /** Somebody listened all the time up to now, whether or not anything was said. */
  listened(): void;
  /** Resolves once what was said in this channel before is stored, can't be had, or would take too long. */
  before(channel: string): Promise<void>;
  /** Everything in that place up to there was heard live. */
  reach(at: Reached): void;
  /** Resolves when nothing is being read any more. */
  settled(): Promise<void>;
}

/** One time that nobody listened. */
interface Gap {
  readonly marks: Promise<ReadonlyMap<string, Mark>>;
  /** By channel. */
  readonly places: Map<string, Place>;
  readonly read: Set<string>;
  /** Everything was. */
  over: boolean;
}

interface Turn {
  readonly lane: Lane;
  readonly end: () => void;
}

/** A channel that is being read. */
interface Place {
  readonly read: Promise<void>;
  /** Aborted once somebody waits for it: from then on it is also read in the lanes for that. */
  readonly calm: AbortController;
  /** How long what is said there now waits for it: once, not once for each thing that is said. */
  patience: Promise<void> | undefined;
}

/** Reads in the history what was said while nobody listened. A channel in which something happens meanwhile is read first, and its news wait for that,
 *  so that its order is kept. No mark passes what was not read.
 *
 *  All channels are begun at once and their lanes keep the pace: Slack counts histories and threads apart, so that one channel's threads are read while
 *  the next one's history is. */
export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { client, us, marks, busyMs, durations, log, over } = options;
  const pace = createPace({ clock: monotonic, paced: true, most: 4, minuteMs: durations.platformMinute });
  const reached = new Map<string, string>();
  const lacking = new Set<string>();
  let gap: Gap | undefined;
  let reading: Promise<unknown> = Promise.resolve();

  function begin(): void {
    const mine: Gap = { marks: patiently(() => marks.read(), "marks can't be read"), places: new Map(), read: new Set(), over: false };
    gap = mine;
    const before = reading;
    reading = Promise.allSettled([before, readAll(mine)]);
  }

  async function readAll(mine: Gap): Promise<void> {
    const begun = now();
    const known = await mine.marks;
    const channels = known.size === 0 ? new Set<string>() : await channelsOf(known);
    if (over.aborted || gap !== mine) return;
    await Promise.all([...channels].map((channel) => place(mine, channel).read));
    if (over.aborted || gap !== mine) return;
    mine.over = true;
    if (channels.size > 0) log.info({ channels: channels.size }, "caught up with what was said in the meantime");
    note({ place: "", position: begun });
  }

  /** Where something may have been said: where something was heard before, the latest first, and where else we are now. */
  async function channelsOf(known: ReadonlyMap<string, Mark>): Promise<Set<string>> {
    const marked = [...known.values()].filter(({ place: name }) => name !== "");
    const channels = new Set(marked.toSorted((a, b) => Number(b.position) - Number(a.position)).map(({ place: name }) => name));
    for (const types of ["im", "mpim", "private_channel", "public_channel"]) {
      for (let cursor: string | undefined; ;) {
        const page = await asked("users.conversations", () =>
          client.users.conversations({ types, exclude_archived: true, limit: 200, cursor }),
        );
        for (const { id } of page?.channels ?? []) if (id !== undefined) channels.add(id);
        cursor = page?.response_metadata?.next_cursor || undefined;
        if (cursor === undefined) break;
      }
    }
    return channels;
  }

  function place(mine: Gap, channel: string): Place {
    const known = mine.places.get(channel);
    if (known !== undefined) return known;
    const calm = new AbortController();
    const begun: Place = { calm, read: readPlace(mine, channel, calm.signal), patience: undefined };
    begun.read.catch(() => {});
    mine.places.set(channel, begun);
    return begun;
  }

  async function readPlace(mine: Gap, channel: string, calm: AbortSignal): Promise<void> {
    const known = await mine.marks;
    const since = known.get(channel)?.position ?? known.get("")?.position;
    const begun = now();
    if (since !== undefined) {
      const floor = earlier(begun, durations.catchUpRetention);
      // What was said before the mark may still have been on its way when it was written, and our clock may differ from Slack's.
      const from = latest(earlier(since, durations.catchUpOverlap), floor);
      const threads = Object.keys(known.get(channel)?.threads ?? {}).slice(-limits.threads);
      const ours = [us.user, us.botId];
      for (const body of await missedOf({ channel, from, threads, floor, pages: pagesAt(calm), ours, concerns: options.concerns })) {
        if (over.aborted || gap !== mine) return;
        await store(body);
      }
    }
    if (over.aborted || gap !== mine) return;
    mine.read.add(channel);
    note({ place: channel, position: begun, kind: kindOf(channel) });
  }

  /** What can't be stored now is stored later: until then no mark passes it. */
  async function store(body: unknown): Promise<void> {
    await patiently(async () => {
      try {
        await options.missed(body);
      } catch (error) {
        if (toProblem(error).retry) throw error;
        log.error({ why: toProblem(error).message }, "what was missed can't be stored");
      }
    }, "what was missed can't be stored yet");
  }

  function pagesAt(calm: AbortSignal): Pages {
    return {
      history: (channel, oldest, cursor) =>
        asked("conversations.history", () => client.conversations.history({ channel, oldest, limit: 200, cursor }), calm),
      replies: (channel, ts, oldest, cursor) =>
        asked("conversations.replies", () => client.conversations.replies({ channel, ts, oldest, limit: 200, cursor }), calm),
    };
  }

  /** Asks at Slack's pace until there is an answer. Undefined where there will be none, or it is time to stop. */
  async function asked<Answer>(method: LaneName, call: () => Promise<Answer>, calm = over): Promise<Answer | undefined> {
    const calmly = AbortSignal.any([calm, over]);
    for (let failures = 0; !over.aborted;) {
      const turn = calm.aborted ? await eitherTurn(method) : await turnIn(readingLane(method, false), calmly);
      // It stopped waiting because it is urgent now.
      if (turn === undefined) continue;
      const { lane, end } = turn;
      try {
        for (let ms = busyMs(); ms > 0 && !calmly.aborted; ms = busyMs()) await pause(ms, undefined, { signal: calmly }).catch(() => {});
        return await call();
      } catch (error) {
        const failure = failureOf(error, method);
        if (failure.kind === "refused") return refused(method, failure.why);
        const waits = failure.kind === "unavailable" ? failure.retryAfterMs : undefined;
        log.debug({ method, why: failure.why, waits }, "the history has to wait");
        if (waits === undefined) await rest((failures += 1));
        else pace.shut({ lane: lane.name, ms: waits });
      } finally {
        end();
      }
    }
    return undefined;
  }

  async function turnIn(lane: Lane, until: AbortSignal): Promise<Turn | undefined> {
    const end = await pace.wait([lane], until);
    return end && { lane, end };
  }

  /** In whichever lane it comes first. */
  async function eitherTurn(method: LaneName): Promise<Turn | undefined> {
    const decided = new AbortController();
    const until = AbortSignal.any([decided.signal, over]);
    const turns = [true, false].map((urgent) => turnIn(readingLane(method, urgent), until));
    const first = await Promise.race(turns);
    decided.abort();
    for (const turn of await Promise.all(turns)) if (turn !== first) turn?.end();
    return first;
  }

  /** Said once for each permission: what it is for stays unheard. */
  function refused(method: string, why: string): undefined {
    const scope = /^missing_scope: (.*)/.exec(why)?.[1];
    if (scope === undefined) log.debug({ method, why }, "a history can't be read");
    else if (!lacking.has(scope)) log.warn({ method, scope }, "Slack did not grant a scope: what was missed there stays unheard");
    if (scope !== undefined) lacking.add(scope);
    return undefined;
  }

  async function patiently<Result>(work: () => Promise<Result>, failed: string): Promise<Result> {
    for (let failures = 0; ;) {
      try {
        return await work();
      } catch (error) {
        if (over.aborted) throw error;
        log.warn({ why: toProblem(error).message }, failed);
        await rest((failures += 1));
      }
    }
  }

  /** Resolves once it is read, or has taken too long. */
  async function patience(read: Promise<void>): Promise<void> {
    const late = new AbortController();
    const signal = AbortSignal.any([late.signal, over]);
    await Promise.race([read.catch(() => {}), pause(durations.platformCall, undefined, { signal }).catch(() => {})]);
    late.abort();
  }

  async function rest(failures: number): Promise<void> {
    await pause(Math.min(30_000, failures * failures * 250), undefined, { signal: over }).catch(() => {});
  }

  function note({ place: name, position, ...more }: Omit<Mark, "v" | "at">): void {
    const highest = latest(reached.get(name) ?? "0", position);
    reached.set(name, highest);
    marks.reach({ place: name, position: highest, space: us.team, ...more });
  }

  return {
    begin,
    listened() {
      if (gap?.over === true) note({ place: "", position: now() });
    },
    async before(channel) {
      const mine = gap;
      if (mine === undefined || mine.over || mine.read.has(channel)) return;
      // Somebody waits for it: where it can't be read at once, order is worth less than an answer.
      if (mine.places.get(channel)?.calm.signal.aborted !== true) {
        const end = pace.try([urgentPlaces]);
        if (end === undefined) return;
        end();
      }
      const wanted = place(mine, channel);
      wanted.calm.abort();
      wanted.patience ??= patience(wanted.read);
      await wanted.patience;
    },
    reach({ channel, at, direct, thread }) {
      const behind = gap !== undefined && !gap.over;
      if (behind && gap?.read.has(channel) !== true) return;
      note({ place: channel, position: at, kind: direct ? "direct" : "room", ...(thread !== undefined && { threads: { [thread]: at } }) });
      if (!behind) note({ place: "", position: at });
    },
    async settled() {
      await reading;
    },
  };

  function now(): string {
    return (Date.now() / 1000).toFixed(6);
  }
}

function earlier(position: string, ms: number): string {
  return Math.max(0, Number(position) - ms / 1000).toFixed(6);
}

/** Positions are Slack's times, seconds with six digits after the point: a double keeps them apart. */
function latest(a: string, b: string): string {
  return Number(a) >= Number(b) ? a : b;
}

function kindOf(channel: string): "direct" | "room" {
  return channel.startsWith("D") ? "direct" : "room";
}
