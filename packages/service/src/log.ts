import { mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { pino } from "pino";
import { Secret } from "./secret.ts";

/** Constant words, data in fields. A child carries its fields into every line, so that one key shows a whole journey. */
export interface Log {
  debug(fields: object, words: string): void;
  info(fields: object, words: string): void;
  warn(fields: object, words: string): void;
  error(fields: object, words: string): void;
  child(fields: object): Log;
}

/** JSON lines on `destination` (default: standard error, because standard output belongs to replies). Where there is no room for a line, it is lost. */
export function createLog(options: { name: string; level?: string; destination?: number | string }): Log {
  const { name, level = "info", destination = 2 } = options;
  const write = lineWriter(destination);
  return pino({ name, level, base: { pid: process.pid }, formatters: { log: hideSecrets } }, { write });
}

/** Appends each line at once, so that `kill -9` finds none in memory. What can't be written is lost: a full disk shall not end whoever writes a log.
 *  pino's own destination throws it into the middle of whatever logs. */
export function lineWriter(destination: number | string): (line: string) => void {
  let torn = false;
  const fd = typeof destination === "number" ? destination : openFile(destination);
  return (line) => {
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < bytes.length) written += writePart(fd, bytes, written);
      torn = false;
    } catch {
      torn ||= written > 0;
    }
  };
}

function openFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a", 0o600);
}

/** Waits where a pipe is full: whoever reads it is only slow. */
function writePart(fd: number, bytes: Buffer, from: number): number {
  for (;;) {
    try {
      return writeSync(fd, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(clock, 0, 0, pipePauseMs);
    }
  }
}

const clock = new Int32Array(new SharedArrayBuffer(4));
const pipePauseMs = 10;

/** A log that drops everything: for tests that look at behaviour. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

function hideSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  // Few lines have any, and all pass here.
  if (!Object.values(fields).some((value) => value instanceof Secret)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value instanceof Secret ? String(value) : value]));
}
