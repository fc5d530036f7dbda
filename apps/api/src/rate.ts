/** Counts requests by name: so many a second, and as many again at once. `now` is milliseconds of a monotonic clock. */
export function openRates(perSecond: number): { take(name: string, now: number): { ok: true } | { ok: false; retrySeconds: number } } {
  const buckets = new Map<string, { left: number; at: number }>();
  let swept = Number.NEGATIVE_INFINITY;
  return {
    take(name, now) {
      // Whoever makes up names must not fill our memory, nor have us look through it each time; a full bucket says the same as none.
      if (buckets.size >= mostNames && now - swept > 1_000) {
        swept = now;
        for (const [known, { at }] of buckets) if (now - at > 2_000) buckets.delete(known);
      }
      const { left, at } = buckets.get(name) ?? { left: perSecond * 2, at: now };
      const filled = Math.min(perSecond * 2, left + ((now - at) / 1000) * perSecond);
      if (filled < 1) return { ok: false, retrySeconds: Math.ceil((1 - filled) / perSecond) };
      if (buckets.size < mostNames || buckets.has(name)) buckets.set(name, { left: filled - 1, at: now });
      return { ok: true };
    },
  };
}

const mostNames = 10_000;
