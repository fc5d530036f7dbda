import { AsyncLocalStorage } from "node:async_hooks";

/** A handler comes to the book by many ways, and any of them may have to wait for a queue that is full: hence what to do then goes with the work. */
const ways = new AsyncLocalStorage<() => void>();

/** Does the work; `aside` is called, perhaps several times, when it has to wait for a full queue. */
export function steppingAside<T>(aside: () => void, work: () => Promise<T>): Promise<T> {
  return ways.run(aside, work);
}

/** How the work under way steps aside, where it can. */
export function wayAside(): (() => void) | undefined {
  return ways.getStore();
}
