/** Calls of one kind within a time. */
export interface RateLimit {
  limit: number;
  perMs: number;
}

export interface RateLimits {
  /** Posts in one channel. Not documented (limits "should not be hard coded"): five in five seconds is what the headers say in practice. */
  messages: RateLimit;
  /** Reactions in one channel, put and taken back together. Not documented either: one in a quarter of a second is what bots see. */
  reactions: RateLimit;
  /** Every other route, per channel. */
  others: RateLimit;
  /** All calls of the bot (…/docs/topics/rate-limits#global-rate-limit). */
  global: RateLimit;
}

interface Spent {
  headers: Record<string, string>;
  /** Set when the call comes too soon: the body of the 429. */
  refused?: { message: string; retry_after: number; global: boolean };
}

/** Counts calls in fixed windows, as the X-RateLimit headers describe them. */
export class RateCounter {
  private readonly windows = new Map<string, { left: number; until: number }>();
  private readonly limits: RateLimits;
  private readonly now: () => number;

  constructor({ limits, now }: { limits: RateLimits; now: () => number }) {
    this.limits = limits;
    this.now = now;
  }

  spend(route: string, channel: string): Spent {
    const bucket = route.includes("/reactions/") ? "reactions" : route;
    const limit =
      bucket === "reactions" ? this.limits.reactions : route === "POST /channels/:id/messages" ? this.limits.messages : this.limits.others;
    const own = this.take(`${bucket} ${channel}`, limit);
    const seconds = (own.until - this.now()) / 1_000;
    const headers = {
      "X-RateLimit-Limit": String(limit.limit),
      "X-RateLimit-Remaining": String(Math.max(0, own.left)),
      "X-RateLimit-Reset": (own.until / 1_000).toFixed(3),
      "X-RateLimit-Reset-After": seconds.toFixed(3),
      "X-RateLimit-Bucket": bucketOf(bucket),
    };
    if (own.left < 0) return { headers: { ...headers, ...tooSoon(seconds, "user") }, refused: refusal(seconds, "user") };
    const all = this.take("global", this.limits.global);
    if (all.left >= 0) return { headers };
    const wait = (all.until - this.now()) / 1_000;
    return { headers: { ...tooSoon(wait, "global"), "X-RateLimit-Global": "true" }, refused: refusal(wait, "global") };
  }

  private take(name: string, { limit, perMs }: RateLimit): { left: number; until: number } {
    const now = this.now();
    const known = this.windows.get(name);
    const window = known && known.until > now ? known : { left: limit, until: now + perMs };
    window.left -= 1;
    this.windows.set(name, window);
    return window;
  }
}

export function tooSoon(seconds: number, scope: "user" | "global" | "shared"): Record<string, string> {
  // Whole seconds in the header, fractions in the body.
  return { "Retry-After": String(Math.ceil(seconds)), "X-RateLimit-Scope": scope };
}

export function refusal(seconds: number, scope: "user" | "global"): NonNullable<Spent["refused"]> {
  return { message: "You are being rate limited.", retry_after: Number(seconds.toFixed(3)), global: scope === "global" };
}

/** The same opaque word for every channel of a route. */
function bucketOf(route: string): string {
  return Buffer.from(route).toString("hex").slice(-32);
}
