import { InvalidArgumentError } from "commander";
import { lengthMs } from "./times.ts";

/** @throws InvalidArgumentError when it is no positive number */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Expected a number of seconds.");
  return value;
}

/** @throws InvalidArgumentError when it is no whole number, 0 or more */
export function number(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number, 0 or more.");
  return Number(text);
}

/** @throws InvalidArgumentError when it is no whole number above 0 */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a count above 0.");
  return Number(text);
}

/** Milliseconds of `90s`, `30m`, `2h`, `7d`. @throws InvalidArgumentError */
export function lengthOfTime(text: string): number {
  const ms = lengthMs(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError("Expected a length of time, such as 30m, 2h or 7d.");
  return ms;
}

/** `12.3 MB`, for people. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}
