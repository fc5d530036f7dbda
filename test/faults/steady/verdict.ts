import { growthPerHour } from "./trend.ts";
import type { Sample } from "./sample.ts";

export interface Growth {
  /** In the last two thirds, to the hour. */
  perHour: number;
  first: number;
  last: number;
  /** Of the whole run. */
  most: number;
  /** More is growth. */
  bound: Bound;
}

/** None for what has to grow. */
interface Bound {
  perHour?: number;
  /** For what fills up before it is begun anew, which may take hours. */
  level?: number;
}

export interface Verdict {
  /** What is not as it should be, in words. */
  faults: string[];
  /** MB per hour, of each process that lived through the last two thirds. */
  memory: Record<string, Growth>;
  /** The same of what is left once garbage is collected. */
  heap: Record<string, Growth>;
  files: Record<string, Growth>;
  /** Messages per hour, of each stream, bucket and object store. */
  streams: Record<string, Growth>;
  /** Bytes per hour, of each part of the folder. */
  folders: Record<string, Growth>;
}

/** Below this growth is not told from warming up: what was heard is remembered for 15 minutes, and these have to be over in the first third. */
const shortestHours = 0.75;
/** Less than the least that one command could leave behind in a process: its id, its key and its state. */
const bytesPerCommand = 1024;
/** One message for fifty commands: everything that is stored of a command is at least one message, and every kind of command is more than one of fifty. */
const messagesPerCommand = 0.02;
const filesPerHour = 10;
/** A lease is over after 15 s at most, and somebody else takes what it held. The record of who had it stays for ten times as long, counted afresh after whoever
 *  takes it away was out of contact. */
const goneHours = { holdings: 25 / 3600, members: 300 / 3600 };
/** nats-server holds the block that it writes of each stream in memory, in buffers of 1/4, 1, 4 and 8 MB (filestore.go: getMsgBlockBuf, seen in its heap's profile).
 *  Of a stream that takes a few bytes each second that is hours of growth, so it is judged by its level: nine streams are written all the time, Go may leave as
 *  much again uncollected, and 30 MB it has anyway. */
const memoryLevels: Record<string, Bound> = { nats: { level: 30 + 9 * 8 * 2 } };
const mebibyte = 1024 ** 2;
/** Every run there was, kept for 400 days; two runners' journals, each begun anew after 4 MB. */
const folderBounds: Record<string, Bound> = { history: {}, runner: { level: 2 * 4.1 * mebibyte } };

/** Judges how an installation stood a steady load. @param commandsPerHour what was asked of it */
export function judge(samples: readonly Sample[], commandsPerHour: number): Verdict {
  const end = samples.at(-1)?.at ?? 0;
  const settled = samples.filter(({ at }) => at >= end / 3);
  const long = end >= shortestHours;
  const of = (what: (sample: Sample) => number | undefined, bound: Bound): Growth => {
    const pointsOf = (some: readonly Sample[]) =>
      some.flatMap((sample) => {
        const value = what(sample);
        return value === undefined ? [] : [{ at: sample.at, value }];
      });
    const points = pointsOf(settled);
    const most = Math.max(0, ...pointsOf(samples).map(({ value }) => value));
    return { perHour: growthPerHour(points), first: points[0]?.value ?? 0, last: points.at(-1)?.value ?? 0, most, bound };
  };
  const each = (names: readonly string[], growth: (name: string) => Growth) =>
    Object.fromEntries(names.map((name) => [name, growth(name)]));
  const veterans = Object.entries(settled.at(-1)?.processes ?? {}).flatMap(([name, { pid }]) =>
    settled.every(({ processes }) => processes[name]?.pid === pid) ? [name] : [],
  );
  const bytes = bytesPerCommand * commandsPerHour;
  const memory = each(veterans, (name) =>
    of(({ processes }) => processes[name]?.memory, memoryLevels[name] ?? { perHour: bytes / mebibyte }),
  );
  const heap = each(
    veterans.filter((name) => settled.some(({ processes }) => processes[name]?.heap !== undefined)),
    (name) => of(({ processes }) => processes[name]?.heap, { perHour: bytes / mebibyte }),
  );
  const files = each(veterans, (name) => of(({ processes }) => processes[name]?.fds, { perHour: filesPerHour }));
  const streams = each(namesIn(settled, "streams"), (name) =>
    of((sample) => sample.streams[name]?.messages, { perHour: messagesPerCommand * commandsPerHour }),
  );
  const folders = each(namesIn(settled, "folders"), (name) =>
    of((sample) => sample.folders[name], folderBounds[name] ?? { perHour: bytes }),
  );
  const grown = Object.entries({
    "MB of memory": memory,
    "MB in the heap": heap,
    "open files": files,
    messages: streams,
    "bytes in the folder": folders,
  });
  const faults = grown.flatMap(([what, growths]) =>
    Object.entries(growths).flatMap(([name, { perHour, most, bound }]) => [
      ...(long && bound.perHour !== undefined && perHour > bound.perHour
        ? [`${name}: ${perHour.toFixed(1)} ${what} more each hour, ${bound.perHour.toFixed(1)} at most were expected`]
        : []),
      ...(bound.level !== undefined && most > bound.level
        ? [`${name}: ${most.toFixed(0)} ${what}, ${bound.level.toFixed(0)} at most were expected`]
        : []),
    ]),
  );
  return {
    faults: [...faults, ...staleIn(samples, "holdings"), ...staleIn(samples, "members"), ...leftIn(samples.at(-1))],
    memory,
    heap,
    files,
    streams,
    folders,
  };
}

/** What processes that are gone have left, where it was there for longer than it may be. */
function staleIn(samples: readonly Sample[], what: keyof typeof goneHours): string[] {
  const since = new Map<string, number>();
  const stale = new Set<string>();
  for (const { at, gone } of samples) {
    for (const name of [...since.keys()].filter((one) => !gone[what].includes(one))) since.delete(name);
    for (const name of gone[what]) {
      const first = since.get(name) ?? at;
      since.set(name, first);
      if (at - first > goneHours[what]) stale.add(name);
    }
  }
  return [...stale].map((name) => `stale ${what}: ${name}`);
}

/** Work queues are empty when everything was answered, and nothing is ever a dead letter. */
function leftIn(sample: Sample | undefined): string[] {
  const queues = ["MESSAGE", "SEND", "ASKED", "ACTION", "FINISHED", "DEAD"];
  return queues.flatMap((name) => {
    const messages = sample?.streams[name]?.messages ?? 0;
    return messages > 0 ? [`${messages} messages are left in ${name}`] : [];
  });
}

function namesIn(samples: readonly Sample[], what: "streams" | "folders"): string[] {
  return [...new Set(samples.flatMap((sample) => Object.keys(sample[what])))];
}
