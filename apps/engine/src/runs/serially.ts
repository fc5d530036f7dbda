import { Passing } from "@bellhop/bus";

/** Runs tasks of one key one after the other, those of different keys side by side. */
export class Serially {
  readonly #tails = new Passing<string, Promise<unknown>>();

  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key);
    const turn = before === undefined ? task() : before.then(task, task);
    this.#tails.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(key) === turn) this.#tails.delete(key);
    }
  }
}
