import type { Bus } from "@bellhop/bus";
import { buckets, sensorKey, type SensorStatus } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { maskText, maskValue } from "../secrets.ts";
import type { Level } from "./lines.ts";

/** What is known of an instance, for whoever looks after it. Written when it changes, once a second at most. */
export interface Status {
  now(): SensorStatus;
  change(what: Partial<Omit<SensorStatus, "v" | "sensor" | "partition" | "runner" | "log">>): void;
  /** Puts a line to its log; secrets in it are masked. */
  say(level: Level, text: string): void;
  /** What must not be seen from now on. */
  hide(secrets: readonly string[]): void;
  /** A copy of a value without them. */
  masked(value: unknown): unknown;
  /** Writes at once what is left to be written. */
  settle(): Promise<void>;
}

/** Each write stands on the one before it: how an instance ended is said also when its lease is over by then, unless somebody has begun it anew.
 *  @param at.revision of what was written before; 0: nothing
 *  @param at.mayWrite whether the instance is this runner's, and what somebody else wrote meanwhile is over */
export function openStatus(at: {
  bus: Pick<Bus, "bucket">;
  first: SensorStatus;
  revision: number;
  mayWrite: () => boolean;
  everyMs: number;
  log: Log;
}): Status {
  const { bus, mayWrite, everyMs, log } = at;
  const bucket = bus.bucket(buckets.sensorStatus);
  let status = at.first;
  let secrets: readonly string[] = [];
  let waiting: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let changed = false;
  /** What was said since the log was last cut: much may come at once. */
  let said: SensorStatus["log"] = [];
  const keep = () => {
    if (said.length > 0) status = { ...status, log: lastOf([...status.log, ...said]) };
    said = [];
  };
  let { revision } = at;
  const key = sensorKey({ sensor: status.sensor, index: status.partition.index });

  const store = async (): Promise<void> => {
    const written = revision === 0 ? await bucket.create(key, status) : await bucket.update(key, status, revision);
    if (written !== undefined) {
      revision = written;
      return;
    }
    if (!mayWrite()) return;
    revision = (await bucket.get(key))?.revision ?? 0;
    await store();
  };
  const write = () => {
    waiting = undefined;
    if (!changed) return;
    changed = false;
    keep();
    writing = store().catch((error: unknown) => log.warn({ error: String(error) }, "a sensor's status could not be written"));
  };
  const touch = () => {
    changed = true;
    // One at a time: while NATS is away, one write waits for it and not a queue of them.
    waiting ??= setTimeout(() => void writing.then(write), everyMs).unref();
  };
  return {
    now: () => status,
    change(what) {
      const { until: _, ...rest } = status;
      const { state, since } = status;
      const at = what.state !== undefined && what.state !== state ? new Date().toISOString() : since;
      const error = what.error === undefined ? {} : { error: { ...what.error, why: cut(maskText(what.error.why, secrets)) } };
      status = { ...(what.state === undefined ? status : rest), since: at, ...what, ...error };
      touch();
    },
    say(level, text) {
      const line = { at: new Date().toISOString(), level, text: cut(maskText(text, secrets)) };
      said.push(line);
      if (said.length > 2 * mostLines) keep();
      touch();
    },
    hide(texts) {
      // What has several lines is printed line by line.
      const lines = texts.flatMap((text) => text.split(/\r?\n/)).filter((text) => text.length >= shortestLine);
      secrets = [...new Set([...texts, ...lines])].toSorted((a, b) => b.length - a.length);
    },
    masked: (value) => maskValue(value, secrets),
    async settle() {
      clearTimeout(waiting);
      await writing;
      write();
      await writing;
    },
  };
}

const mostLines = 100;
const mostText = 16 * 1024;
const longest = 1_000;
const shortestLine = 8;

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function lastOf(lines: SensorStatus["log"]): SensorStatus["log"] {
  let room = mostText;
  const from = lines.findLastIndex(({ text }) => (room -= text.length) < 0);
  return lines.slice(Math.max(from + 1, lines.length - mostLines));
}
