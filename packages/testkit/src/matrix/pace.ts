import { Refusal } from "./call.ts";
import type { Homeserver } from "./state.ts";

/** Synapse's leaky bucket, as its `api/ratelimiting.py` counts. Seen on Synapse 1.160: sends, reactions, redactions, state and new rooms share one per user; a
 *  transaction that is known is answered all the same; typing, uploads and reading are not counted.
 *  @throws Refusal M_LIMIT_EXCEEDED, with `retry_after_ms` and, rounded up to seconds, `Retry-After` */
export function checkPace({ pace, paced, now }: Homeserver, user: string): void {
  if (pace === undefined) return;
  const seconds = now() / 1000;
  let { count, since } = paced.get(user) ?? { count: 0, since: seconds };
  const performed = count - (seconds - since) * pace.perSecond;
  if (performed < 0) [count, since] = [0, seconds];
  if (Math.max(0, performed) > pace.burst - 1) {
    const retryAfterMs = Math.max(0, Math.ceil((since + (count - pace.burst + 1) / pace.perSecond - seconds) * 1000));
    throw limited(retryAfterMs);
  }
  paced.set(user, { count: count + 1, since });
}

export function limited(retryAfterMs: number): Refusal {
  const more = { retry_after_ms: retryAfterMs };
  return new Refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests", more, { "Retry-After": String(Math.ceil(retryAfterMs / 1000)) });
}
