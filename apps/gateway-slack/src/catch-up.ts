import { setTimeout as pause } from "node:timers/promises";
import { limits, toProblem, type Durations, type Mark } from "@bellhop/contracts";
import type { Marks } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import type { Reached } from "./hear.ts";
import { missedOf } from "./history.ts";
import { readAtItsPace, rest } from "./reading.ts";
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
  const { us, marks, durations, log, over } = options;
  const history = readAtItsPace(options);
  const reached = new Map<string, string>();
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
    for await (const channel of history.channels()) channels.add(channel);
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
      for (const body of await missedOf({ channel, from, threads, floor, pages: history.pages(calm), ours, concerns: options.concerns })) {
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

  async function patiently<Result>(work: () => Promise<Result>, failed: string): Promise<Result> {
    for (let failures = 0; ;) {
      try {
        return await work();
      } catch (error) {
        if (over.aborted) throw error;
        log.warn({ why: toProblem(error).message }, failed);
        await rest({ failures: (failures += 1), over });
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
      if (mine.places.get(channel)?.calm.signal.aborted !== true && !history.isFree()) return;
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
