/** Who lives, by the watcher's monotonic clock alone. Time here runs only while the watcher itself is in contact: it is read from its own
 *  last renewal that came by in what it watches, by the same way as those of the others. */
export class Liveness {
  readonly #members = new Map<string, { epoch: string; lengthMs: number; seenAt: number; over: boolean }>();
  /** Epochs that are over for good. */
  readonly #ended = new Set<string>();
  /** Asked about, never seen: what names them may have come faster than their record. */
  readonly #unseen = new Map<string, number>();
  readonly #lengthMs: number;
  readonly #longestGapMs: number;
  #contactAt: number;

  /** @param options.lengthMs how long one that was never seen gets
   *  @param options.longestGapMs a longer silence of the watcher itself starts every count afresh */
  constructor(options: { lengthMs: number; longestGapMs: number; now: number }) {
    this.#lengthMs = options.lengthMs;
    this.#longestGapMs = options.longestGapMs;
    this.#contactAt = options.now;
  }

  /** A member's record was seen. @returns whether it is new, or lives in a new epoch */
  seen(member: { id: string; epoch: string; lengthMs: number }, now: number): boolean {
    const { id, epoch, lengthMs } = member;
    const before = this.#members.get(id);
    const name = nameOf(id, epoch);
    this.#unseen.delete(name);
    if (before !== undefined && before.epoch !== epoch) this.#end(id, before.epoch);
    const over = this.#ended.has(name);
    this.#members.set(id, { epoch, lengthMs, seenAt: now, over });
    return before?.epoch !== epoch;
  }

  /** It gave itself up, was cleaned away, or its process is gone. */
  end(id: string, epoch?: string): void {
    const member = this.#members.get(id);
    if (epoch !== undefined && member?.epoch !== epoch) this.#end(id, epoch);
    else if (member !== undefined) {
      member.over = true;
      this.#end(id, member.epoch);
    }
  }

  /** Drops a record that was cleaned away. */
  forget(id: string): void {
    this.end(id);
    this.#members.delete(id);
  }

  /** The watcher's own renewal came by. */
  contact(now: number): void {
    if (now - this.#contactAt > this.#longestGapMs) this.afresh(now);
    this.#contactAt = now;
  }

  /** The watcher was away: nobody's silence until now counts. */
  afresh(now: number): void {
    this.#contactAt = now;
    for (const member of this.#members.values()) member.seenAt = Math.max(member.seenAt, now);
    for (const name of this.#unseen.keys()) this.#unseen.set(name, now);
  }

  isAlive(id: string, epoch: string): boolean {
    const name = nameOf(id, epoch);
    if (this.#ended.has(name)) return false;
    const member = this.#members.get(id);
    if (member?.epoch === epoch) {
      // Once over, always over: what it held may be somebody else's by now.
      if (this.#contactAt - member.seenAt > member.lengthMs) this.end(id, epoch);
      return !member.over;
    }
    const since = this.#unseen.get(name);
    if (since === undefined) {
      this.#unseen.set(name, this.#contactAt);
      return true;
    }
    if (this.#contactAt - since <= this.#lengthMs) return true;
    this.#end(id, epoch);
    return false;
  }

  /** For how long nothing was seen of a member, beyond its length; 0 while it lives. */
  overdueMs(id: string): number {
    const member = this.#members.get(id);
    return member === undefined ? 0 : Math.max(0, this.#contactAt - member.seenAt - member.lengthMs);
  }

  #end(id: string, epoch: string): void {
    const name = nameOf(id, epoch);
    this.#unseen.delete(name);
    this.#ended.add(name);
    if (this.#ended.size <= 10_000) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      return;
    }
  }
}

function nameOf(id: string, epoch: string): string {
  return `${id} ${epoch}`;
}
