import { z } from "zod";

/** How Discord names things: the moment they were made, and a number. In the order they were made. */
export const Snowflake = z.string().regex(/^\d{15,20}$/);

/** When a snowflake was made, ISO 8601. */
export function sentAt(id: string): string {
  return new Date(Number(BigInt(id) >> 22n) + epoch).toISOString();
}

/** The smallest snowflake of a moment, in milliseconds since the epoch. */
export function snowflakeAt(ms: number): string {
  return String(BigInt(Math.max(0, Math.floor(ms) - epoch)) << 22n);
}

export function isLater(one: string, other: string): boolean {
  return BigInt(one) > BigInt(other);
}

export function latest(...ids: readonly string[]): string {
  return ids.reduce((last, id) => (isLater(id, last) ? id : last), "0");
}

const epoch = 1_420_070_400_000;
