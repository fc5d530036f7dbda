/** Remembers names for a while, in two halves: the older one goes as a whole, so that forgetting costs nothing for each name and an idle process remembers
 *  none. Times are of the monotonic clock, in milliseconds. */
export class Lately {
  readonly #forMs: number;
  readonly #most: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedAt = 0;

  /** @param options.forMs each name is remembered at least this long, and at most twice
   *  @param options.most names at once; where more come, they are forgotten earlier */
  constructor(options: { forMs: number; most: number }) {
    this.#forMs = options.forMs;
    this.#most = options.most;
  }

  has(name: string): boolean {
    return this.#young.has(name) || this.#old.has(name);
  }

  add(name: string, now: number): void {
    this.forget(now);
    if (this.#young.size >= this.#most / 2) this.#turn(now);
    this.#young.add(name);
  }

  /** Forgets what is old. */
  forget(now: number): void {
    if (now - this.#turnedAt >= this.#forMs) this.#turn(now);
  }

  #turn(now: number): void {
    this.#old = this.#young;
    this.#young = new Set();
    this.#turnedAt = now;
  }
}
