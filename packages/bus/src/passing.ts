/** A map of what comes and goes. V8's own links the table that it leaves at each rehash to the next one: as soon as one of them is in the old generation, all that the later ones
 *  held then is promoted after it, and is garbage there until the next collection of everything. Here a fresh map takes over every so often, to which nothing leads.
 *  Whoever goes through it sees what it held when they began, in the order in which that was set, and may take out, but not set, meanwhile. */
export class Passing<Key, Value> {
  #map = new Map<Key, Value>();
  #taken = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): void {
    if (this.#taken > Math.max(takenAtLeast, this.#map.size * 2)) {
      this.#map = new Map(this.#map);
      this.#taken = 0;
    }
    this.#map.set(key, value);
  }

  delete(key: Key): boolean {
    const was = this.#map.delete(key);
    if (was) this.#taken++;
    return was;
  }

  keys(): IterableIterator<Key> {
    return this.#map.keys();
  }

  values(): IterableIterator<Value> {
    return this.#map.values();
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#map.entries();
  }
}

/** Fewer than pass between two young collections, so that most maps never get old. */
const takenAtLeast = 32;
