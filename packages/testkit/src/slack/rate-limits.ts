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

/** "One message per second per channel", and "short bursts >1 allowed". How short, nobody says: this many beyond the pace here. */
const postsAtOnce = 4;
/** chat.postMessage has a limit for the whole workspace too: "several hundred messages per minute". */
const postsPerMinute = 300;

/** Counts calls as Slack does: per method in any minute, posts at the pace of their channel too. */
export class RateLimits {
  private readonly calls = new Map<string, number[]>();
  /** When each channel's next post would be due, were they all made at its pace. */
  private readonly due = new Map<string, number>();
  private readonly minuteMs: number;
  private readonly now: () => number;

  /** @param minuteMs how long a minute is */
  constructor({ minuteMs, now }: { minuteMs: number; now: () => number }) {
    this.minuteMs = minuteMs;
    this.now = now;
  }

  /** Undefined where the call may go through, and then it counts; else how many milliseconds are left. */
  take({ method, channel = "" }: { method: string; channel?: string }): number | undefined {
    const isPost = method === "chat.postMessage";
    const most = isPost ? postsPerMinute : perMinute[method];
    if (most === undefined) return undefined;
    const left = Math.max(this.leftInMinute(method, most), isPost ? this.leftInChannel(channel) : 0);
    if (left > 0) return left;
    const now = this.now();
    this.calls.set(method, [...(this.calls.get(method) ?? []), now]);
    if (isPost) this.due.set(channel, Math.max(this.due.get(channel) ?? 0, now) + this.secondMs);
    return undefined;
  }

  private get secondMs(): number {
    return this.minuteMs / 60;
  }

  private leftInMinute(method: string, most: number): number {
    const since = this.now() - this.minuteMs;
    const recent = (this.calls.get(method) ?? []).filter((at) => at > since);
    this.calls.set(method, recent);
    const oldest = recent[recent.length - most];
    return oldest === undefined ? 0 : oldest - since;
  }

  private leftInChannel(channel: string): number {
    return (this.due.get(channel) ?? 0) - (postsAtOnce - 1) * this.secondMs - this.now();
  }
}
