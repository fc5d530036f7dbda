import { buckets, token, wireVersion, type Holding, type Member } from "@bellhop/contracts";
import { openBucket } from "./bucket.ts";
import type { Bucket, WatchedEntry } from "./kept.ts";
import type { Hold, JoinOptions, MemberRef, Membership } from "./members.ts";
import { isClustered, nonce, type Link } from "./link.ts";
import { Liveness } from "./liveness.ts";

interface Seen {
  member: Member;
  revision: number;
}

/** How many lengths a dead member's record is kept. */
const keptDead = 10;

/** A process's one lease, what it holds through it, and its view of the others. */
export class Joined implements Membership {
  readonly id: string;
  readonly epoch: string;
  readonly lost: Promise<void>;
  readonly #link: Link;
  readonly #options: JoinOptions;
  readonly #members: Bucket<Member>;
  readonly #holdings: Bucket<Holding>;
  readonly #liveness: Liveness;
  readonly #key: string;
  readonly #seen = new Map<string, Seen>();
  readonly #held = new Map<string, Holding>();
  readonly #mine = new Map<string, Hold>();
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];
  #told = "";
  #beat = 1;
  #revision = 0;
  #renewedAt: number;
  #renewing = false;
  #renewal: Promise<void> | undefined;
  #isOver = false;
  #sayLost: () => void = () => undefined;

  private constructor(link: Link, options: JoinOptions) {
    this.#link = link;
    const lengthMs = isClustered(link) ? Math.max(options.lengthMs, link.durations.clusterLease) : options.lengthMs;
    this.#options = { ...options, lengthMs };
    this.id = options.id ?? `${options.role}-${nonce().slice(-10)}`;
    this.epoch = nonce();
    this.#key = memberKey(this.id);
    this.#members = openBucket(link, buckets.member);
    this.#holdings = openBucket(link, buckets.holding);
    this.#renewedAt = performance.now();
    this.#liveness = new Liveness({ lengthMs, longestGapMs: options.renewalMs * 3, now: this.#renewedAt });
    this.lost = new Promise((resolve) => (this.#sayLost = resolve));
  }

  static async join(link: Link, options: JoinOptions): Promise<Joined> {
    const joined = new Joined(link, options);
    await joined.#enter();
    return joined;
  }

  isAlive(member: string, epoch: string): boolean {
    if (member === this.id) return epoch === this.epoch && !this.#isOver;
    return this.#liveness.isAlive(member, epoch);
  }

  members(role?: Member["role"]): MemberRef[] {
    return this.#living((member) => role === undefined || member.role === role);
  }

  runnersOf(pool: string): MemberRef[] {
    return this.#living(({ role, pools }) => role === "runner" && pools?.includes(pool) !== false);
  }

  sensorRunnersOf(pool: string): MemberRef[] {
    return this.#living(({ sensors }) => sensors?.includes(pool) === true);
  }

  get lengthMs(): number {
    return this.#options.lengthMs;
  }

  silentMs(): number {
    return performance.now() - this.#renewedAt;
  }

  peers(): MemberRef[] {
    return this.#living(({ role, wire = 1 }) => role === this.#options.role && wire >= wireVersion);
  }

  outdated(pool?: string): boolean {
    const newer = this.#living(({ role, wire = 1, pools }) => {
      return role === this.#options.role && wire > wireVersion && (pool === undefined || pools?.includes(pool) !== false);
    });
    return newer.length > 0;
  }

  async hold(what: string): Promise<Hold | undefined> {
    if (this.#isOver) return undefined;
    const wanted: Holding = { v: 1, what, member: this.id, epoch: this.epoch };
    const found = await this.#holdings.get(what);
    if (found !== undefined && found.value.member === this.id && found.value.epoch === this.epoch) return this.#keep(what, found.revision);
    if (found !== undefined) {
      this.#endGone();
      if (this.isAlive(found.value.member, found.value.epoch)) return undefined;
    }
    const revision =
      found === undefined ? await this.#holdings.create(what, wanted) : await this.#holdings.update(what, wanted, found.revision);
    if (revision === undefined) return undefined;
    if (!this.#isOver) return this.#keep(what, revision);
    await this.#holdings.delete(what, revision);
    return undefined;
  }

  async release(hold: Hold): Promise<void> {
    this.#mine.delete(hold.what);
    await this.#holdings.delete(hold.what, hold.revision);
  }

  holder(what: string): MemberRef | undefined {
    const held = this.#held.get(what);
    return held !== undefined && this.isAlive(held.member, held.epoch) ? { id: held.member, epoch: held.epoch } : undefined;
  }

  held(prefix: string): string[] {
    return [...this.#held.keys()].filter((what) => what.startsWith(prefix) && this.holder(what) !== undefined);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async leave(): Promise<void> {
    const wasOver = this.#end();
    // One that is under way decides which revision is the last.
    await this.#renewal;
    await Promise.all([...this.#mine.values()].map((hold) => this.release(hold)));
    if (!wasOver) await this.#members.delete(this.#key, this.#revision);
  }

  /** Stops renewing, without telling anybody. */
  stop(): void {
    this.#end();
  }

  async #enter(): Promise<void> {
    for (;;) {
      const before = await this.#members.get(this.#key);
      this.#renewedAt = performance.now();
      // Whoever had this id is over from here on: its own next renewal finds that out.
      if (before !== undefined) this.#liveness.end(this.id, before.value.epoch);
      const revision =
        before === undefined
          ? await this.#members.create(this.#key, this.#record())
          : await this.#members.update(this.#key, this.#record(), before.revision);
      if (revision === undefined) continue;
      this.#revision = revision;
      break;
    }
    this.#liveness.contact(performance.now());
    await Promise.all([
      this.#follow(this.#members, "member.>", (entry) => this.#onMember(entry)),
      this.#follow(this.#holdings, ">", (entry) => this.#onHolding(entry)),
    ]);
    this.#stops.push(this.#link.onReconnect(() => this.#liveness.afresh(performance.now())));
    const tick = setInterval(() => this.#tick(), this.#options.renewalMs);
    this.#stops.push(() => clearInterval(tick));
    this.#tell();
  }

  #living(wanted: (member: Member) => boolean): MemberRef[] {
    const living: MemberRef[] = [];
    for (const { member } of this.#seen.values()) {
      if (wanted(member) && this.isAlive(member.id, member.epoch)) living.push({ id: member.id, epoch: member.epoch });
    }
    return living;
  }

  #follow<V>(bucket: Bucket<V>, filter: string, onEntry: (entry: WatchedEntry<V>) => void): Promise<void> {
    return new Promise((resolve) => {
      const watch = bucket.watch(filter, onEntry, { onReady: resolve });
      this.#stops.push(() => watch.stop());
    });
  }

  #onMember(entry: WatchedEntry<Member>): void {
    const { value, key } = entry;
    if (value === undefined) {
      const before = this.#seen.get(key);
      this.#seen.delete(key);
      if (before !== undefined) this.#liveness.forget(before.member.id);
      this.#tell();
      return;
    }
    this.#seen.set(key, { member: value, revision: entry.revision });
    // Where our own renewals come by, those of the others would too: a renewal that was confirmed says nothing of what we see.
    if (value.id === this.id && value.epoch === this.epoch) this.#liveness.contact(performance.now());
    if (!this.#liveness.seen(value, performance.now())) return;
    this.#endIfGone(value);
    this.#tell();
  }

  #onHolding(entry: WatchedEntry<Holding>): void {
    const before = this.#held.get(entry.key);
    if (entry.value === undefined) this.#held.delete(entry.key);
    else this.#held.set(entry.key, entry.value);
    if (before?.member === entry.value?.member && before?.epoch === entry.value?.epoch) return;
    const mine = this.#mine.get(entry.key);
    if (mine !== undefined && entry.revision > mine.revision) this.#mine.delete(entry.key);
    this.#call();
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#renewedAt > this.#options.lengthMs) return this.#lose("it could not be renewed in time");
    this.#endGone();
    this.#tell();
    this.#cleanUp();
    if (!this.#renewing) this.#renewal = this.#renew(now);
  }

  async #renew(startedAt: number): Promise<void> {
    this.#renewing = true;
    try {
      this.#beat++;
      const revision = await this.#members.update(this.#key, this.#record(), this.#revision);
      if (revision !== undefined) this.#revision = revision;
      if (this.#isOver) return;
      if (revision === undefined) {
        const now = await this.#members.get(this.#key);
        if (now?.value.epoch !== this.epoch) return this.#lose("another process took it over, or it was given up for dead");
        this.#revision = now.revision;
        return;
      }
      // From the moment it was sent: nobody else can count from earlier.
      this.#renewedAt = startedAt;
    } catch (thrown) {
      this.#link.log.warn({ member: this.id, why: String(thrown) }, "lease could not be renewed");
    } finally {
      this.#renewing = false;
    }
  }

  #cleanUp(): void {
    for (const [key, { member, revision }] of this.#seen) {
      if (member.id === this.id || this.#liveness.overdueMs(member.id) < keptDead * member.lengthMs) continue;
      this.#seen.delete(key);
      this.#members.delete(key, revision).catch(() => undefined);
    }
  }

  #endGone(): void {
    for (const { member } of this.#seen.values()) this.#endIfGone(member);
  }

  #endIfGone(member: Member): void {
    const { process } = member;
    if (process === undefined || member.id === this.id) return;
    if (this.#options.isGone?.(process) === true) this.#liveness.end(member.id, member.epoch);
  }

  #lose(why: string): void {
    if (this.#end()) return;
    this.#link.log.error({ member: this.id, epoch: this.epoch, why }, "lease lost");
    this.#sayLost();
    this.#call();
  }

  /** @returns whether it was over already */
  #end(): boolean {
    if (this.#isOver) return true;
    this.#isOver = true;
    for (const stop of this.#stops.splice(0)) stop();
    return false;
  }

  #keep(what: string, revision: number): Hold {
    const hold = { what, revision };
    this.#mine.set(what, hold);
    return hold;
  }

  /** Calls the listeners if another set of members lives than when they were called last. */
  #tell(): void {
    const living = this.members()
      .map((member) => `${member.id} ${member.epoch}`)
      .sort()
      .join(",");
    if (living === this.#told) return;
    this.#told = living;
    this.#call();
  }

  #call(): void {
    for (const listener of this.#listeners) listener();
  }

  #record(): Member {
    const { role, lengthMs, process, pools, sensors } = this.#options;
    return {
      v: 1,
      id: this.id,
      role,
      epoch: this.epoch,
      lengthMs,
      ...(process === undefined ? {} : { process }),
      beat: this.#beat,
      wire: wireVersion,
      ...(pools === undefined ? {} : { pools: [...pools] }),
      ...(sensors === undefined ? {} : { sensors: [...sensors] }),
    };
  }
}

function memberKey(id: string): string {
  return `member.${token(id)}`;
}
