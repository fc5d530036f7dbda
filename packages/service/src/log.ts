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

/** JSON lines on `destination` (default: standard error, because standard output belongs to replies). */
export function createLog(options: { name: string; level?: string; destination?: number | string }): Log {
  const { name, level = "info", destination = 2 } = options;
  const stream = pino.destination({ dest: destination, sync: true, mkdir: true, append: true });
  return pino({ name, level, base: { pid: process.pid }, formatters: { log: hideSecrets } }, stream);
}

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
