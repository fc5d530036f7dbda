/** Calls that a method takes in a minute: docs.slack.dev/apis/web-api/rate-limits, and "Rate limits" on each method's page. A little more is tolerated in
 *  reality; whoever keeps to these is safe. */
const perMinute: Readonly<Record<string, number>> = {
  "chat.update": 50,
  "chat.delete": 50,
  "chat.postEphemeral": 100,
  "conversations.history": 50,
  "conversations.replies": 50,
  "conversations.open": 50,
  "files.getUploadURLExternal": 100,
  "files.completeUploadExternal": 100,
  "files.info": 100,
  "files.delete": 50,
  "reactions.add": 50,
  "reactions.remove": 20,
  "users.conversations": 50,
  "users.info": 100,
  "bots.info": 50,
};

/** One message per second per channel; short bursts are allowed. How short, nobody says: this many here. */
const postsAtOnce = 4;
/** chat.postMessage has a limit for the whole workspace too: "several hundred messages per minute". */
const postsPerMinute = 300;

/** Counts calls as Slack does: per method, posts per channel too. */
export class RateLimits {
  private readonly calls = new Map<string, number[]>();
  private readonly minuteMs: number;
  private readonly now: () => number;

  /** @param minuteMs how long a minute is */
  constructor({ minuteMs, now }: { minuteMs: number; now: () => number }) {
    this.minuteMs = minuteMs;
    this.now = now;
  }

  /** Undefined where the call may go through, and then it counts; else how many milliseconds are left. */
  take({ method, channel = "" }: { method: string; channel?: string }): number | undefined {
    const rules = this.rulesOf(method, channel);
    const waits = rules.map((rule) => this.left(rule));
    const longest = Math.max(0, ...waits);
    if (longest > 0) return longest;
    for (const { name } of rules) this.calls.set(name, [...(this.calls.get(name) ?? []), this.now()]);
    return undefined;
  }

  private rulesOf(method: string, channel: string): { name: string; most: number; withinMs: number }[] {
    const limit = perMinute[method];
    if (limit !== undefined) return [{ name: method, most: limit, withinMs: this.minuteMs }];
    if (method !== "chat.postMessage") return [];
    return [
      { name: `${method} ${channel}`, most: postsAtOnce, withinMs: (postsAtOnce * this.minuteMs) / 60 },
      { name: method, most: postsPerMinute, withinMs: this.minuteMs },
    ];
  }

  private left({ name, most, withinMs }: { name: string; most: number; withinMs: number }): number {
    const since = this.now() - withinMs;
    const recent = (this.calls.get(name) ?? []).filter((at) => at > since);
    this.calls.set(name, recent);
    const oldest = recent[recent.length - most];
    return oldest === undefined ? 0 : oldest - since;
  }
}
