import { Passing } from "./passing.ts";

/** Keeps the order within each key and lets other keys pass: one item of a key at a time, the next when it is done. */
export class Lanes<Item> {
  readonly #lanes = new Passing<string, Item[]>();
  readonly #keys = new Passing<Item, string>();
  #ready: Item[] = [];
  #busy = 0;

  /** Items that a handler works on or could begin now. */
  get runnable(): number {
    return this.#busy + this.#ready.length;
  }

  get busy(): number {
    return this.#busy;
  }

  add(key: string, item: Item): void {
    this.#keys.set(item, key);
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.push(item);
      return;
    }
    this.#lanes.set(key, [item]);
    this.#ready.push(item);
  }

  /** The next item to begin, which is busy from now on. */
  take(): Item | undefined {
    const item = this.#ready.shift();
    if (item !== undefined) this.#busy++;
    return item;
  }

  /** The item is over: its key goes on with the next. */
  done(item: Item): void {
    this.#busy--;
    const key = this.#keys.get(item);
    if (key === undefined) return;
    this.#keys.delete(item);
    const lane = this.#lanes.get(key);
    lane?.shift();
    const next = lane?.[0];
    if (next === undefined) this.#lanes.delete(key);
    else this.#ready.push(next);
  }

  /** The item stays first of its key but does nothing for now. */
  rest(_item: Item): void {
    this.#busy--;
  }

  /** A resting item may begin again. */
  wake(item: Item): void {
    if (this.#keys.has(item)) this.#ready.push(item);
  }
}
