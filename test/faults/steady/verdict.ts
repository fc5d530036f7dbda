import { growthPerHour } from "./trend.ts";
import type { Sample } from "./sample.ts";

export interface Growth {
  /** In the last two thirds, to the hour. */
  perHour: number;
  /** At most this is not growth. Absent where it has to grow. */
  bound?: number;
  first: number;
  last: number;
}

export interface Verdict {
  /** What is not as it should be, in words. */
  faults: string[];
  /** MB per hour, of each process that lived through the last two thirds. */
  memory: Record<string, Growth>;
  files: Record<string, Growth>;
  /** Messages per hour, of each stream, bucket and object store. */
  streams: Record<string, Growth>;
  /** Bytes per hour, of each part of the folder. */
  folders: Record<string, Growth>;
}

/** Too short to tell growth from warming up. */
const shortestHours = 0.25;
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
const server = "nats";
const serverMegabytes = 30 + 9 * 8 * 2;
/** Every run there was, kept for 400 days: it has to grow. */
const kept = new Set(["history"]);

/** Judges how an installation stood a steady load. @param commandsPerHour what was asked of it */
export function judge(samples: readonly Sample[], commandsPerHour: number): Verdict {
  const end = samples.at(-1)?.at ?? 0;
  const settled = samples.filter(({ at }) => at >= end / 3);
  const long = end >= shortestHours;
  const of = (what: (sample: Sample) => number | undefined, bound?: number): Growth => {
    const points = settled.flatMap((sample) => {
      const value = what(sample);
      return value === undefined ? [] : [{ at: sample.at, value }];
    });
    return { perHour: growthPerHour(points), bound, first: points[0]?.value ?? 0, last: points.at(-1)?.value ?? 0 };
  };
  const each = (names: readonly string[], growth: (name: string) => Growth) =>
    Object.fromEntries(names.map((name) => [name, growth(name)]));
  const veterans = Object.entries(settled.at(-1)?.processes ?? {}).flatMap(([name, { pid }]) =>
    settled.every(({ processes }) => processes[name]?.pid === pid) ? [name] : [],
  );
  const memoryBound = (bytesPerCommand * commandsPerHour) / 1024 ** 2;
  const memory = each(veterans, (name) => of(({ processes }) => processes[name]?.memory, name === server ? undefined : memoryBound));
  const files = each(veterans, (name) => of(({ processes }) => processes[name]?.fds, filesPerHour));
  const streams = each(namesIn(settled, "streams"), (name) =>
    of((sample) => sample.streams[name]?.messages, messagesPerCommand * commandsPerHour),
  );
  const folders = each(namesIn(settled, "folders"), (name) =>
    of((sample) => sample.folders[name], kept.has(name) ? undefined : bytesPerCommand * commandsPerHour),
  );
  const grown = Object.entries({ "MB of memory": memory, "open files": files, messages: streams, "bytes in the folder": folders });
  const faults = grown.flatMap(([what, growths]) =>
    Object.entries(growths).flatMap(([name, { perHour, bound }]) =>
      long && bound !== undefined && perHour > bound
        ? [`${name}: ${perHour.toFixed(1)} ${what} more each hour, ${bound.toFixed(1)} at most were expected`]
        : [],
    ),
  );
  const large = Math.max(0, ...samples.map(({ processes }) => processes[server]?.memory ?? 0));
  if (large > serverMegabytes) faults.push(`${server}: ${large.toFixed(0)} MB of memory, ${serverMegabytes} at most were expected`);
  return {
    faults: [...faults, ...staleIn(samples, "holdings"), ...staleIn(samples, "members"), ...leftIn(samples.at(-1))],
    memory,
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
