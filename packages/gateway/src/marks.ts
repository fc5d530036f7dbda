import { buckets, limits, token, toProblem, type Durations, type Mark } from "@bellhop/contracts";
import type { Bus } from "@bellhop/bus";
import type { Log } from "@bellhop/service";
import type { Marks } from "./adapter.ts";

export interface MarksOptions {
  bus: Bus;
  platform: string;
  account: string;
  /** Resolves when everything given to the inbox so far is in NATS. */
  settled: () => Promise<void>;
  /** Whether something of that place (empty: of any) could not be stored. */
  owes: (place: string) => boolean;
  durations: Durations;
  log: Log;
}

interface KeptMarks extends Marks {
  /** Writes what there is to write, for the last time. */
  close(): Promise<void>;
}

/** Of several gateways of one account each speaks for what it was given itself: the last word stands as the position, a position further back costs reading
 *  twice. Threads are put together, or one gateway would forget those that another heard of. */
export function createMarks({ bus, platform, account, settled, owes, durations, log }: MarksOptions): KeptMarks {
  const bucket = bus.bucket(buckets.mark);
  const keyOf = (place: string) => [platform, account, place].map(token).join(".");
  const places = new Map<string, Place>();
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  function placeOf(name: string): Place {
    const known = places.get(name) ?? { threads: new Map(), revision: 0 };
    places.set(name, known);
    return known;
  }

  /** @param mark as it is in KV. When its threads were heard is not in it: as late as the mark itself, at most */
  function learn(mark: Mark, revision: number): void {
    const place = placeOf(mark.place);
    place.revision = revision;
    const at = Date.parse(mark.at);
    for (const [thread, position] of Object.entries(mark.threads ?? {}))
      if (!place.threads.has(thread)) place.threads.set(thread, { position, at });
    place.reached ??= mark;
  }

  function schedule(): void {
    if (!closed) timer ??= setTimeout(() => void flush(), durations.markEvery);
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    last = last.then(writeAll).catch((error: unknown) => log.warn({ why: toProblem(error).message }, "marks can't be written"));
    return last;
  }

  async function writeAll(): Promise<void> {
    const now = [...changed].filter((name) => !owes(name));
    const marks = now.flatMap((name) => markOf(placeOf(name)) ?? []);
    changed = new Set([...changed].filter((name) => !now.includes(name)));
    if (changed.size > 0) schedule();
    if (marks.length === 0) return;
    await settled();
    await Promise.all(marks.map(write));
  }

  async function write(mark: Mark): Promise<void> {
    const place = placeOf(mark.place);
    const key = keyOf(mark.place);
    for (let wanted = mark; ;) {
      const { revision } = place;
      const written = revision === 0 ? await bucket.create(key, wanted) : await bucket.update(key, wanted, revision);
      if (written !== undefined) return void (place.revision = written);
      const entry = await bucket.get(key);
      if (entry === undefined) place.revision = 0;
      else learn(entry.value, entry.revision);
      const threads = Object.entries({ ...entry?.value.threads, ...mark.threads }).slice(-limits.threads);
      wanted = { ...mark, threads: Object.fromEntries(threads) };
    }
  }

  function markOf(place: Place): Mark | undefined {
    return place.reached && { ...place.reached, v: 1, threads: threadsOf(place), at: new Date().toISOString() };
  }

  /** Those that were heard last. */
  function threadsOf({ threads }: Place): Mark["threads"] {
    const since = Date.now() - durations.catchUpRetention;
    for (const [thread, { at }] of threads) if (at < since) threads.delete(thread);
    const newest = [...threads].toSorted(([, a], [, b]) => a.at - b.at).slice(-limits.threads);
    return newest.length === 0 ? undefined : Object.fromEntries(newest.map(([thread, { position }]) => [thread, position]));
  }

  return {
    async read() {
      const since = Date.now() - durations.catchUpRetention;
      const entries = await bucket.entries(`${token(platform)}.${token(account)}.*`);
      for (const { value, revision } of entries) learn(value, revision);
      return new Map(entries.flatMap(({ value }) => (Date.parse(value.at) < since ? [] : [[value.place, value] as const])));
    },
    reach({ threads = {}, ...reached }) {
      const place = placeOf(reached.place);
      place.reached = { ...place.reached, ...reached };
      for (const [thread, position] of Object.entries(threads)) place.threads.set(thread, { position, at: Date.now() });
      changed.add(reached.place);
      schedule();
    },
    close() {
      closed = true;
      return flush();
    },
  };
}

/** What this process knows of one place. */
interface Place {
  reached?: Omit<Mark, "v" | "at" | "threads">;
  threads: Map<string, { position: string; at: number }>;
  /** Of its mark in KV, 0 where none is known. */
  revision: number;
}
