import { BoundReached } from "./error.ts";

/** How much one evaluation may take. */
export interface Limits {
  /** Evaluated nodes and items gone through. */
  readonly steps: number;
  /** Characters of one text, or items of one list. */
  readonly size: number;
  /** Calls inside calls. */
  readonly depth: number;
}

export const limits: Limits = { steps: 1_000_000, size: 10_000_000, depth: 200 };

/** What is left of the limits. One per evaluation. */
export class Budget {
  readonly limits: Limits;
  #steps = 0;
  #depth = 0;

  constructor(own: Partial<Limits> = {}) {
    this.limits = { ...limits, ...own };
  }

  spend(steps = 1): void {
    this.#steps += steps;
    if (this.#steps > this.limits.steps) throw new BoundReached("steps", this.limits.steps);
  }

  /** Asked before a text or list of this length is made. */
  size(length: number): void {
    if (length > this.limits.size) throw new BoundReached("size", this.limits.size);
    this.spend(Math.ceil(length / 100));
  }

  /** The same for what is made bit by bit: `length` in all, with this bit. */
  grow(length: number, bit: number): void {
    if (length > this.limits.size) throw new BoundReached("size", this.limits.size);
    this.spend(Math.ceil(bit / 100));
  }

  get depth(): number {
    return this.#depth;
  }

  /** After an error: nobody left the levels that it came from. */
  unwind(depth: number): void {
    this.#depth = depth;
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.limits.depth) throw new BoundReached("depth", this.limits.depth);
  }

  leave(): void {
    this.#depth -= 1;
  }
}
