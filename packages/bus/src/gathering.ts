/** Holds back what comes until all that somebody else was given has come again, then gives it on as it stands in the stream: the server gives newer
 *  messages out before those that it still believes in other hands. */
export class Gathering<Item extends { readonly sequence: number }> {
  readonly #items: Item[] = [];
  readonly #over: (inOrder: Item[]) => void;
  readonly #patience: NodeJS.Timeout;
  #missing: number;

  /** @param at.missing how many have to come again
   *  @param at.patienceMs how long they are waited for: whoever has them may be alive, and deal with them after all
   *  @param at.over is called once, unless it is stopped before */
  constructor(at: { missing: number; patienceMs: number; over: (inOrder: Item[]) => void }) {
    this.#missing = at.missing;
    this.#over = at.over;
    this.#patience = setTimeout(() => this.#end(), at.patienceMs);
  }

  add(item: Item, again: boolean): void {
    this.#items.push(item);
    if (again && --this.#missing === 0) this.#end();
  }

  stop(): void {
    clearTimeout(this.#patience);
  }

  #end(): void {
    this.stop();
    this.#over(this.#items.toSorted((one, other) => one.sequence - other.sequence));
  }
}
