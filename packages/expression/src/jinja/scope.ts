/** The names of one block, and behind them those of the blocks around it. */
export class Scope {
  readonly #names = new Map<string, unknown>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** Undefined where nothing has set it. */
  get(name: string): unknown {
    const value = this.#names.get(name);
    return value === undefined ? this.#outer?.get(name) : value;
  }

  set(name: string, value: unknown): void {
    this.#names.set(name, value);
  }
}
